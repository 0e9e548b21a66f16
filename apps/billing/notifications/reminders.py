"""What payers are told of what is due: the bill's number, how much, and until when."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.billing import selectors
from apps.billing.models import Instalment
from apps.common import wall_time
from apps.common.money import Money
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

GROUP = "payments"
EXAMPLE: dict[str, Any] = {
    "bill_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e62",
    "instalment_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e63",
    "number": "BL-7K3Q9F2M",
    "amount": "US$1,250.00",
    "owed": "1.25E+3",
    "day": "14 December 2026",
    "days_before": 3,
}

PAYMENT_DUE = catalogue.register(
    Kind(
        name="billing.payment_due",
        group=GROUP,
        label=_("Reminders of payments that are due"),
        subject=_("Bill %(number)s: a payment is due on %(day)s"),
        summary=_("%(amount)s of your bill %(number)s is due on %(day)s."),
        transactional=True,
        overtaken=selectors.overtaken_due_reminders,
        example=EXAMPLE,
    )
)
PAYMENT_OVERDUE = catalogue.register(
    Kind(
        name="billing.payment_overdue",
        group=GROUP,
        label=_("Payments that are overdue"),
        subject=_("Bill %(number)s: a payment was due on %(day)s"),
        summary=_("%(amount)s of your bill %(number)s was due on %(day)s."),
        transactional=True,
        overtaken=selectors.overtaken_due_reminders,
        example=EXAMPLE | {"days_before": -3},
    )
)


def payments_due(instalments: Sequence[Instalment], days_before: Mapping[UUID, int]) -> None:
    """Their payers are reminded, once for each instalment and distance; `days_before` says which reminder this is."""
    for kind, is_overdue in ((PAYMENT_DUE, False), (PAYMENT_OVERDUE, True)):
        letters = [
            services.Letter(
                part.bill.payer, f"payment_due:{part.pk}:{days_before[part.pk]}", _context(part, days_before[part.pk])
            )
            for part in instalments
            if (days_before[part.pk] < 0) == is_overdue
        ]
        if letters:
            services.notify_each(kind=kind, letters=letters)


def _context(part: Instalment, days: int) -> dict[str, Any]:
    language = part.bill.payer.language
    return {
        "bill_id": str(part.bill_id),
        "instalment_id": str(part.pk),
        "number": part.bill.number,
        "amount": Money(part.owed, part.currency).format(language),
        "owed": str(part.owed.normalize()),
        "day": wall_time.day(part.due_on, language),
        "days_before": days,
    }

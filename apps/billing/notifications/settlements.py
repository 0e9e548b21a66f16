"""What a hospital's staff are told when Medivoy has paid out to them: how much, and the statement."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.documents import settlements as documents
from apps.billing.models import Settlement
from apps.common import texts
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Attachment, Kind


def _statement(message: Any) -> Sequence[Attachment]:
    """The PDF in the language of its reader, while they are the hospital's staff."""
    settlement = Settlement.objects.visible_to(message.recipient).filter(pk=message.context["settlement_id"]).first()
    if settlement is None:
        return []
    pdf = documents.settlement_pdf(settlement, message.recipient.language)
    return [Attachment(content_type="application/pdf", content=pdf, name=f"{settlement.number}.pdf")]


SETTLEMENT_PAID = catalogue.register(
    Kind(
        name="billing.settlement_paid",
        group="payments",
        label=_("Settlement paid out"),
        subject=_("Settlement %(number)s has been paid out"),
        summary=_("%(amount)s is on its way to the bank account of %(hospital)s."),
        transactional=True,
        attachments=_statement,
        example={
            "settlement_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60",
            "number": "ST-7K3Q9F2M",
            "amount": "US$12,500.00",
            "hospital": "Lotus Heart Centre",
        },
    )
)


def settlement_paid(settlement: Settlement, staff: Iterable[User]) -> None:
    """The hospital's staff get the statement, each in their language."""
    letters = [
        services.Letter(
            recipient=reader,
            event=f"settlement.paid:{settlement.pk}",
            context={
                "settlement_id": str(settlement.pk),
                "number": settlement.number,
                "amount": settlement.figure("total").format(reader.language),
                "hospital": texts.chosen(settlement.hospital, "name", reader.language).text,
            },
        )
        for reader in staff
    ]
    services.notify_each(kind=SETTLEMENT_PAID, letters=letters)

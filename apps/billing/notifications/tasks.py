"""What platform admins are told of money that needs a person at once."""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.billing.models import MoneyTask
from apps.common.money import Money
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

TASK_OPENED = catalogue.register(
    Kind(
        name="billing.money_task_opened",
        group="payments",
        label=_("Something about money needs a person"),
        subject=_("%(what)s: %(number)s"),
        summary=_("%(what)s: %(number)s, %(amount)s."),
        transactional=True,
        example={
            "what": "A payment is disputed",
            "number": "PY-4H8T2W6X",
            "amount": "US$1,250.00",
            "due_at": "2031-01-06T03:30:00+00:00",
            "page": "/admin/billing/moneytask/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e61/change/",
        },
    )
)


def money_task_opened(task: MoneyTask) -> None:
    """Every active admin reads what it is, of which payment or bill, how much, and until when."""
    letters = []
    for reader in User.objects.filter(role=Role.ADMIN, is_active=True):
        with translation.override(reader.language):
            letters.append(
                services.Letter(
                    reader,
                    f"money_task:{task.pk}",
                    {
                        "what": str(task.get_kind_display()),
                        "number": str(task.payment or task.bill or ""),
                        "amount": _amount(task, reader.language),
                        "due_at": task.due_at.isoformat() if task.due_at else "",
                        "page": reverse("admin:billing_moneytask_change", args=[task.pk]),
                    },
                )
            )
    services.notify_each(kind=TASK_OPENED, letters=letters)


def _amount(task: MoneyTask, language: str) -> str:
    return "" if task.amount is None else Money(task.amount, task.currency).format(language)

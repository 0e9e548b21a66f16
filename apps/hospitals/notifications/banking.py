"""That a hospital's bank account was changed: to platform admins and to its staff, as this is how money is stolen.

No message holds a number of an account, not even its end.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import BankAccount, Hospital
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import wording

BANK_ACCOUNT_SET = catalogue.register(
    Kind(
        name="hospitals.bank_account_set",
        group="directory",
        label=_("A hospital's bank account was changed"),
        subject=_("The bank account of %(hospital)s was changed"),
        summary=_("%(by)s has entered another bank account. If you do not expect this, please speak to %(hospital)s."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "by": "Asha Rao", "is_shared": True},
    )
)
BANK_ACCOUNT_REMOVED = catalogue.register(
    Kind(
        name="hospitals.bank_account_removed",
        group="directory",
        label=_("A hospital's bank account was removed"),
        subject=_("The bank account of %(hospital)s was removed"),
        summary=_("%(by)s has removed the bank account. If you do not expect this, please speak to %(hospital)s."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "by": "Asha Rao"},
    )
)


def bank_account_set(
    account: BankAccount, readers: Iterable[User], *, by: User | None, is_shared: bool, at: datetime
) -> None:
    """`is_shared`: another hospital is paid to the same account, which platform admins are told."""
    letters = [
        services.Letter(
            recipient=reader,
            event=f"bank_account.set:{account.pk}:{at.isoformat()}",
            context={
                **_said(account.hospital, reader, by),
                "is_shared": is_shared and reader.is_platform_admin,  # of other hospitals its staff know nothing
            },
        )
        for reader in readers
    ]
    services.notify_each(kind=BANK_ACCOUNT_SET, letters=letters)


def bank_account_removed(hospital: Hospital, readers: Iterable[User], *, by: User | None, at: datetime) -> None:
    letters = [
        services.Letter(
            recipient=reader,
            event=f"bank_account.removed:{hospital.pk}:{at.isoformat()}",
            context=_said(hospital, reader, by),
        )
        for reader in readers
    ]
    services.notify_each(kind=BANK_ACCOUNT_REMOVED, letters=letters)


def _said(hospital: Hospital, reader: User, by: User | None) -> dict[str, str]:
    return {"hospital": wording.hospital_name(hospital, reader), "by": str(by) if by else "Medivoy"}

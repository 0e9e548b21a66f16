"""Verbs on a hospital's bank account. All of them hold the hospital's lock.

Money is stolen by changing where it goes: platform admins and the hospital's staff are told of every change.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common import encryption
from apps.common.exceptions import raise_if
from apps.hospitals import notifications, rules
from apps.hospitals.models import BankAccount, Hospital

from . import texts
from .hospitals import is_staff_of

FIELDS = frozenset({"holder", "bank", "country", "number", "bic", "currency"})


@transaction.atomic
def set_bank_account(hospital: Hospital, *, by: User | None, **given: Any) -> BankAccount:
    """The hospital is paid to this account; fields that are not named stay. Platform admins and the hospital's staff
    are told; admins also when another hospital is paid to the same account. Raises Forbidden, Invalid."""
    now = timezone.now()
    hospital = Hospital.objects.lock(hospital.pk)
    present = BankAccount.objects.filter(hospital=hospital).first()
    before = _content(present) if present else None
    account = present or BankAccount(hospital=hospital)
    for name in {"number", "bic"} & set(given):
        given[name] = rules.without_spaces(given[name])
    texts.write(account, given if present else dict.fromkeys(FIELDS - {"bic"}, "") | given, texts=(), plain=FIELDS)
    raise_if(rules.why_not_keep_bank_account(account, by=by, is_own=is_staff_of(hospital, by)))
    if _content(account) == before:
        return account
    account.save()
    same = BankAccount.objects.filter(encryption.lookup(BankAccount, "number", account.number))
    is_shared = same.exclude(pk=account.pk).exists()
    notifications.bank_account_set(account, _told_of(hospital), by=by, is_shared=is_shared, at=now)
    return account


@transaction.atomic
def remove_bank_account(account: BankAccount, *, by: User | None) -> None:
    """The hospital has no account to be paid to; platform admins and the hospital's staff are told. Raises
    Forbidden."""
    now = timezone.now()
    hospital = Hospital.objects.lock(account.hospital_id)
    raise_if(rules.why_not_keep_hospital(by=by, is_own=is_staff_of(hospital, by)))
    removed, _rows = BankAccount.objects.filter(pk=account.pk).delete()
    if removed:
        notifications.bank_account_removed(hospital, _told_of(hospital), by=by, at=now)


def _content(account: BankAccount) -> tuple[str, ...]:
    return tuple(str(getattr(account, name)) for name in sorted(FIELDS))


def _told_of(hospital: Hospital) -> list[User]:
    people = User.objects.filter(is_active=True)
    return [*people.filter(role=Role.ADMIN), *people.filter(hospital_links__hospital=hospital)]

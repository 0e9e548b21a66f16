"""Closing an account, reopening it, and holding the erasure back."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts import services as account_services
from apps.accounts.models import User
from apps.clinical.models import Patient
from apps.common.exceptions import Forbidden, raise_if
from apps.interop import exceptions, notifications, rules
from apps.interop.models import Closure, LegalHold
from apps.interop.selectors import people
from apps.interop.workflow import ClosureStatus


def close_account(patient: Patient, *, password: str, by: User) -> Closure:
    """Nobody signs in with the account any more, and in thirty days what may be erased is; until then an admin can
    reopen it. Not to be called inside a transaction. Raises Forbidden, WrongPassword, StandsInTheWay, ClosedAlready."""
    now = timezone.now()
    if patient.user_id != by.pk:
        raise Forbidden()
    account_services.confirm_password(by, password)
    with transaction.atomic():
        patient = Patient.objects.lock(patient.pk)
        standing = Closure.objects.filter(patient=patient).exclude(status=ClosureStatus.REOPENED).first()
        raise_if(rules.why_not_close(standing, to_come=people.to_come(patient, now=now)))
        closure = Closure.objects.create(patient=patient, erase_at=now + rules.REOPENING_FOR)
        notifications.account_closed(closure)
        account_services.close_own_account(by, now=now)
    return closure


@transaction.atomic
def reopen_account(closure_id: UUID, *, by: User, note: str = "") -> Closure:
    """The person can sign in again, and nothing is erased. Raises Forbidden, NotToReopen."""
    now = timezone.now()
    if not by.is_platform_admin:
        raise Forbidden()
    closure = Closure.objects.lock(closure_id)
    raise_if(rules.why_not_reopen(closure))
    closure.reopened_at, closure.reopened_by, closure.reopening_note = now, by, note
    closure.move_to(ClosureStatus.REOPENED, by=by, at=now, fields=["reopened_at", "reopened_by", "reopening_note"])
    account_services.activate_user(closure.patient.user, by=by)
    notifications.account_reopened(closure)
    return closure


@transaction.atomic
def place_hold(patient: Patient, *, reason: str, by: User) -> LegalHold:
    """Nothing of this patient is erased until the hold is lifted. Raises Forbidden, OnHold."""
    if not by.is_platform_admin:
        raise Forbidden()
    patient = Patient.objects.lock(patient.pk)
    if LegalHold.objects.standing().filter(patient=patient).exists():
        raise exceptions.OnHold()
    return LegalHold.objects.create(patient=patient, reason=reason, placed_by=by)


@transaction.atomic
def lift_hold(hold_id: UUID, *, by: User) -> LegalHold:
    """What is due is erased with the job's next run. Raises Forbidden, HoldIsLifted."""
    if not by.is_platform_admin:
        raise Forbidden()
    hold = LegalHold.objects.lock(hold_id)
    raise_if(rules.why_not_lift(hold))
    hold.lifted_at, hold.lifted_by = timezone.now(), by
    hold.save(update_fields=["lifted_at", "lifted_by", "updated_at"])
    return hold

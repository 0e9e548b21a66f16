"""Decisions about laboratories, and about tests up to their result."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.workflow import LAB_TEST, LabTestStatus
from apps.common.exceptions import DomainError, Forbidden, Invalid

#: Beyond it no sample is planned.
FARTHEST_PLAN = timedelta(days=366)
#: Before the sample is taken, what is asked for may still be said otherwise.
BEFORE_SAMPLE = frozenset({LabTestStatus.REQUESTED, LabTestStatus.SCHEDULED})
#: The statuses that are reached by a plain move; the others have their own verb.
PLAIN_MOVES = (LabTestStatus.SCHEDULED, LabTestStatus.SAMPLE_TAKEN, LabTestStatus.IN_PROGRESS)


def why_not_keep_laboratory(*, by: User | None, is_own: bool) -> DomainError | None:
    """Platform admins keep every laboratory, and a hospital's staff those of their hospital."""
    if by is None or by.role == Role.ADMIN or (by.role == Role.HOSPITAL_ADMIN and is_own):
        return None
    return Forbidden()


def why_not_request(*, role: str, cares: bool, is_licensed: bool, laboratory_is_active: bool) -> DomainError | None:
    """A doctor with a licence asks for a test of a patient in their care, without further consent; a platform admin
    enters it for such a doctor. The laboratory is one that works."""
    if role not in {Role.DOCTOR, Role.ADMIN}:
        return Forbidden()
    if not cares:
        return exceptions.TestNeedsCare()
    if not is_licensed:
        return exceptions.MayNotRequestTests()
    return None if laboratory_is_active else exceptions.LaboratoryNotActive()


def why_not_handle(role: str, *, is_requester: bool) -> DomainError | None:
    """A test is moved forward by the doctor who asked for it, the laboratory that makes it, and platform admins. Of
    the tests of other laboratories a hospital's staff can write nothing at all."""
    return None if role in {Role.HOSPITAL_ADMIN, Role.ADMIN} or is_requester else Forbidden()


def why_not_describe(status: str, *, role: str) -> DomainError | None:
    """Instructions and priority are the doctor's, until the sample is taken."""
    if role not in {Role.DOCTOR, Role.ADMIN}:
        return Forbidden()
    return None if status in BEFORE_SAMPLE else exceptions.SampleTaken()


def why_not_schedule(status: str, at: datetime | None, *, role: str, now: datetime) -> DomainError | None:
    """The sample is planned for a time to come, within a year; a planned one may be planned anew."""
    if status != LabTestStatus.SCHEDULED:
        refusal = LAB_TEST.why_not_move(status, LabTestStatus.SCHEDULED, role)
        if refusal:
            return refusal
    if at is None:
        return Invalid(errors={"scheduled_at": [_("Say when the sample is to be taken.")]})
    if not now < at <= now + FARTHEST_PLAN:
        return Invalid(errors={"scheduled_at": [_("Give a time in the coming year.")]})
    return None


def why_not_take_sample(status: str, at: datetime, created_at: datetime, *, role: str, now: datetime) -> Any:
    """A sample has been taken at some time between the request and now."""
    refusal = LAB_TEST.why_not_move(status, LabTestStatus.SAMPLE_TAKEN, role)
    if refusal:
        return refusal
    if not created_at <= at <= now:
        return Invalid(errors={"sampled_at": [_("Give a time after the request that is not in the future.")]})
    return None


def why_not_cancel_test(status: str, reason: str, *, role: str) -> DomainError | None:
    """Whoever asked for a test cancels it while there is no result, and says why."""
    refusal = LAB_TEST.why_not_move(status, LabTestStatus.CANCELLED, role)
    if refusal is None and not reason.strip():
        return exceptions.CancellationNeedsReason(errors={"reason": [exceptions.CancellationNeedsReason.message]})
    return refusal

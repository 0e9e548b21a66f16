"""Decisions about results: how a value compares with its range, who answers a critical one, when the patient has it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.models import LabValue
from apps.clinical.workflow import LAB_TEST, LabTestStatus
from apps.common.exceptions import DomainError, Forbidden, Invalid

from . import laboratories

Flag = LabValue.Flag

MAX_VALUES = 100
CRITICAL = frozenset({Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH})
#: When a critical result that nobody has acknowledged is told of again: the first time to the doctor and the
#: laboratory's hospital, the second time to them and the coordinators.
ESCALATIONS = (timedelta(hours=1), timedelta(hours=4))


def flag_of(
    number: Decimal | None,
    *,
    low: Decimal | None = None,
    high: Decimal | None = None,
    critical_low: Decimal | None = None,
    critical_high: Decimal | None = None,
    is_abnormal: bool | None = None,
) -> str:
    """A value on a limit is still within it: 5.1 is normal where normal goes to 5.1. A number without any limit, and a
    value in words, are abnormal or normal as the laboratory says, and nothing where it does not say."""
    limits = (low, high, critical_low, critical_high)
    if number is None or all(limit is None for limit in limits):
        return {None: Flag.NONE, True: Flag.ABNORMAL, False: Flag.NORMAL}[is_abnormal]
    if critical_low is not None and number < critical_low:
        return Flag.CRITICAL_LOW
    if critical_high is not None and number > critical_high:
        return Flag.CRITICAL_HIGH
    if low is not None and number < low:
        return Flag.LOW
    if high is not None and number > high:
        return Flag.HIGH
    # Only critical limits are given: between them nothing says that it is normal.
    return Flag.NONE if low is None and high is None else Flag.NORMAL


def is_critical(flags: Iterable[str], *, is_said: bool) -> bool:
    """A result is critical when one of its values is, or when the laboratory says so of a report in words."""
    return is_said or bool(CRITICAL & set(flags))


def why_wrong_value(number: Any, text: str, limits: Sequence[Decimal | None]) -> DomainError | None:
    """A value is a number or words, not both; its limits are in order: critical below, normal from, normal to, critical
    above."""
    if (number is None) == (not text):
        return Invalid(errors={"number": [_("Give the value as a number or in words.")]})
    given = [limit for limit in limits if limit is not None]
    if given != sorted(given):
        return Invalid(errors={"low": [_("The limits are not in order: critical low, low, high, critical high.")]})
    return None


def why_too_many_values(count: int) -> DomainError | None:
    """A result has at most a hundred values."""
    if count > MAX_VALUES:
        return Invalid(errors={"values": [_("At most %(count)d values.") % {"count": MAX_VALUES}]})
    return None


def why_not_report(
    status: str, *, role: str, current: int | None, corrects: int | None, reason: str, is_empty: bool
) -> DomainError | None:
    """The laboratory reports a result once the sample is taken: values, a file, or both. What is there already is
    corrected only by someone who has seen it, and says why. `current` and `corrects` are numbers of versions."""
    refusal = LAB_TEST.why_not_move(status, LabTestStatus.RESULT_READY, role)
    if refusal:
        return refusal
    if is_empty:
        return Invalid(errors={"values": [_("Give values, a file, or both.")]})
    if current is None:
        is_stale = corrects is not None
    elif corrects is None:
        return exceptions.ResultExists()
    else:
        is_stale = corrects != current
    if is_stale:
        return exceptions.StaleResult()
    if current is not None and not reason.strip():
        message = exceptions.CorrectionNeedsReason.message
        return exceptions.CorrectionNeedsReason(errors={"correction_reason": [message]})
    return None


def why_not_acknowledge(
    *, role: str, seen: int, current: int, is_critical: bool, is_acknowledged: bool
) -> DomainError | None:
    """A doctor who treats the patient says that they have seen the critical value: the one that stands now."""
    if role != Role.DOCTOR:
        return Forbidden()
    if not is_critical or is_acknowledged:
        return exceptions.NothingToAcknowledge()
    return None if seen == current else exceptions.StaleResult()


def why_not_review(
    status: str, *, role: str, seen: int | None, current: int | None, needs_acknowledgement: bool
) -> DomainError | None:
    """A doctor reviews the result that stands now; a critical one is acknowledged first."""
    refusal = LAB_TEST.why_not_move(status, LabTestStatus.REVIEWED, role)
    if refusal:
        return refusal
    if status == LabTestStatus.REVIEWED:  # whose edge to itself is the release
        return exceptions.ReviewedAlready()
    if seen is not None and seen != current:
        return exceptions.StaleResult()
    return exceptions.NotAcknowledged() if needs_acknowledgement else None


def why_not_release(status: str, released_at: datetime | None, *, role: str) -> DomainError | None:
    """The patient gets a result after a doctor has reviewed it."""
    if role not in {Role.DOCTOR, Role.ADMIN}:
        return Forbidden()
    if released_at is not None:
        return exceptions.ReleasedAlready()
    return None if status == LabTestStatus.REVIEWED else exceptions.NotReviewed()


def may_read_result(role: str, released_at: datetime | None) -> bool:
    """Patients, and coordinators whom they let, read a result after its release; until then they see how far the test
    has come."""
    return released_at is not None or role not in {Role.PATIENT, Role.COORDINATOR}


def may_read_notes_of_test(role: str) -> bool:
    """Notes beside the moves are those of doctors and the laboratory to one another."""
    return role in {Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.ADMIN}


def steps_due(reported_at: datetime, now: datetime) -> int:
    """How many of the escalations are due by now."""
    return sum(now >= reported_at + after for after in ESCALATIONS)


def may_act_on_test(role: str, ground: str) -> bool:
    """An emergency opens a test for reading only, and so does consent to a hospital's staff: they act on the tests of
    their own laboratories."""
    if ground == "emergency":
        return False
    return ground == "care" if role == Role.HOSPITAL_ADMIN else role in {Role.DOCTOR, Role.ADMIN}


def why_not_move_test(
    status: str,
    to: str,
    *,
    role: str,
    is_requester: bool,
    released_at: datetime | None,
    needs_acknowledgement: bool,
) -> DomainError | None:
    """What stands against a move before anything is said with it (a time, a reason, values)."""
    refusal = LAB_TEST.why_not_move(status, to, role)
    if refusal:
        return refusal
    if to == LabTestStatus.REVIEWED and status == LabTestStatus.REVIEWED:
        return why_not_release(status, released_at, role=role)
    if to == LabTestStatus.REVIEWED:
        return why_not_review(status, role=role, seen=None, current=None, needs_acknowledgement=needs_acknowledgement)
    if to == LabTestStatus.RESULT_READY:
        return None
    return laboratories.why_not_handle(role, is_requester=is_requester)

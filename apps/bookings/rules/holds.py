"""Holds: how long a time is kept for somebody who pays, and what can be done with it meanwhile and afterwards."""

from datetime import datetime, timedelta

from apps.accounts.roles import Role
from apps.bookings import exceptions
from apps.bookings.workflow import APPOINTMENT, AppointmentStatus
from apps.common.exceptions import DomainError, Forbidden

#: A time is held for so long.
HOLD_FOR = timedelta(minutes=10)
#: A hold that lapsed without any payment is kept for so long.
LAPSED_KEPT_FOR = timedelta(days=30)


def why_not_while_held(status: str) -> DomainError | None:
    """What is only held has no complaint, no other time and no history yet: it is booked, or let go. What is held no
    longer is nobody's."""
    if status == AppointmentStatus.HELD:
        return exceptions.OnlyHeld()
    if status == AppointmentStatus.LAPSED:
        return exceptions.HoldLapsed()
    return None


def why_not_let_go(status: str, *, role: str) -> DomainError | None:
    """What is held is given up by the patient, or for them; what is held no longer is nobody's."""
    if status == AppointmentStatus.LAPSED:
        return exceptions.HoldLapsed()
    return APPOINTMENT.why_not_move(status, AppointmentStatus.LAPSED, role)


def why_not_take_up(status: str, *, role: str, is_paid: bool) -> DomainError | None:
    """A hold that lapsed before its payment arrived is moved to any free time of the doctor at the hospital, by the
    patient or for them, however late: nothing was agreed on yet that could be moved too often."""
    if role not in {Role.PATIENT, Role.COORDINATOR, Role.ADMIN}:
        return Forbidden()
    if status == AppointmentStatus.LAPSED and is_paid:
        return None
    return why_not_while_held(status)


def is_for(held: tuple[datetime, datetime], starts_at: datetime, ends_at: datetime) -> bool:
    """Whether what somebody holds is the time that they are about to take, or part of it."""
    return held[0] < ends_at and starts_at < held[1]


def seconds_left(status: str, held_until: datetime | None, *, now: datetime) -> int | None:
    """How long a hold lasts yet, in whole seconds; None for what is not held."""
    if status != AppointmentStatus.HELD or held_until is None:
        return None
    return max(0, int((held_until - now).total_seconds()))

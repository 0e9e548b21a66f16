"""Appointments in the way of leave: until when the patient chooses, who chooses, and what a colleague is."""

import hashlib
from datetime import datetime, timedelta

from apps.accounts.roles import Role
from apps.bookings import exceptions
from apps.bookings.workflow import DisplacementStatus
from apps.common.exceptions import DomainError, Forbidden

#: The patient has so long to choose,
CHOICE = timedelta(hours=48)
#: but no longer than until so long before the start,
CHOICE_ENDS_BEFORE = timedelta(hours=12)
#: and never less than this.
SHORTEST_CHOICE = timedelta(hours=1)
#: So many of the doctor's next free times, and so many colleagues, are offered.
OFFERED_TIMES, OFFERED_COLLEAGUES = 3, 3
CHOOSERS = frozenset({Role.PATIENT, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN})


def hash_of(token: str) -> str:
    """How a link's token is kept: who reads the database cannot choose for the patients."""
    return hashlib.sha256(token.encode()).hexdigest()


def respond_by(starts_at: datetime, *, now: datetime) -> datetime:
    """The patient chooses within two days, at the latest twelve hours before the start, and has an hour at least."""
    return max(min(now + CHOICE, starts_at - CHOICE_ENDS_BEFORE), now + SHORTEST_CHOICE)


def is_urgent(starts_at: datetime, *, now: datetime) -> bool:
    """An appointment that begins so soon that the patient cannot be given that hour is for a coordinator to call."""
    return starts_at - CHOICE_ENDS_BEFORE < now + SHORTEST_CHOICE


def why_not_choose(status: str, respond_by: datetime, *, role: str, now: datetime) -> DomainError | None:
    """The patient chooses once, until the deadline; coordinators, admins and the hospital's staff choose for the
    patient, also after it."""
    if role not in CHOOSERS:
        return Forbidden()
    if status != DisplacementStatus.OPEN:
        return exceptions.DisplacementSettled()
    if role == Role.PATIENT and now > respond_by:
        return exceptions.DisplacementOverdue()
    return None

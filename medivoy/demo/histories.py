"""What becomes of an appointment, and when: pure. A history reaches into the future and is played up to now."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.bookings.workflow import AppointmentStatus

#: Who acts: the sides of an appointment.
PATIENT, DOCTOR, HOSPITAL = "patient", "doctor", "hospital"

#: What becomes of appointments, and how often (in hundredths).
FATES = {"attended": 70, "cancelled_by_patient": 9, "cancelled_by_hospital": 4, "no_show": 8, "declined": 6, "left": 3}
#: Of those still to come, so many in a hundred nobody has answered yet.
UNANSWERED = 22

MEAN_ANSWER = timedelta(hours=9)
LONGEST_ANSWER = timedelta(hours=60)
#: An answer comes at the latest so long before the appointment.
ANSWERED_BEFORE = timedelta(minutes=40)
SHARE_CANCELLED_UNANSWERED = 0.3
SHARE_WITH_PRESCRIPTION = 0.55
SHARE_WITH_FOLLOW_UP = 0.3
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One move: to which status, when, by which side; `reason` names the list its reason is taken from."""

    to: str
    at: datetime
    by: str
    reason: str = ""


def history(
    fate: str, *, booked_at: datetime, starts_at: datetime, ends_at: datetime, chance: random.Random
) -> list[Step]:
    """Every move after the booking, in order. Times obey the rules: answers and cancellations before the start."""
    latest = max(starts_at - ANSWERED_BEFORE, booked_at + _MINUTE)
    answered = min(booked_at + _delay(MEAN_ANSWER, LONGEST_ANSWER, chance), latest)
    by = chance.choice([DOCTOR, DOCTOR, HOSPITAL])
    confirmed = [Step(AppointmentStatus.CONFIRMED, answered, by)]
    if fate == "unanswered":
        return []
    if fate == "declined":
        return [Step(AppointmentStatus.REJECTED, answered, DOCTOR, reason="rejection")]
    if fate == "cancelled_by_patient":
        # Not later than the two hours before the start that patients have.
        limit = max(starts_at - timedelta(hours=3), booked_at + _MINUTE)
        at = _between(min(answered, limit), limit, chance)
        kept = confirmed if answered < at and chance.random() > SHARE_CANCELLED_UNANSWERED else []
        return [*kept, Step(AppointmentStatus.CANCELLED, at, PATIENT, reason="cancellation")]
    if fate == "cancelled_by_hospital":
        at = _between(answered + _MINUTE, starts_at - _MINUTE, chance)
        return [*confirmed, Step(AppointmentStatus.CANCELLED, at, HOSPITAL, reason="cancellation")]
    if fate == "no_show":
        return [*confirmed, Step(AppointmentStatus.NO_SHOW, starts_at + 30 * _MINUTE, HOSPITAL)]
    if fate == "left":
        return confirmed
    return [*confirmed, *_visit(starts_at, ends_at, chance)]


def fate_of(chance: random.Random, *, is_to_come: bool) -> str:
    if is_to_come and chance.randrange(100) < UNANSWERED:
        return "unanswered"
    return chance.choices(list(FATES), weights=list(FATES.values()))[0]


def _visit(starts_at: datetime, ends_at: datetime, chance: random.Random) -> list[Step]:
    began = starts_at + chance.randint(0, 8) * _MINUTE
    steps = [
        Step(AppointmentStatus.AWAITING, starts_at - chance.randint(5, 25) * _MINUTE, HOSPITAL),
        Step(AppointmentStatus.IN_PROGRESS, began, DOCTOR),
    ]
    if chance.random() < SHARE_WITH_PRESCRIPTION:
        steps.append(Step(AppointmentStatus.PRESCRIBED, ends_at - 4 * _MINUTE, DOCTOR))
        if chance.random() < SHARE_WITH_FOLLOW_UP:
            steps.append(Step(AppointmentStatus.FOLLOW_UP, ends_at - 2 * _MINUTE, DOCTOR))
    return [*steps, Step(AppointmentStatus.COMPLETED, ends_at, DOCTOR)]


def _delay(mean: timedelta, longest: timedelta, chance: random.Random) -> timedelta:
    return min(timedelta(seconds=chance.expovariate(1 / mean.total_seconds())), longest)


def _between(start: datetime, end: datetime, chance: random.Random) -> datetime:
    """An instant in [start, end], or `end` when that is the earlier one."""
    return start + max(end - start, timedelta()) * chance.random() if start < end else end

"""Reminders of appointments: when one is due, when it is worth sending, and who reads it."""

from datetime import datetime, timedelta
from typing import NamedTuple

from apps.bookings.workflow import AppointmentStatus

#: A reminder that is late keeps this distance from the next one, and the last one from the start.
APART = timedelta(minutes=10)
#: Who waits for a confirmation is not reminded; a hold nobody has asked for yet.
REMINDED = (AppointmentStatus.CONFIRMED, AppointmentStatus.AWAITING)


class Reminder(NamedTuple):
    """One of the reminders of an appointment; all lengths of time are before its start.

    It is due from `before`. It is the nearest one until `following`, and worth sending until `useful_until`.
    """

    before: timedelta
    following: timedelta
    useful_until: timedelta

    @property
    def minutes(self) -> int:
        return self.before // timedelta(minutes=1)


def _reminders(*befores: timedelta) -> tuple[Reminder, ...]:
    return tuple(
        Reminder(before, following, following + APART)
        for before, following in zip(befores, (*befores[1:], timedelta(0)), strict=True)
    )


#: A day, two hours and half an hour before the start.
REMINDERS = _reminders(timedelta(hours=24), timedelta(hours=2), timedelta(minutes=30))
_BY_MINUTES = {reminder.minutes: reminder for reminder in REMINDERS}


def told_of_reminder(kind: str, minutes_before: int) -> frozenset[str]:
    """The patient reads every reminder; the doctor, who keeps a calendar, only the last one of a consultation by video:
    nobody knocks at the door there."""
    is_last = minutes_before == REMINDERS[-1].minutes
    return frozenset({"patient", "doctor"}) if is_last and kind == "teleconsult" else frozenset({"patient"})


def why_not_remind(
    status: str,
    version: int,
    starts_at: datetime,
    *,
    told_version: int,
    minutes_before: int,
    is_displaced: bool,
    now: datetime,
) -> str:
    """A reminder is sent of an appointment that is agreed on, at the very time it speaks of, which the doctor can keep,
    and while it is worth sending. Otherwise staff read in the outbox why it was not; nobody else does."""
    if status not in REMINDED:
        return "the appointment is not to take place"
    if version != told_version:
        return "the appointment was moved"
    if is_displaced:
        return "the doctor cannot keep the time"
    if now > starts_at - _BY_MINUTES[minutes_before].useful_until:
        return "too late to be of use"
    return ""

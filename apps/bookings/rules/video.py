"""Consultations by video: when there is a room, and who may join when."""

from datetime import datetime, timedelta

from apps.bookings import exceptions
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import DomainError

#: A room is opened so long before the start, and closed so long after the end.
ROOM_BEFORE, ROOM_AFTER = timedelta(hours=1), timedelta(hours=1)
#: It is joined from so long before the start until so long after the end.
JOIN_BEFORE, JOIN_AFTER = timedelta(minutes=15), timedelta(minutes=30)
#: From the confirmation until the consultation is said to be over.
JOINABLE = frozenset(
    {
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.AWAITING,
        AppointmentStatus.IN_PROGRESS,
        AppointmentStatus.PRESCRIBED,
        AppointmentStatus.FOLLOW_UP,
    }
)
#: Whoever notes that the consultation is over does not throw anybody out of it.
WITH_ROOM = JOINABLE | {AppointmentStatus.COMPLETED}
#: An attempt at a room that fails is made again after so long, and after twice as long each time, up to the longest.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=5)
#: After so many attempts in vain people are told: some fifty minutes before the start.
LOUD_AFTER = 5
#: As many take so long; with many rooms, of which a provider that is down lets one a run be tried, they take longer.
LOUD_AFTER_TIME = timedelta(minutes=8)
#: After so many attempts to close a room in vain it is left to whoever keeps the server.
CLOSING_ATTEMPTS = 30


def joining_window(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """A call is joined from a quarter of an hour before the start until half an hour after the end."""
    return starts_at - JOIN_BEFORE, ends_at + JOIN_AFTER


def wants_room(status: str, ends_at: datetime, *, now: datetime) -> bool:
    """There is a room for a time that is agreed on, until an hour after its end; none for what is called off."""
    return status in WITH_ROOM and now < ends_at + ROOM_AFTER


def room_due_at(starts_at: datetime, *, now: datetime) -> datetime:
    """A room is opened an hour before the start, or at once where it is agreed on later than that."""
    return max(now, starts_at - ROOM_BEFORE)


def wait_after(attempts: int) -> timedelta:
    """Each attempt in vain is followed by a longer wait: half a minute, a minute, up to five minutes."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)


def why_not_join(
    kind: str, status: str, starts_at: datetime, ends_at: datetime, *, is_set_up: bool, now: datetime
) -> DomainError | None:
    """Patient and doctor join the call of a confirmed consultation by video, within its window, and nobody joins once
    the consultation is said to be over or was called off."""
    if kind != "teleconsult":
        return exceptions.NotByVideo()
    opens_at, closes_at = joining_window(starts_at, ends_at)
    if status == AppointmentStatus.COMPLETED or (status in JOINABLE and now >= closes_at):
        return exceptions.VideoOver()
    if status not in JOINABLE:
        return exceptions.VideoNotAgreed(status=AppointmentStatus(status).label)
    if not is_set_up:
        return exceptions.VideoOff()
    if now < opens_at:
        return exceptions.VideoTooEarly(data={"opens_at": opens_at, "closes_at": closes_at})
    return None

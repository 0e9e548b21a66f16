"""Days and wall times in a zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.common import wall_time

from .intervals import Interval

ONE_DAY = timedelta(days=1)


def read_clock(at: datetime, zone: str) -> dict[str, str]:
    """An instant on a wall clock, as the API shows it."""
    return {"time": wall_time.local_iso(at, zone), "zone": zone, "offset": wall_time.offset(at, zone)}


def day_of(at: datetime, zone: str) -> date:
    """The day on the calendar in `zone` at that instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_bounds(first: date, last: date, zone: str) -> Interval:
    """The instants from the first moment of `first` to the end of `last`, by the clock in `zone`."""
    clock = ZoneInfo(zone)
    start = datetime.combine(first, time(), tzinfo=clock).astimezone(UTC)
    end = datetime.combine(last + ONE_DAY, time(), tzinfo=clock).astimezone(UTC)
    return start, end


def end_of(day: date, zone: str) -> datetime:
    """The instant at which the day is over, by the clock in `zone`."""
    return day_bounds(day, day, zone)[1]

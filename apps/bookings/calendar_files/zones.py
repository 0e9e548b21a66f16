"""Time zones in calendar files: VTIMEZONE as the zone database has it, and instants by the wall clock."""

import functools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from . import lines

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def period(starts_at: datetime, ends_at: datetime, zone: str) -> list[str]:
    """DTSTART and DTEND by the zone's clock.

    Of an hour that comes twice, a wall time names the first (RFC 5545, section 3.3.5), so a period that begins or ends
    in the second is told in UTC.
    """
    start, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
    if is_told_in_utc(start) or is_told_in_utc(end):
        return [f"DTSTART:{lines.utc(start)}", f"DTEND:{lines.utc(end)}"]
    return [f"DTSTART;TZID={zone}:{lines.wall(start)}", f"DTEND;TZID={zone}:{lines.wall(end)}"]


def is_told_in_utc(local: datetime) -> bool:
    """Whether the wall time alone, read as calendars read it, would be another instant."""
    return local.replace(fold=0).astimezone(UTC) != local.astimezone(UTC)


def definitions(spans: Iterable[tuple[str, datetime, datetime]]) -> Iterator[str]:
    """One VTIMEZONE for each zone, that is right from the first instant of its spans to the last."""
    years: dict[str, tuple[int, int]] = {}
    for zone, starts_at, ends_at in spans:
        first, last = years.get(zone, (starts_at.year, ends_at.year))
        years[zone] = min(first, starts_at.year), max(last, ends_at.year)
    for zone in sorted(years):
        yield from vtimezone(zone, *years[zone])


@functools.lru_cache(maxsize=1024)
def vtimezone(zone: str, first_year: int, last_year: int) -> tuple[str, ...]:
    """The zone's offsets in these years, each with the wall time at which it begins (on the clock as it was before).

    They are told one by one and not as yearly rules: Morocco's and Egypt's follow none.
    """
    tz = ZoneInfo(zone)
    at = datetime(first_year, 1, 1, tzinfo=UTC) - 2 * _DAY
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC) + 2 * _DAY
    told = ["BEGIN:VTIMEZONE", f"TZID:{zone}", *_observance(at, tz, before=at)]
    while at < end:
        later = at + _DAY
        if _offset(later, tz) != _offset(at, tz):
            told += _observance(_first_of_new(at, later, tz), tz, before=at)
        at = later
    return (*told, "END:VTIMEZONE")


def _observance(begins: datetime, tz: ZoneInfo, *, before: datetime) -> list[str]:
    was, now = before.astimezone(tz), begins.astimezone(tz)
    kind = "DAYLIGHT" if now.dst() else "STANDARD"
    old = was.utcoffset() or timedelta()
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{lines.wall(begins + old)}",
        f"TZOFFSETFROM:{was:%z}",
        f"TZOFFSETTO:{now:%z}",
        f"TZNAME:{lines.text(now.tzname() or tz.key)}",
        f"END:{kind}",
    ]


def _offset(at: datetime, tz: ZoneInfo) -> tuple[timedelta | None, str | None]:
    local = at.astimezone(tz)
    return local.utcoffset(), local.tzname()


def _first_of_new(at: datetime, later: datetime, tz: ZoneInfo) -> datetime:
    """The second of the change between the two instants."""
    was = _offset(at, tz)
    while later - at > _SECOND:
        middle = at + (later - at) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if _offset(middle, tz) == was:
            at = middle
        else:
            later = middle
    return later

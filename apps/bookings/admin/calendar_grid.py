"""Where things stand on a calendar's page: days laid beside one another on one axis of wall times. Pure.

Days are cut into quarters of an hour as they pass, each named by what the clock shows then. An hour that a clock change
skips has no quarters; one that it repeats has them twice, the second ones after the first. The axis is made of all
quarters that the days shown have: a day that lacks one has a gap there; on a page of that day alone it is not there.
"""

import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.bookings import slots
from apps.common import wall_time

QUARTER = timedelta(minutes=15)
MINUTES = 15
HOUR = 4
DAY = 24 * HOUR
#: The hours shown when nothing says otherwise, and how many at least, in quarters.
USUAL = (8 * HOUR, 18 * HOUR)
FEWEST = 4 * HOUR

#: A quarter of an hour by the clock: how many since midnight, and which time round the clock shows it (0, then 1).
Quarter = tuple[int, int]
#: From and until, in quarters since midnight by the clock.
Window = tuple[int, int]


@dataclass(frozen=True)
class Day:
    """The quarters of one local day, in the order in which they pass."""

    on: date
    zone: str
    begins: tuple[datetime, ...]
    shows: tuple[Quarter, ...]

    @property
    def changes_clock(self) -> bool:
        return len(self.begins) != DAY


def read_day(on: date, zone: str) -> Day:
    at, end = slots.day_bounds(on, on, zone)
    begins, shows, seen = [], [], dict[int, int]()
    while at < end:
        local = at.astimezone(ZoneInfo(zone))
        number = _quarter(local.time())
        begins.append(at)
        shows.append((number, seen.get(number, 0)))
        seen[number] = seen.get(number, 0) + 1
        at += QUARTER
    return Day(on, zone, tuple(begins), tuple(shows))


@dataclass(frozen=True)
class Span:
    """From where to where something reaches on the axis, in minutes."""

    top: int
    length: int

    @property
    def style(self) -> str:
        return f"--at:{self.top};--for:{self.length}"


@dataclass(frozen=True)
class Label:
    """A line of the axis: the time by the hospital's clock, and by the reader's."""

    top: int
    time: str
    readers: str


class Axis:
    """All quarters that the days have within the window, each with its place."""

    def __init__(self, days: Sequence[Day], window: Window) -> None:
        quarters = {shown for day in days for shown in day.shows if window[0] <= shown[0] < window[1]}
        self.quarters = sorted(quarters, key=_in_passing(quarters))
        self._places = {quarter: place for place, quarter in enumerate(self.quarters)}
        self.days = days

    @property
    def minutes(self) -> int:
        return len(self.quarters) * MINUTES

    def span(self, day: Day, start: datetime, end: datetime) -> Span | None:
        """Where [start, end) stands in the day's column, cut to what is shown; None when nothing of it is."""
        if not day.begins:
            return None
        start, end = max(start, day.begins[0]), min(end, day.begins[-1] + QUARTER)
        numbers = range(max(bisect.bisect_right(day.begins, start) - 1, 0), bisect.bisect_left(day.begins, end))
        shown = [number for number in numbers if day.shows[number] in self._places]
        if not shown:
            return None
        first, last = shown[0], shown[-1]
        top = self._top(day, first) + _minutes(max(start - day.begins[first], timedelta()))
        bottom = self._top(day, last) + _minutes(min(end - day.begins[last], QUARTER))
        return Span(top, bottom - top)

    def gaps(self, day: Day) -> list[Span]:
        """What the axis has and this day has not: the hour that it skips, or that another day has twice."""
        own, found = set(day.shows), list[Span]()
        for place, quarter in enumerate(self.quarters):
            if quarter in own:
                continue
            if found and found[-1].top + found[-1].length == place * MINUTES:
                found[-1] = Span(found[-1].top, found[-1].length + MINUTES)
            else:
                found.append(Span(place * MINUTES, MINUTES))
        return found

    def labels(self, readers_zone: str, language: str) -> list[Label]:
        """A label an hour, and where the axis goes back or leaps."""
        found = []
        for place, quarter in enumerate(self.quarters):
            before = self.quarters[place - 1] if place else None
            follows = before is not None and quarter == (before[0] + 1, before[1])
            if quarter[0] % HOUR and (follows or not place):
                continue
            instants = [
                (day.on, day.begins[day.shows.index(quarter)], day.zone) for day in self.days if quarter in day.shows
            ]
            # The offset is said by the day whose clock shows the hour twice, if there is one.
            _on, at, zone = max(instants, key=lambda one: wall_time.is_doubled(one[1], one[2]))
            shown = wall_time.time_of_day(at, zone, language)
            if before is not None and quarter[0] > before[0] + 1:
                shown = f"{shown} (UTC{wall_time.offset(at, zone)})"
            found.append(Label(place * MINUTES, shown, _readers(instants, readers_zone, language)))
        return found

    def _top(self, day: Day, number: int) -> int:
        return self._places[day.shows[number]] * MINUTES


def window_of(hours: Iterable[slots.Interval], days: Sequence[Day], times: Iterable[slots.Interval]) -> Window:
    """The whole hours that hold the consulting hours (naive wall times) and all that takes place on these days; those
    of a working day where there is nothing."""
    shown = [quarter for day in days for start, end in times for quarter in _within(day, start, end)]
    for opens, closes in hours:
        first = _quarter(opens.time())
        shown += [first, DAY - 1, 0] if closes.date() > opens.date() and closes.time() > time() else [first]
        shown.append(-(-(closes.hour * 60 + closes.minute or DAY * MINUTES) // MINUTES) - 1)
    if not shown:
        return USUAL
    first, last = min(shown) // HOUR * HOUR, -(-(max(shown) + 1) // HOUR) * HOUR
    return (first, last) if last - first >= FEWEST else (max(0, last - FEWEST), max(last, FEWEST))


def _within(day: Day, start: datetime, end: datetime) -> list[int]:
    """The quarters, by the clock, of what of [start, end) lies on the day."""
    if not day.begins or end <= day.begins[0] or start >= day.begins[-1] + QUARTER:
        return []
    first = max(bisect.bisect_right(day.begins, start) - 1, 0)
    return [day.shows[number][0] for number in range(first, bisect.bisect_left(day.begins, end))]


def _in_passing(quarters: set[Quarter]) -> Callable[[Quarter], tuple[int, int, int]]:
    """The key that puts a repeated hour after the first time round, as one stretch."""
    again = sorted(number for number, times in quarters if times)
    ends: dict[int, int] = {}
    for number in reversed(again):
        ends[number] = ends.get(number + 1, number)
    return lambda quarter: (ends[quarter[0]], 1, quarter[0]) if quarter[1] else (quarter[0], 0, 0)


def _readers(instants: Sequence[tuple[date, datetime, str]], zone: str, language: str) -> str:
    """What the reader's clock shows then: one time, or two in a week in which one of the clocks changes."""
    said = dict.fromkeys(_beside(at, on, zone, language) for on, at, _zone in instants)
    return " / ".join(said)


def _beside(at: datetime, on: date, zone: str, language: str) -> str:
    days = (slots.day_of(at, zone) - on).days
    return wall_time.time_of_day(at, zone, language) + (f" {days:+d}" if days else "")


def _quarter(at: time) -> int:
    return (at.hour * 60 + at.minute) // MINUTES


def _minutes(length: timedelta) -> int:
    return int(length / timedelta(minutes=1))

"""From wall hours to instants: the slots of a plan in a period."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from .clock import ONE_DAY, day_bounds
from .intervals import Interval, Intervals
from .plans import Plan, Slot

_INSTANT = timedelta(microseconds=1)

#: A stretch of time and the zone's constant offset from UTC in it.
_Stretch = tuple[datetime, datetime, timedelta]


def expand(plan: Plan, start: datetime, end: datetime, *, even_closed: bool = False) -> list[Slot]:
    """Every slot of the plan that starts in [start, end), in order, be it free or not, bookable or not; those of closed
    days only where asked for."""
    end = min(end, plan.licence_ends_at or end)
    if end <= start or not (plan.openings or plan.extra):
        return []
    # An opening begins at most a day before its last slot, and wall time differs from UTC by at most a day.
    first_day, last_day = (start - 2 * ONE_DAY).date(), (end + ONE_DAY).date()
    offsets = _offsets(plan.zone, first_day - 2 * ONE_DAY, last_day + 3 * ONE_DAY)
    starts: set[datetime] = set()
    extra: set[datetime] = set()
    for wall, is_extra in plan.walls(first_day, last_day):
        for open_from, open_until in _instants(wall, offsets):
            (extra if is_extra else starts).update(_steps(plan, open_from, open_until, start, end))
    if not even_closed:
        closures = [period for period in plan.closures if period[0] <= last_day and period[1] >= first_day]
        holidays = [(day, day) for day in plan.holidays if first_day <= day <= last_day]
        extra = _outside(closures, extra, plan)
        starts = _outside(closures + holidays, starts, plan)
    return [Slot(at, at + plan.length, plan.hospital_id, plan.zone, plan.buffer) for at in sorted(starts | extra)]


def find(plan: Plan, starts_at: datetime) -> Slot | None:
    """The plan's slot that starts at exactly this instant."""
    return next(iter(expand(plan, starts_at, starts_at + _INSTANT)), None)


def _outside(closed: Sequence[tuple[date, date]], starts: set[datetime], plan: Plan) -> set[datetime]:
    """The starts of slots of which no moment lies on a closed day."""
    if not closed or not starts:
        return starts
    shut = Intervals(day_bounds(first, last, plan.zone) for first, last in closed)
    return {at for at in starts if not shut.meet(at, at + plan.length)}


@functools.lru_cache(maxsize=1024)
def _offsets(zone: str, first: date, last: date) -> tuple[_Stretch, ...]:
    """The stretches with one offset from UTC each, from the beginning of `first` to that of `last` in UTC."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last))
    changes = list(_changes(ZoneInfo(zone), start, end))
    return tuple(
        (at, later, offset) for (at, offset), (later, _offset_later) in pairwise([*changes, (end, timedelta())])
    )


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The start, and every instant before the end at which the zone's offset changes, each with the offset from then
    on. A day is the step, as no zone changes oftener."""
    at, offset = start, _offset(zone, start)
    yield start, offset
    while at < end:
        later = min(at + ONE_DAY, end)
        later_offset = _offset(zone, later)
        if later_offset != offset:
            yield _change(zone, at, later, offset), later_offset
            offset = later_offset
        at = later


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, before: datetime, after: datetime, offset: timedelta) -> datetime:
    """The first second in (before, after] at which the zone's offset is no longer `offset`."""
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _instants(wall: Interval, offsets: Iterable[_Stretch]) -> list[Interval]:
    """The UTC intervals in which the clock shows a wall time of [wall start, wall end).

    Usually there is one; on a clock change there may be none or two.
    """
    found: list[Interval] = []
    for stretch_start, stretch_end, offset in offsets:
        start = max(wall[0].replace(tzinfo=UTC) - offset, stretch_start)
        end = min(wall[1].replace(tzinfo=UTC) - offset, stretch_end)
        if start >= end:
            continue
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _steps(plan: Plan, open_from: datetime, open_until: datetime, start: datetime, end: datetime) -> Iterator[datetime]:
    """The starts of the whole slots in an opening that lie in [start, end)."""
    step = plan.length + plan.buffer
    at = open_from + max(0, -((open_from - start) // step)) * step
    while at < end and at + plan.length <= open_until:
        yield at
        at += step

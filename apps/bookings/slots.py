"""Free slots: weekly wall hours laid over real days, as UTC instants. Pure: no queries, no clock.

The instants of an opening are those whose wall time in the hospital's zone lies in it. So a wall time that a clock
change skips is never offered, and one that it repeats is offered twice. Slots are stepped in UTC: a slot lasts what it
says, on every day.
"""

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import wall_time

#: Wall times are up to this far from UTC; also the step at which a zone's offset is sampled, as no zone changes it
#: oftener.
ONE_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
#: How far ahead the next free slot is looked for at a time; doubled while nothing is found.
FIRST_LOOK = timedelta(days=3)

Interval = tuple[datetime, datetime]


class NoSlots(models.TextChoices):
    """Why a period has no free slot."""

    NO_SCHEDULE = "no_schedule", _("The doctor has no consulting hours in this period.")
    ON_LEAVE = "on_leave", _("The doctor is away in this period.")
    FULL = "full", _("Every slot in this period is taken.")
    TOO_SOON = "too_soon", _("It is too late to book in this period.")
    BEYOND_HORIZON = "beyond_horizon", _("This period is too far ahead to book.")


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening a week, in wall time, the end exclusive; an end that is not after the start is the next day's."""

    weekday: int
    starts: time
    ends: time
    effective_from: date | None = None
    effective_until: date | None = None

    def on(self, day: date) -> Interval | None:
        """Its wall times (naive) when it begins on `day`; None when it does not."""
        if day.weekday() != self.weekday:
            return None
        if (self.effective_from and day < self.effective_from) or (self.effective_until and day > self.effective_until):
            return None
        last_day = day if self.ends > self.starts else day + ONE_DAY
        return datetime.combine(day, self.starts), datetime.combine(last_day, self.ends)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a doctor takes appointments at one hospital: the hours, and how soon and how far ahead they can be booked.

    `first_day` and `last_day` are the local days between which the doctor practises there, `licensed_until` the last on
    which a slot may begin; None is no limit.
    """

    hospital_id: UUID
    zone: str
    openings: tuple[Opening, ...]
    length: timedelta
    buffer: timedelta = timedelta()
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(days=365)
    first_day: date | None = None
    last_day: date | None = None
    licensed_until: date | None = None

    @property
    def licence_ends_at(self) -> datetime | None:
        """The instant from which on the doctor has no licence, by the hospital's calendar."""
        day = self.licensed_until
        return end_of(day, self.zone) if day and day.year < MAXYEAR else None

    def ends(self) -> list[datetime]:
        """The instants at which there is less to book: a day is over that was the last one of something. A licence also
        ends with its day in UTC, when the doctor leaves the list."""
        days = [self.last_day, self.licensed_until, *(opening.effective_until for opening in self.openings)]
        ends = [end_of(day, self.zone) for day in days if day and day.year < MAXYEAR]
        return [*ends, end_of(self.licensed_until, "UTC")] if self.licence_ends_at and self.licensed_until else ends

    def is_open(self, now: datetime) -> bool:
        """Whether any hours are left to book, today or later."""
        today = day_of(now, self.zone)
        limits = [day for day in (self.last_day, self.licensed_until) if day]
        return all(day >= today for day in limits) and any(
            opening.effective_until is None or opening.effective_until >= today for opening in self.openings
        )

    def bookable(self, now: datetime) -> Interval:
        """The instants between which a slot must start to be booked at `now`."""
        return now + self.notice, now + self.horizon


@dataclass(slots=True)
class Busy:
    """What stands against a slot: the doctor's appointments and leave, and the appointments of the patient who asks."""

    doctor: list[Interval] = field(default_factory=list)
    leave: list[Interval] = field(default_factory=list)
    patient: list[Interval] = field(default_factory=list)

    @property
    def all(self) -> list[Interval]:
        return self.doctor + self.leave + self.patient


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a calendar says now: whether there is anything left to book, the next free time, and the instant until which
    that stays so by itself, while nobody changes the calendar; None is for ever."""

    is_open: bool = False
    next_free_at: datetime | None = None
    holds_until: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that the doctor offers at a hospital: UTC instants, the end exclusive; and how long after it the doctor is
    kept free of others."""

    starts_at: datetime
    ends_at: datetime
    hospital_id: UUID
    zone: str
    buffer: timedelta = timedelta()

    @property
    def busy_until(self) -> datetime:
        """Until when it takes the doctor's time. The patient's and leave's concern ends with the slot."""
        return self.ends_at + self.buffer

    @property
    def is_ambiguous(self) -> bool:
        """Whether the hospital's clock shows this wall time twice on that day: then the offset tells the two apart."""
        first = self.starts_at.astimezone(ZoneInfo(self.zone)).replace(fold=0)
        return first.utcoffset() != first.replace(fold=1).utcoffset()


def read_clock(at: datetime, zone: str) -> dict[str, str]:
    """An instant on a wall clock, as the API shows it."""
    return {"time": wall_time.local_iso(at, zone), "zone": zone, "offset": wall_time.offset(at, zone)}


def show(slot: Slot, zone: str) -> dict[str, Any]:
    """A slot as the API shows it: UTC, on the hospital's clock, and on the reader's in `zone`."""
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "hospital_id": slot.hospital_id,
        "hospital_time": read_clock(slot.starts_at, slot.zone),
        "your_time": read_clock(slot.starts_at, zone),
        "is_ambiguous": slot.is_ambiguous,
    }


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


def expand(plan: Plan, start: datetime, end: datetime) -> list[Slot]:
    """Every slot of the plan that starts in [start, end), in order, be it free or not, bookable or not."""
    end = min(end, plan.licence_ends_at or end)
    if end <= start or not plan.openings:
        return []
    # An opening begins at most a day before its last slot, and wall time differs from UTC by at most a day.
    first_day, last_day = (start - 2 * ONE_DAY).date(), (end + ONE_DAY).date()
    first_day = max(first_day, plan.first_day or first_day)
    last_day = min(last_day, plan.last_day or last_day)
    offsets = list(_offsets(ZoneInfo(plan.zone), start - 4 * ONE_DAY, end + 4 * ONE_DAY))
    starts: set[datetime] = set()
    for number in range((last_day - first_day).days + 1):
        day = first_day + number * ONE_DAY
        for opening in plan.openings:
            wall = opening.on(day)
            for open_from, open_until in _instants(wall, offsets) if wall else ():
                starts.update(_steps(open_from, open_until, plan.length, start, end))
    return [Slot(at, at + plan.length, plan.hospital_id, plan.zone, plan.buffer) for at in sorted(starts)]


def find(plan: Plan, starts_at: datetime) -> Slot | None:
    """The plan's slot that starts at exactly this instant."""
    return next(iter(expand(plan, starts_at, starts_at + _INSTANT)), None)


def is_bookable(plan: Plan, slot: Slot, now: datetime) -> bool:
    """Whether the slot is neither too soon nor too far ahead."""
    earliest, latest = plan.bookable(now)
    return earliest <= slot.starts_at < latest


def offered(plans: Iterable[Plan], start: datetime, end: datetime, now: datetime) -> list[Slot]:
    """The slots of all plans that start in [start, end) and may be booked at `now`, in order."""
    found: list[Slot] = []
    for plan in plans:
        earliest, latest = plan.bookable(now)
        found += expand(plan, max(start, earliest), min(end, latest))
    return sorted(found)


def free(candidates: Sequence[Slot], busy: Iterable[Interval]) -> list[Slot]:
    """The candidates that overlap none of the busy intervals (half-open; in any order, overlapping or not)."""
    merged = _merged(busy)
    ends = [interval[1] for interval in merged]
    result = []
    for slot in candidates:
        index = bisect.bisect_right(ends, slot.starts_at)
        if index == len(merged) or merged[index][0] >= slot.ends_at:
            result.append(slot)
    return result


def first_free(
    plans: Sequence[Plan], start: datetime, until: datetime, busy: Iterable[Interval], *, count: int, now: datetime
) -> list[Slot]:
    """The first `count` slots that start in [start, until), may be booked at `now` and are free."""
    found: list[Slot] = []
    look = FIRST_LOOK
    while start < until and len(found) < count:
        end = min(start + look, until)
        found += free(offered(plans, start, end, now), busy)
        start, look = end, look * 2
    return found[:count]


def horizon_of(plans: Iterable[Plan], now: datetime) -> datetime:
    """The instant from which on nothing may be booked at `now`."""
    return max((plan.bookable(now)[1] for plan in plans), default=now)


def outlook(plans: Sequence[Plan], busy: Sequence[Interval], now: datetime) -> Outlook:
    """What the calendar says at `now`, given all that is busy until two days beyond the horizon."""
    found = first_free(plans, now, horizon_of(plans, now), busy, count=1, now=now)
    first = found[0].starts_at if found else None
    turns = [end for plan in plans for end in plan.ends()]
    if first:
        # Until it is too late to book it: at that very instant it still can be.
        turns += [first - plan.notice + _INSTANT for plan in plans]
    for plan in plans:
        # What begins before it and is too far ahead today: the day that the horizon uncovers next is looked through.
        horizon = now + plan.horizon
        uncovered = expand(plan, horizon, min(horizon + ONE_DAY, first or horizon + ONE_DAY))
        nearer = free(uncovered, busy)
        if nearer:
            turns.append(nearer[0].starts_at - plan.horizon + _INSTANT)
        elif first is None or first > horizon:
            turns.append(now + ONE_DAY)
    holds_until = min((turn for turn in turns if turn > now), default=None)
    return Outlook(any(plan.is_open(now) for plan in plans), first, holds_until)


def why_none(
    plans: Sequence[Plan], start: datetime, end: datetime, *, now: datetime, leave: Iterable[Interval]
) -> NoSlots:
    """Why [start, end) has no free slot, given that it has none."""
    all_slots = [slot for plan in plans for slot in expand(plan, start, end)]
    if not all_slots:
        return NoSlots.NO_SCHEDULE
    candidates = offered(plans, start, end, now)
    if candidates:
        return NoSlots.FULL if free(candidates, leave) else NoSlots.ON_LEAVE
    earliest = min(plan.bookable(now)[0] for plan in plans)
    return NoSlots.TOO_SOON if all_slots and min(all_slots).starts_at < earliest else NoSlots.BEYOND_HORIZON


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _offsets(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The stretches of [start, end) with the zone's constant offset from UTC in each."""
    stretch_start, at = start, start
    offset = _offset(zone, at)
    while at < end:
        later = min(at + ONE_DAY, end)
        later_offset = _offset(zone, later)
        if later_offset != offset:
            change = _change(zone, at, later, offset)
            yield stretch_start, change, offset
            stretch_start, offset = change, later_offset
        at = later
    yield stretch_start, end, offset


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, before: datetime, after: datetime, offset: timedelta) -> datetime:
    """The first second in (before, after] at which the zone's offset is no longer `offset`."""
    low, high = 0, int((after - before).total_seconds()) + 1
    base = before.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, base + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return base + timedelta(seconds=high)


def _instants(wall: Interval, offsets: Sequence[tuple[datetime, datetime, timedelta]]) -> list[Interval]:
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


def _steps(
    open_from: datetime, open_until: datetime, length: timedelta, start: datetime, end: datetime
) -> Iterator[datetime]:
    """The starts of the whole slots in an opening that lie in [start, end)."""
    skipped = max(0, -((open_from - start) // length))
    at = open_from + skipped * length
    while at < end and at + length <= open_until:
        yield at
        at += length

"""What a doctor offers at one hospital, what a slot is, and what may stand against one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from apps.common import wall_time

from .clock import ONE_DAY, day_of, end_of, read_clock
from .intervals import Interval


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
        return _wall_times(day, self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class ExtraOpening:
    """One opening on one day beside the week's, in wall time, the end exclusive; one not after the start is the next
    day's."""

    day: date
    starts: time
    ends: time

    @property
    def wall(self) -> Interval:
        """Its wall times (naive)."""
        return _wall_times(self.day, self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a doctor takes appointments at one hospital: the hours, and how soon and how far ahead they can be booked.

    `closures` are first and last local days on which nothing is offered, `holidays` local days on which only extra
    hours are. `daily_cap` appointments are taken on a local day, None is no limit. `first_day` and `last_day` are the
    local days between which the doctor practises there, `licensed_until` the last on which a slot may begin; None is
    no limit.
    """

    hospital_id: UUID
    zone: str
    openings: tuple[Opening, ...]
    length: timedelta
    buffer: timedelta = timedelta()
    notice: timedelta = timedelta()
    horizon: timedelta = timedelta(days=365)
    daily_cap: int | None = None
    extra: tuple[ExtraOpening, ...] = ()
    closures: tuple[tuple[date, date], ...] = ()
    holidays: tuple[date, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    licensed_until: date | None = None

    @property
    def licence_ends_at(self) -> datetime | None:
        """The instant from which on the doctor has no licence, by the hospital's calendar."""
        day = self.licensed_until
        return end_of(day, self.zone) if day and day.year < MAXYEAR else None

    def walls(self, first: date, last: date) -> Iterator[tuple[Interval, bool]]:
        """The wall times (naive) of the openings that begin on these days; true for extra hours."""
        first, last = max(first, self.first_day or first), min(last, self.last_day or last)
        for number in range((last - first).days + 1):
            day = first + number * ONE_DAY
            for opening in self.openings:
                wall = opening.on(day)
                if wall:
                    yield wall, False
        for extra in self.extra:
            if first <= extra.day <= last:
                yield extra.wall, True

    def ends(self) -> list[datetime]:
        """The instants at which there is less to book: a day is over that was the last one of something. A licence also
        ends with its day in UTC, when the doctor leaves the list."""
        days = [self.last_day, self.licensed_until, *(opening.effective_until for opening in self.openings)]
        if self.extra:
            days.append(max(extra.day for extra in self.extra))
        ends = [end_of(day, self.zone) for day in days if day and day.year < MAXYEAR]
        return [*ends, end_of(self.licensed_until, "UTC")] if self.licence_ends_at and self.licensed_until else ends

    def is_open(self, now: datetime) -> bool:
        """Whether any hours are left to book, today or later."""
        today = day_of(now, self.zone)
        limits = [day for day in (self.last_day, self.licensed_until) if day]
        return all(day >= today for day in limits) and (
            any(opening.effective_until is None or opening.effective_until >= today for opening in self.openings)
            or any(extra.day >= today for extra in self.extra)
        )

    def bookable(self, now: datetime) -> Interval:
        """The instants between which a slot must start to be booked at `now`."""
        return now + self.notice, now + self.horizon


@dataclass(slots=True)
class Busy:
    """What stands against a slot: the doctor's appointments with the buffer after each, the doctor's leave, and the
    appointments of the patient who asks.

    `booked` are hospital and start of the doctor's appointments, for the days' caps: all of a local day's, where one of
    its slots is asked about. `held_until` is when those end of them that are only held.
    """

    doctor: list[Interval] = field(default_factory=list)
    leave: list[Interval] = field(default_factory=list)
    patient: list[Interval] = field(default_factory=list)
    booked: list[tuple[UUID, datetime]] = field(default_factory=list)
    held_until: list[datetime] = field(default_factory=list)


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
        """Until when it takes the doctor's time. The patient's, and leave, it meets only until it ends."""
        return self.ends_at + self.buffer

    @property
    def is_ambiguous(self) -> bool:
        """Whether the hospital's clock shows this wall time twice on that day: then the offset tells the two apart."""
        return wall_time.is_doubled(self.starts_at, self.zone)


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


def _wall_times(day: date, starts: time, ends: time) -> Interval:
    last_day = day if ends > starts else day + ONE_DAY
    return datetime.combine(day, starts), datetime.combine(last_day, ends)

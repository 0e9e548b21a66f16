"""What of the offered slots can be had, the next ones, and why there is none."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from .clock import ONE_DAY, day_of
from .expansion import expand
from .intervals import Interval, Intervals
from .plans import Busy, Plan, Slot

_INSTANT = timedelta(microseconds=1)
#: How far ahead the next free slot is looked for at a time; doubled while nothing is found.
FIRST_LOOK = timedelta(days=3)


class NoSlots(models.TextChoices):
    """Why a period has no free slot."""

    NO_SCHEDULE = "no_schedule", _("The doctor has no consulting hours in this period.")
    CLOSED = "closed", _("The hospital, or the doctor's consulting room there, is closed in this period.")
    ON_LEAVE = "on_leave", _("The doctor is away in this period.")
    FULL = "full", _("Every slot in this period is taken.")
    TOO_SOON = "too_soon", _("It is too late to book in this period.")
    BEYOND_HORIZON = "beyond_horizon", _("This period is too far ahead to book.")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a calendar says now: whether there is anything left to book, the next free time, and the instant until which
    that stays so by itself, while nobody changes the calendar; None is for ever."""

    is_open: bool = False
    next_free_at: datetime | None = None
    holds_until: datetime | None = None


def is_bookable(plan: Plan, slot: Slot, now: datetime) -> bool:
    """Whether the slot is neither too soon nor too far ahead."""
    earliest, latest = plan.bookable(now)
    return earliest <= slot.starts_at < latest


def offered(
    plans: Iterable[Plan], start: datetime, end: datetime, now: datetime, *, even_closed: bool = False
) -> list[Slot]:
    """The slots of all plans that start in [start, end) and may be booked at `now`, in order; those of closed days only
    where asked for."""
    found: list[Slot] = []
    for plan in plans:
        earliest, latest = plan.bookable(now)
        found += expand(plan, max(start, earliest), min(end, latest), even_closed=even_closed)
    return sorted(found)


def free(candidates: Iterable[Slot], busy: Iterable[Interval], *, with_buffer: bool = False) -> list[Slot]:
    """The candidates that meet none of the busy intervals (half-open; in any order, overlapping or not); with the
    buffer after each, where it is the doctor's appointments that are asked about."""
    taken = Intervals(busy)
    return [slot for slot in candidates if not taken.meet(slot.starts_at, _until(slot, with_buffer))]


def is_day_full(plan: Plan, at: datetime, busy: Busy) -> bool:
    """Whether the doctor has as many appointments at the hospital on that local day as are taken on one."""
    return (plan.hospital_id, day_of(at, plan.zone)) in _full_days([plan], busy)


class _Against:
    """All that stands against slots of these plans, ready to be asked often."""

    def __init__(self, plans: Iterable[Plan], busy: Busy) -> None:
        self._doctor = Intervals(busy.doctor)
        self._others = Intervals(busy.leave + busy.patient)
        self._full = _full_days(plans, busy)

    def leaves(self, candidates: Iterable[Slot]) -> list[Slot]:
        return [
            slot
            for slot in candidates
            if not self._doctor.meet(slot.starts_at, slot.busy_until)
            and not self._others.meet(slot.starts_at, slot.ends_at)
            and not (self._full and (slot.hospital_id, day_of(slot.starts_at, slot.zone)) in self._full)
        ]


def available(plans: Iterable[Plan], candidates: Iterable[Slot], busy: Busy) -> list[Slot]:
    """The candidates, slots of these plans, that can be had: doctor and patient are free, the doctor is not away, and
    takes one more appointment that day."""
    return _Against(plans, busy).leaves(candidates)


def first_free(
    plans: Sequence[Plan], start: datetime, until: datetime, busy: Busy, *, count: int, now: datetime
) -> list[Slot]:
    """The first `count` slots that start in [start, until), may be booked at `now` and can be had."""
    return _first(plans, start, until, _Against(plans, busy), count=count, now=now)


def horizon_of(plans: Iterable[Plan], now: datetime) -> datetime:
    """The instant from which on nothing may be booked at `now`."""
    return max((plan.bookable(now)[1] for plan in plans), default=now)


def outlook(plans: Sequence[Plan], busy: Busy, now: datetime) -> Outlook:
    """What the calendar says at `now`, given all that is busy on the days from today until one beyond the horizon."""
    against = _Against(plans, busy)
    found = _first(plans, now, horizon_of(plans, now), against, count=1, now=now)
    first = found[0].starts_at if found else None
    turns = [end for plan in plans for end in plan.ends()]
    # What is held by then is free again, or booked.
    turns += busy.held_until
    if first:
        # Until it is too late to book it: at that very instant it still can be.
        turns += [first - plan.notice + _INSTANT for plan in plans]
    for plan in plans:
        # What begins before it and is too far ahead today: the day that the horizon uncovers next is looked through.
        horizon = now + plan.horizon
        uncovered = expand(plan, horizon, min(horizon + ONE_DAY, first or horizon + ONE_DAY))
        nearer = against.leaves(uncovered)
        if nearer:
            turns.append(nearer[0].starts_at - plan.horizon + _INSTANT)
        elif first is None or first > horizon:
            turns.append(now + ONE_DAY)
    holds_until = min((turn for turn in turns if turn > now), default=None)
    return Outlook(any(plan.is_open(now) for plan in plans), first, holds_until)


def why_none(
    plans: Collection[Plan], start: datetime, end: datetime, *, now: datetime, leave: Iterable[Interval]
) -> NoSlots:
    """Why [start, end) has no free slot, given that it has none."""
    laid = [slot for plan in plans for slot in expand(plan, start, end, even_closed=True)]
    if not laid:
        return NoSlots.NO_SCHEDULE
    if offered(plans, start, end, now, even_closed=True):
        candidates = offered(plans, start, end, now)
        if not candidates:
            return NoSlots.CLOSED
        return NoSlots.FULL if free(candidates, leave) else NoSlots.ON_LEAVE
    if not any(expand(plan, start, end) for plan in plans):
        return NoSlots.CLOSED
    earliest = min(plan.bookable(now)[0] for plan in plans)
    return NoSlots.TOO_SOON if min(laid).starts_at < earliest else NoSlots.BEYOND_HORIZON


def _first(
    plans: Sequence[Plan], start: datetime, until: datetime, against: _Against, *, count: int, now: datetime
) -> list[Slot]:
    found: list[Slot] = []
    look = FIRST_LOOK
    while start < until and len(found) < count:
        end = min(start + look, until)
        found += against.leaves(offered(plans, start, end, now))
        start, look = end, look * 2
    return found[:count]


def _full_days(plans: Iterable[Plan], busy: Busy) -> set[tuple[UUID, date]]:
    capped = {plan.hospital_id: plan for plan in plans if plan.daily_cap is not None}
    if not capped:
        return set()
    taken = Counter(
        (hospital_id, day_of(starts_at, capped[hospital_id].zone))
        for hospital_id, starts_at in busy.booked
        if hospital_id in capped
    )
    return {key for key, count in taken.items() if count >= (capped[key[0]].daily_cap or 0)}


def _until(slot: Slot, with_buffer: bool) -> datetime:
    return slot.busy_until if with_buffer else slot.ends_at

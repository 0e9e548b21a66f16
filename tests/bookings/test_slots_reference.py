"""The slots that are offered, against a slow reference that walks through every minute and reads the wall clock.

The reference knows no offsets, no steps in UTC and no intervals: it asks of each minute what the clock at the hospital
shows, and decides by the rule as one would say it. Each rule has a control: with a mistake planted in it, the
comparison finds a difference.
"""

import dataclasses
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.bookings import slots
from apps.bookings.slots import Busy, ExtraOpening, Opening, Plan

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HOSPITAL, ELSEWHERE = UUID(int=1), UUID(int=2)
#: No opening lasts longer, on the longest day; no slot is longer.
LONGEST_OPENING, LONGEST_SLOT = timedelta(hours=27), timedelta(hours=4)

#: Days around which each zone's clock goes forward and back, where it does; and a leap day.
DAYS = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2028, 2, 29)],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # by half an hour
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],  # back for Ramadan
    "Asia/Kolkata": [date(2026, 6, 15), date(2028, 2, 29)],
    "Asia/Kathmandu": [date(2026, 6, 15), date(2028, 2, 29)],
    "Pacific/Apia": [date(2011, 9, 24), date(2011, 12, 30), date(2012, 4, 1)],  # the second of them never was
    "Europe/Istanbul": [date(2015, 11, 8), date(2016, 3, 27), date(2016, 9, 7)],  # summer for good
}


@dataclass(frozen=True)
class Case:
    """What somebody asks of a calendar at `now`: the free slots that start in [start, end)."""

    plan: Plan
    busy: Busy
    start: datetime
    end: datetime
    now: datetime

    def with_plan(self, **changes):
        return dataclasses.replace(self, plan=replace(self.plan, **changes))


# --- the reference ---


class Reference:
    """What may be had, said minute by minute."""

    def __init__(self, case):
        self.case, self.plan = case, case.plan
        zone = ZoneInfo(self.plan.zone)
        first, last = case.start - LONGEST_OPENING, case.end + LONGEST_SLOT
        self.minutes = [first + number * MINUTE for number in range((last - first) // MINUTE)]
        #: What the clock on the wall shows at each minute.
        self.wall = {at: at.astimezone(zone).replace(tzinfo=None, fold=0) for at in self.minutes}

    def free(self):
        return [at for at in sorted(self.laid()) if self.is_offered(at) and self.can_be_had(at)]

    def laid(self):
        """Openings cut into slots: from where the door opens, one after the other, each with its buffer after it."""
        starts = set()
        for opening in self.plan.openings:
            starts |= {at for at in self._cut(opening) if not self._is_holiday(at)}
        for extra in self.plan.extra:
            starts |= set(self._cut(extra))
        return {at for at in starts if self.case.start <= at < self.case.end and not self._is_closed(at)}

    def _cut(self, opening):
        length, step = self.plan.length // MINUTE, (self.plan.length + self.plan.buffer) // MINUTE
        minutes_open = 0
        for at in self.minutes:
            minutes_open = minutes_open + 1 if self._is_open(opening, self.wall[at]) else 0
            if minutes_open >= length and (minutes_open - length) % step == 0:
                yield at + MINUTE - self.plan.length

    def _is_open(self, opening, wall):
        return self._began(opening, wall.date(), wall) or self._began(opening, wall.date() - DAY, wall)

    def _began(self, opening, day, wall):
        """Whether the opening that begins on this day is open when the clock shows `wall`."""
        if isinstance(opening, ExtraOpening):
            is_its_day = day == opening.day
        else:
            is_its_day = day.weekday() == opening.weekday and _within(
                opening.effective_from, day, opening.effective_until
            )
        if not is_its_day or not _within(self.plan.first_day, day, self.plan.last_day):
            return False
        opens = datetime.combine(day, opening.starts)
        closes = datetime.combine(day if opening.ends > opening.starts else day + DAY, opening.ends)
        return opens <= wall < closes

    def _days(self, at):
        """The local days that a slot from `at` touches."""
        return {self.wall[at + number * MINUTE].date() for number in range(self.plan.length // MINUTE)}

    def _is_holiday(self, at):
        return bool(self._days(at) & set(self.plan.holidays))

    def _is_closed(self, at):
        return any(first <= day <= last for day in self._days(at) for first, last in self.plan.closures)

    def is_offered(self, at):
        """Neither too soon nor too far ahead, and the doctor has a licence on that day."""
        notice, horizon = at - self.case.now >= self.plan.notice, at - self.case.now < self.plan.horizon
        return notice and horizon and _within(None, self.wall[at].date(), self.plan.licensed_until)

    def can_be_had(self, at):
        end = at + self.plan.length
        busy = self.case.busy
        taken = any(start < end + self.plan.buffer and at < until for start, until in busy.doctor)
        away = any(start < end and at < until for start, until in busy.leave + busy.patient)
        return not taken and not away and not self._is_full(self.wall[at].date())

    def _is_full(self, day):
        if self.plan.daily_cap is None:
            return False
        zone = ZoneInfo(self.plan.zone)
        there = [start for hospital, start in self.case.busy.booked if hospital == self.plan.hospital_id]
        return sum(start.astimezone(zone).date() == day for start in there) >= self.plan.daily_cap


def _within(first, day, last):
    return (first is None or first <= day) and (last is None or day <= last)


def reference(case):
    return Reference(case).free()


def ours(case):
    offered = slots.offered([case.plan], case.start, case.end, case.now)
    return [slot.starts_at for slot in slots.available([case.plan], offered, case.busy)]


# --- random calendars ---


class Dice:
    """Throws calendars around the days on which clocks change. `chance` is hypothesis's own, or plain random."""

    def __init__(self, chance):
        self.chance = chance
        self.zone = chance.choice(sorted(DAYS))
        self.around = chance.choice(DAYS[self.zone])

    def near(self):
        return self.around + self.chance.randint(-2, 2) * DAY

    def perhaps(self):
        return self.near() if self.chance.random() < 0.12 else None

    def some(self, most, throw):
        return tuple(throw() for _ in range(self.chance.randint(0, most)))

    def hours(self):
        """From and until, never the same; many over midnight."""
        starts, ends = (
            time(self.chance.randint(0, 23), self.chance.choice([0, 0, 1, 15, 30, 45, 59])) for _ in range(2)
        )
        return starts, ends if starts != ends else time((starts.hour + 1) % 24, starts.minute)

    def opening(self):
        weekday = (self.around + self.chance.randint(-1, 1) * DAY).weekday()
        return Opening(weekday, *self.hours(), *_ordered(self.perhaps(), self.perhaps()))

    def closure(self):
        first = self.near()
        return first, first + self.chance.randint(0, 1) * DAY

    def plan(self):
        choice = self.chance.choice
        first_day, last_day = _ordered(self.perhaps(), self.perhaps())
        return Plan(
            HOSPITAL,
            self.zone,
            (self.opening(), *self.some(2, self.opening)),
            choice([5, 15, 20, 30, 45, 60, 90, 240]) * MINUTE,
            buffer=choice([0, 0, 5, 10, 15, 60]) * MINUTE,
            notice=choice([0, 0, 0, 45, 600]) * MINUTE,
            horizon=choice([1, 2, 30]) * DAY,
            daily_cap=choice([None, None, None, 1, 2]),
            extra=self.some(2, lambda: ExtraOpening(self.near(), *self.hours())),
            closures=(self.closure(),) if self.chance.random() < 0.25 else (),
            holidays=(self.near(),) if self.chance.random() < 0.3 else (),
            first_day=first_day,
            last_day=last_day,
            licensed_until=self.perhaps(),
        )

    def case(self):
        midnight = datetime(self.around.year, self.around.month, self.around.day, tzinfo=UTC)
        start = midnight + (self.chance.randint(-80, 40) * 15 + self.chance.choice([0, 0, 0, 7])) * MINUTE
        end = start + self.chance.randint(400, 2200) * MINUTE

        def lasting():
            begins = start + self.chance.randint(-4, 100) * 15 * MINUTE
            return begins, begins + self.chance.choice([1, 15, 30, 60, 90, 400]) * MINUTE

        doctor = self.some(3, lasting)
        busy = Busy(
            doctor=list(doctor),
            leave=list(self.some(1, lasting)),
            patient=list(self.some(1, lasting)),
            booked=[(self.chance.choice([HOSPITAL, HOSPITAL, ELSEWHERE]), begins) for begins, _until in doctor],
        )
        return Case(self.plan(), busy, start, end, now=start - self.chance.choice([0, 0, 15, 45, 1440]) * MINUTE)


def _ordered(first, last):
    return (last, first) if first and last and last < first else (first, last)


def thrown(number):
    """So many cases, the same each time."""
    chance = random.Random(5)
    return (Dice(chance).case() for _ in range(number))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_what_is_offered_is_what_the_clock_on_the_wall_says(chance):
    case = Dice(chance).case()
    assert ours(case) == reference(case)


def test_the_cases_are_not_empty():
    """Of the random calendars every fourth and more offers something, in every zone."""
    found = Counter()
    for case in thrown(2000):
        found[case.plan.zone, bool(ours(case))] += 1
    assert all(3 * found[zone, True] > found[zone, False] for zone in DAYS), found


# --- controls: with this mistake in the rule, the comparison fails ---


def _until_midnight(case):
    """An opening over midnight ends at midnight."""
    last = time(23, 59)
    cut = [
        each if each.ends > each.starts else replace(each, ends=last)
        for each in case.plan.openings
        if each.starts < last
    ]
    return ours(case.with_plan(openings=tuple(cut)))


def _skipped_too(case):
    """Steps the wall clock through the day, and takes a time that the clock skips for an instant."""
    zone, found = ZoneInfo(case.plan.zone), set(ours(case))
    for (opens, closes), _is_extra in case.plan.walls(case.start.date() - 2 * DAY, case.end.date() + DAY):
        wall = opens
        while wall + case.plan.length <= closes:
            at = wall.replace(tzinfo=zone).astimezone(UTC)
            if case.start <= at < case.end and at.astimezone(zone).replace(tzinfo=None) != wall:
                found.add(at)
            wall += case.plan.length + case.plan.buffer
    return sorted(found)


def _close_a_minute_late(case):
    """The minute at which an opening ends is open, too."""

    def later(each):
        ends = (datetime.combine(date.min, each.ends) + MINUTE).time()
        return each if ends == each.starts else replace(each, ends=ends)

    return ours(case.with_plan(openings=tuple(later(each) for each in case.plan.openings)))


def _doubled_once(case):
    """A wall time that comes twice is offered once."""
    zone, seen, found = ZoneInfo(case.plan.zone), set(), []
    for at in ours(case):
        wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if wall not in seen:
            found.append(at)
        seen.add(wall)
    return found


def _rest_on_extra_hours(case):
    """A public holiday closes extra hours, too."""
    return ours(case.with_plan(closures=(*case.plan.closures, *((day, day) for day in case.plan.holidays))))


def _work_on_the_last_closed_day(case):
    return ours(case.with_plan(closures=tuple((first, last - DAY) for first, last in case.plan.closures)))


def _forget_hours_ends(case):
    weekly = tuple(replace(opening, effective_from=None, effective_until=None) for opening in case.plan.openings)
    return ours(case.with_plan(openings=weekly))


def _busy(case, **changes):
    return dataclasses.replace(case, busy=replace(case.busy, **changes))


MISTAKES = {
    "an opening over midnight ends at midnight": _until_midnight,
    "a skipped hour is offered": _skipped_too,
    "a doubled hour is offered once": _doubled_once,
    "the weekly hours hold for ever": _forget_hours_ends,
    "no buffer between slots": lambda case: ours(case.with_plan(buffer=timedelta())),
    "an opening includes the minute at which it ends": _close_a_minute_late,
    "no extra hours": lambda case: ours(case.with_plan(extra=())),
    "closures are not looked at": lambda case: ours(case.with_plan(closures=())),
    "the last day of a closure is open": _work_on_the_last_closed_day,
    "holidays are not looked at": lambda case: ours(case.with_plan(holidays=())),
    "holidays close extra hours": _rest_on_extra_hours,
    "no daily cap": lambda case: ours(case.with_plan(daily_cap=None)),
    "appointments elsewhere count for the cap": lambda case: ours(
        _busy(case, booked=[(HOSPITAL, start) for _hospital, start in case.busy.booked])
    ),
    "no notice": lambda case: ours(case.with_plan(notice=timedelta())),
    "the horizon includes its end": lambda case: ours(case.with_plan(horizon=case.plan.horizon + MINUTE)),
    "the notice is longer than it says": lambda case: ours(case.with_plan(notice=case.plan.notice + MINUTE)),
    "hours before the first day there": lambda case: ours(case.with_plan(first_day=None)),
    "hours after the last day there": lambda case: ours(case.with_plan(last_day=None)),
    "no licence is asked for": lambda case: ours(case.with_plan(licensed_until=None)),
    "the doctor's appointments do not count": lambda case: ours(_busy(case, doctor=[])),
    "the buffer after a slot may meet an appointment": lambda case: [
        slot.starts_at
        for slot in slots.available(
            [case.plan],
            [replace(slot, buffer=timedelta()) for slot in slots.offered([case.plan], case.start, case.end, case.now)],
            case.busy,
        )
    ],
    "leave does not count": lambda case: ours(_busy(case, leave=[])),
    "leave must be clear of the buffer": lambda case: ours(
        _busy(case, doctor=case.busy.doctor + case.busy.leave, booked=case.busy.booked)
    ),
    "the patient may be at two places": lambda case: ours(_busy(case, patient=[])),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_control_with_a_mistake_in_the_rule_the_comparison_fails(mistake):
    planted = MISTAKES[mistake]
    case = next(case for case in thrown(5000) if planted(case) != ours(case))
    assert planted(case) != reference(case) == ours(case)

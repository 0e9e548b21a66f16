"""Slots across clock changes, midnight, leap days and odd offsets; buffers, caps, extra hours and closed days; and
against a slow reference that counts minutes."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.bookings import slots
from apps.bookings.slots import Busy, ExtraOpening, NoSlots, Opening, Plan, Slot

HOSPITAL = UUID(int=1)
EVERY_DAY = range(7)
MINUTE = timedelta(minutes=1)


def plan(zone, *openings, length=60, notice=0, horizon=365 * 40, **more):
    return Plan(
        HOSPITAL,
        zone,
        tuple(openings),
        timedelta(minutes=length),
        notice=timedelta(minutes=notice),
        horizon=timedelta(days=horizon),
        **more,
    )


def daily(starts, ends):
    return [Opening(weekday, time.fromisoformat(starts), time.fromisoformat(ends)) for weekday in EVERY_DAY]


def on_the_wall(zone, day, starts, ends, length=60, **more):
    """The starts of one local day's slots, as the hospital's clock shows them."""
    start, end = slots.day_bounds(date.fromisoformat(day), date.fromisoformat(day), zone)
    found = slots.expand(plan(zone, *daily(starts, ends), length=length, **more), start, end)
    return [slot.starts_at.astimezone(ZoneInfo(zone)).strftime("%H:%M%z") for slot in found]


def shown(a_plan, first, last=None):
    """The starts of the plan's slots on these local days, day of the month and time."""
    start, end = slots.day_bounds(date.fromisoformat(first), date.fromisoformat(last or first), a_plan.zone)
    return [f"{slot.starts_at.astimezone(ZoneInfo(a_plan.zone)):%d %H:%M}" for slot in slots.expand(a_plan, start, end)]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "length", "expected"),
    [
        # Spring forward: 02:00 to 03:00 does not exist.
        ("America/New_York", "2026-03-08", ("01:00", "04:00"), 60, ["01:00-0500", "03:00-0400"]),
        ("America/New_York", "2026-03-08", ("02:00", "03:00"), 30, []),
        # Fall back: 01:00 to 02:00 comes twice.
        ("America/New_York", "2026-11-01", ("01:00", "02:00"), 30,
         ["01:00-0400", "01:30-0400", "01:00-0500", "01:30-0500"]),
        # Half of the doubled hour: two openings, each stepped by itself.
        ("America/New_York", "2026-11-01", ("01:30", "02:30"), 30, ["01:30-0400", "01:30-0500", "02:00-0500"]),
        ("Europe/London", "2026-03-29", ("00:30", "02:30"), 30, ["00:30+0000", "02:00+0100"]),
        ("Europe/London", "2026-10-25", ("00:30", "02:00"), 30,
         ["00:30+0100", "01:00+0100", "01:30+0100", "01:00+0000", "01:30+0000"]),
        # Lord Howe changes by half an hour only.
        ("Australia/Lord_Howe", "2026-10-04", ("01:30", "03:30"), 30, ["01:30+1030", "02:30+1100", "03:00+1100"]),
        ("Australia/Lord_Howe", "2026-04-05", ("01:00", "02:30"), 30,
         ["01:00+1100", "01:30+1100", "01:30+1030", "02:00+1030"]),
        # Half and three quarters of an hour from UTC, no clock change.
        ("Asia/Kolkata", "2026-06-15", ("09:00", "11:00"), 60, ["09:00+0530", "10:00+0530"]),
        ("Asia/Kathmandu", "2026-06-15", ("09:15", "10:15"), 30, ["09:15+0545", "09:45+0545"]),
        ("Asia/Kathmandu", "2026-06-15", ("23:45", "00:45"), 30, ["00:15+0545", "23:45+0545"]),
        ("America/St_Johns", "2026-07-01", ("09:30", "11:00"), 45, ["09:30-0230", "10:15-0230"]),
        # Chatham's clock goes back from a quarter to four to a quarter to three.
        ("Pacific/Chatham", "2026-04-05", ("02:45", "03:45"), 30,
         ["02:45+1345", "03:15+1345", "02:45+1245", "03:15+1245"]),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-29", ("22:00", "23:30"), 30, ["22:00-1000", "22:30-1000", "23:00-1000"]),
        ("Pacific/Apia", "2011-12-31", ("00:00", "01:00"), 30, ["00:00+1400", "00:30+1400"]),
        # Morocco leaves its summer time for Ramadan.
        ("Africa/Casablanca", "2026-02-15", ("02:00", "03:30"), 30,
         ["02:00+0100", "02:30+0100", "02:00+0000", "02:30+0000", "03:00+0000"]),
        ("Africa/Casablanca", "2026-03-22", ("01:30", "03:30"), 30, ["01:30+0000", "03:00+0100"]),
        # A leap day is a day.
        ("Asia/Kolkata", "2028-02-29", ("09:00", "10:00"), 60, ["09:00+0530"]),
        # What does not fit whole is not offered.
        ("Asia/Kolkata", "2026-06-15", ("09:00", "10:50"), 45, ["09:00+0530", "09:45+0530"]),
    ],
)  # fmt: skip
def test_what_the_clock_shows(zone, day, hours, length, expected):
    assert on_the_wall(zone, day, *hours, length=length) == expected


def test_a_day_that_never_was_offers_nothing():
    start = datetime(2011, 12, 29, tzinfo=UTC)
    found = slots.expand(plan("Pacific/Apia", *daily("00:00", "23:59")), start, start + timedelta(days=4))
    days = {slot.starts_at.astimezone(ZoneInfo("Pacific/Apia")).date().isoformat() for slot in found}
    assert "2011-12-30" not in days
    assert {"2011-12-29", "2011-12-31"} <= days


def test_only_the_doubled_hour_is_ambiguous():
    start, end = slots.day_bounds(date(2026, 11, 1), date(2026, 11, 1), "America/New_York")
    found = slots.expand(plan("America/New_York", *daily("00:00", "03:00")), start, end)
    assert [slot.is_ambiguous for slot in found] == [False, True, True, False]
    shown = [slots.show(slot, "UTC") for slot in found]
    assert [entry["hospital_time"]["offset"] for entry in shown] == ["-04:00", "-04:00", "-05:00", "-05:00"]


def test_an_opening_over_midnight_belongs_to_the_day_it_begins():
    night = Opening(4, time(22), time(2), effective_until=date(2026, 6, 5))
    start, end = slots.day_bounds(date(2026, 6, 1), date(2026, 6, 30), "Asia/Kolkata")
    found = [slot.starts_at.astimezone(ZoneInfo("Asia/Kolkata")) for slot in slots.expand(
        plan("Asia/Kolkata", night), start, end)]  # fmt: skip
    assert [f"{at:%a %H:%M}" for at in found] == ["Fri 22:00", "Fri 23:00", "Sat 00:00", "Sat 01:00"]


def test_an_opening_until_midnight_ends_there():
    assert on_the_wall("Asia/Kolkata", "2026-06-15", "22:00", "00:00") == ["22:00+0530", "23:00+0530"]


def test_effective_days_hold_to_the_day():
    opening = [
        Opening(weekday, time(9), time(10), effective_from=date(2026, 6, 10), effective_until=date(2026, 6, 12))
        for weekday in EVERY_DAY
    ]
    start, end = slots.day_bounds(date(2026, 6, 1), date(2026, 6, 30), "Asia/Kolkata")
    assert [slot.starts_at.day for slot in slots.expand(plan("Asia/Kolkata", *opening), start, end)] == [10, 11, 12]


def test_the_days_of_an_affiliation_hold_to_the_day():
    limited = plan("Asia/Kolkata", *daily("09:00", "10:00"), first_day=date(2026, 6, 10), last_day=date(2026, 6, 12))
    start, end = slots.day_bounds(date(2026, 6, 1), date(2026, 6, 30), "Asia/Kolkata")
    assert [slot.starts_at.day for slot in slots.expand(limited, start, end)] == [10, 11, 12]


def test_a_slot_is_found_by_exactly_its_instant():
    offered = plan("Asia/Kolkata", *daily("09:00", "10:00"), length=30)
    at = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
    assert slots.find(offered, at) == Slot(at, at + timedelta(minutes=30), HOSPITAL, "Asia/Kolkata")
    assert slots.find(offered, at + timedelta(seconds=1)) is None
    assert slots.find(offered, at - timedelta(microseconds=1)) is None
    assert slots.find(offered, at + timedelta(hours=1)) is None


NOW = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)  # 09:30 in Kolkata


def test_notice_and_horizon_bound_what_is_offered():
    bounded = plan("Asia/Kolkata", *daily("09:00", "12:00"), length=30, notice=60, horizon=1)
    found = slots.offered([bounded], NOW - timedelta(days=7), NOW + timedelta(days=7), NOW)
    assert found[0].starts_at == NOW + timedelta(hours=1)
    assert found[-1].starts_at == NOW + timedelta(hours=23, minutes=30)


def interval(start, end):
    return NOW + start * MINUTE, NOW + end * MINUTE


@pytest.mark.parametrize(
    ("busy", "left"),
    [
        ([], [0, 30, 60, 90]),
        ([(0, 30)], [30, 60, 90]),
        ([(30, 31)], [0, 60, 90]),
        ([(29, 30)], [30, 60, 90]),
        ([(-60, 0), (120, 180)], [0, 30, 60, 90]),
        ([(0, 120)], []),
        ([(45, 50), (10, 100)], []),
        ([(10, 20), (15, 61)], [90]),
    ],
)
def test_busy_intervals_are_half_open_and_may_overlap(busy, left):
    candidates = [
        Slot(NOW + offset * MINUTE, NOW + (offset + 30) * MINUTE, HOSPITAL, "UTC") for offset in (0, 30, 60, 90)
    ]
    free = slots.free(candidates, [interval(*pair) for pair in busy])
    assert [(slot.starts_at - NOW) // MINUTE for slot in free] == left


@pytest.mark.parametrize(
    ("day", "leave", "expected"),
    [
        ("2026-06-14", [], NoSlots.NO_SCHEDULE),  # a Sunday
        ("2026-06-12", [], NoSlots.TOO_SOON),  # past
        ("2026-06-15", [], NoSlots.TOO_SOON),  # today, inside the notice
        ("2026-06-16", [], NoSlots.FULL),  # nothing else explains it
        ("2026-06-16", [(0, 24 * 60 * 3)], NoSlots.ON_LEAVE),
        ("2026-06-16", [(0, 25 * 60)], NoSlots.FULL),  # away for part of the day, the rest is taken
        ("2026-07-20", [], NoSlots.BEYOND_HORIZON),
    ],
)
def test_why_there_is_no_slot(day, leave, expected):
    weekdays = [Opening(weekday, time(9), time(12)) for weekday in range(5)]
    bounded = plan("Asia/Kolkata", *weekdays, notice=180, horizon=30)
    start, end = slots.day_bounds(date.fromisoformat(day), date.fromisoformat(day), "Asia/Kolkata")
    assert slots.why_none([bounded], start, end, now=NOW, leave=[interval(*pair) for pair in leave]) == expected


def test_no_plan_is_no_schedule():
    assert slots.why_none([], NOW, NOW + timedelta(days=1), now=NOW, leave=[]) == NoSlots.NO_SCHEDULE


# --- buffers ---

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "length", "expected"),
    [
        # The last one ends with the hours, its buffer reaches beyond.
        ("Asia/Kolkata", "2026-06-15", ("09:00", "11:00"), 30, ["09:00+0530", "09:45+0530", "10:30+0530"]),
        ("Asia/Kolkata", "2026-06-15", ("09:00", "10:59"), 30, ["09:00+0530", "09:45+0530"]),
        ("Asia/Kathmandu", "2026-06-15", ("09:15", "10:45"), 30, ["09:15+0545", "10:00+0545"]),
        # Stepped in UTC through the missing hour; each of the doubled halves by itself.
        ("America/New_York", "2026-03-08", ("01:00", "04:00"), 30, ["01:00-0500", "01:45-0500", "03:30-0400"]),
        ("America/New_York", "2026-11-01", ("01:30", "02:45"), 30, ["01:30-0400", "01:30-0500", "02:15-0500"]),
        # Over midnight, into and out of a leap day.
        ("Europe/London", "2028-02-29", ("23:00", "01:00"), 30, ["00:30+0000", "23:00+0000", "23:45+0000"]),
    ],
)  # fmt: skip
def test_the_next_slot_begins_when_the_buffer_is_over(zone, day, hours, length, expected):
    assert on_the_wall(zone, day, *hours, length=length, buffer=QUARTER) == expected


@pytest.mark.parametrize(
    ("whose", "busy", "is_free"),
    [
        ("doctor", (30, 60), False),
        ("doctor", (44, 60), False),
        ("doctor", (45, 60), True),
        ("doctor", (-30, 0), True),
        ("doctor", (-30, 1), False),
        ("leave", (30, 60), True),
        ("leave", (29, 60), False),
        ("patient", (30, 60), True),
        ("patient", (29, 60), False),
    ],
)
def test_the_buffer_is_kept_free_of_the_doctors_appointments_alone(whose, busy, is_free):
    """Of half an hour and a quarter after it."""
    slot = Slot(NOW, NOW + 30 * MINUTE, HOSPITAL, "UTC", QUARTER)
    against = Busy(**{whose: [interval(*busy)]})
    assert slots.available([plan("UTC")], [slot], against) == ([slot] if is_free else [])


# --- caps ---


def booked(*starts, hospital=HOSPITAL, zone="Asia/Kolkata"):
    return Busy(booked=[(hospital, datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))) for at in starts])


@pytest.mark.parametrize(
    ("busy", "left"),
    [
        (booked(), ["05 22:00", "05 23:00", "06 00:00", "06 01:00"]),
        (booked("2026-06-05T08:00"), ["05 22:00", "05 23:00", "06 00:00", "06 01:00"]),
        # The day is the slot's own, by the hospital's calendar: the night after belongs to the next one.
        (booked("2026-06-05T08:00", "2026-06-05T23:59"), ["06 00:00", "06 01:00"]),
        (booked("2026-06-06T00:00", "2026-06-06T12:00"), ["05 22:00", "05 23:00"]),
        (booked("2026-06-05T23:59", "2026-06-06T00:00"), ["05 22:00", "05 23:00", "06 00:00", "06 01:00"]),
        (booked("2026-06-05T08:00", "2026-06-05T09:00", hospital=UUID(int=2)),
         ["05 22:00", "05 23:00", "06 00:00", "06 01:00"]),
    ],
)  # fmt: skip
def test_a_day_with_as_many_appointments_as_the_cap_says_is_full(busy, left):
    capped = plan("Asia/Kolkata", Opening(4, time(22), time(2)), daily_cap=2)
    start, end = slots.day_bounds(date(2026, 6, 1), date(2026, 6, 7), "Asia/Kolkata")
    found = slots.available([capped], slots.expand(capped, start, end), busy)
    assert [f"{slot.starts_at.astimezone(ZoneInfo('Asia/Kolkata')):%d %H:%M}" for slot in found] == left


def test_without_a_cap_no_day_is_full():
    at = datetime(2026, 6, 5, 8, tzinfo=UTC)
    busy = Busy(booked=[(HOSPITAL, at)] * 50)
    assert not slots.is_day_full(plan("UTC"), at, busy)
    assert slots.is_day_full(plan("UTC", daily_cap=50), at, busy)
    assert not slots.is_day_full(plan("UTC", daily_cap=51), at, busy)


# --- days that differ from the week ---

MORNINGS = daily("09:00", "11:00")


def extra(day, starts, ends):
    return ExtraOpening(date.fromisoformat(day), time.fromisoformat(starts), time.fromisoformat(ends))


def closure(first, last=None):
    return date.fromisoformat(first), date.fromisoformat(last or first)


def test_extra_hours_hold_on_their_day_beside_the_weeks():
    with_extra = plan("Asia/Kolkata", *MORNINGS, extra=(extra("2026-06-06", "17:00", "19:00"),))
    assert shown(with_extra, "2026-06-05", "2026-06-06") == [
        "05 09:00", "05 10:00", "06 09:00", "06 10:00", "06 17:00", "06 18:00",
    ]  # fmt: skip


def test_extra_hours_need_no_week():
    only_extra = plan("Asia/Kathmandu", extra=(extra("2028-02-29", "09:45", "11:00"),), length=30)
    assert shown(only_extra, "2028-02-01", "2028-03-31") == ["29 09:45", "29 10:15"]


def test_extra_hours_cross_midnight_and_clock_changes():
    night = plan("Europe/London", extra=(extra("2026-03-28", "23:00", "02:30"),), length=30)
    assert shown(night, "2026-03-28", "2026-03-29") == ["28 23:00", "28 23:30", "29 00:00", "29 00:30", "29 02:00"]


def test_extra_hours_on_a_day_outside_of_the_affiliation_are_none():
    limited = plan("UTC", extra=(extra("2026-06-06", "09:00", "10:00"),), last_day=date(2026, 6, 5))
    assert shown(limited, "2026-06-01", "2026-06-30") == []


def test_extra_hours_end_with_the_licence():
    limited = plan("UTC", extra=(extra("2026-06-06", "22:00", "02:00"),), licensed_until=date(2026, 6, 6))
    assert shown(limited, "2026-06-01", "2026-06-30") == ["06 22:00", "06 23:00"]


def test_a_closed_day_is_a_whole_day_of_the_hospitals_calendar():
    closed = plan("Asia/Kolkata", *MORNINGS, closures=(closure("2026-06-02", "2026-06-04"),))
    assert shown(closed, "2026-06-01", "2026-06-05") == ["01 09:00", "01 10:00", "05 09:00", "05 10:00"]


@pytest.mark.parametrize(
    ("closed_on", "expected"),
    [
        ("2026-06-04", ["05 22:00", "05 23:30", "06 01:00"]),
        # No moment of a slot lies on a closed day: the one at half past eleven would reach into it.
        ("2026-06-06", ["05 22:00"]),
        ("2026-06-05", ["06 01:00"]),
        ("2026-06-07", ["05 22:00", "05 23:30", "06 01:00"]),
    ],
)
def test_a_night_is_closed_as_far_as_it_lies_on_a_closed_day(closed_on, expected):
    night = plan("Asia/Kolkata", Opening(4, time(22), time(2, 30)), length=90, closures=(closure(closed_on),))
    assert shown(night, "2026-06-01", "2026-06-08") == expected
    as_holiday = plan("Asia/Kolkata", Opening(4, time(22), time(2, 30)), length=90, holidays=(closure(closed_on)[0],))
    assert shown(as_holiday, "2026-06-01", "2026-06-08") == expected


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01", "2028-02-29"])
def test_a_closed_day_is_closed_however_long_it_is(day):
    """Of 23, 25 and 24 hours."""
    always = plan("America/New_York", *daily("00:00", "23:45"), length=15, closures=(closure(day),))
    before, after = date.fromisoformat(day) - timedelta(days=1), date.fromisoformat(day) + timedelta(days=1)
    found = shown(always, before.isoformat(), after.isoformat())
    assert {entry[:2] for entry in found} == {f"{before:%d}", f"{after:%d}"}
    assert (found[-1], found[len(found) // 2]) == (f"{after:%d} 23:30", f"{after:%d} 00:00")


def test_extra_hours_hold_on_a_public_holiday_and_not_while_it_is_closed():
    days = {"extra": (extra("2026-06-02", "17:00", "19:00"),)}
    on_holiday = plan("UTC", *MORNINGS, **days, holidays=(date(2026, 6, 2),))
    assert shown(on_holiday, "2026-06-02") == ["02 17:00", "02 18:00"]
    closed = plan("UTC", *MORNINGS, **days, holidays=(date(2026, 6, 2),), closures=(closure("2026-06-02"),))
    assert shown(closed, "2026-06-02") == []


@pytest.mark.parametrize(
    ("closed", "leave", "expected"),
    [
        ([closure("2026-06-16")], [], NoSlots.CLOSED),
        ([closure("2026-06-15", "2026-06-18")], [(0, 24 * 60 * 3)], NoSlots.CLOSED),
        ([closure("2026-06-16")], [(0, 24 * 60 * 9)], NoSlots.ON_LEAVE),  # and away on the day that is open
        ([closure("2026-06-16")], [(0, 25 * 60)], NoSlots.FULL),
        ([closure("2026-06-15")], [], NoSlots.FULL),
    ],
)
def test_a_period_without_an_open_day_is_closed(closed, leave, expected):
    """Of Tuesday the 16th, or of two days where the first alone is closed and the doctor is away on the other."""
    bounded = plan("Asia/Kolkata", *MORNINGS, closures=tuple(closed), notice=180, horizon=30)
    last = date(2026, 6, 17) if leave else date(2026, 6, 16)
    start, end = slots.day_bounds(date(2026, 6, 16), last, "Asia/Kolkata")
    assert slots.why_none([bounded], start, end, now=NOW, leave=[interval(*pair) for pair in leave]) == expected


def test_a_closed_day_is_closed_however_soon_or_far_it_is():
    for day in (date(2026, 6, 12), date(2026, 7, 20)):
        closed = plan("Asia/Kolkata", *MORNINGS, closures=((day, day),), horizon=30)
        start, end = slots.day_bounds(day, day, "Asia/Kolkata")
        assert slots.why_none([closed], start, end, now=NOW, leave=[]) == NoSlots.CLOSED


# --- how long it lasts ---


def test_a_doctor_with_extra_hours_alone_takes_appointments_until_their_day_is_over():
    only_extra = plan("Asia/Kolkata", extra=(extra("2026-06-17", "09:00", "10:00"),))
    over = datetime(2026, 6, 17, 18, 30, tzinfo=UTC)
    assert only_extra.is_open(over - MINUTE)
    assert not only_extra.is_open(over)
    said = slots.outlook([only_extra], Busy(), datetime(2026, 6, 17, 5, tzinfo=UTC))
    assert (said.is_open, said.next_free_at, said.holds_until) == (True, None, over)


def test_what_is_held_is_looked_at_again_when_the_hold_is_over():
    daily_plan = plan("Asia/Kolkata", *MORNINGS)
    taken = (NOW + 30 * MINUTE, NOW + 90 * MINUTE)
    until = NOW + 10 * MINUTE
    said = slots.outlook([daily_plan], Busy(doctor=[taken], booked=[(HOSPITAL, taken[0])], held_until=[until]), NOW)
    assert said.holds_until == until
    assert said.next_free_at == datetime(2026, 6, 16, 3, 30, tzinfo=UTC)


# --- against a reference ---


def slow_expand(plan, start, end):
    """Walks through every minute and asks the wall clock: is it open? Slots are stepped from where it opens."""
    zone, length = ZoneInfo(plan.zone), plan.length // MINUTE
    found = set()
    for opening in plan.openings:
        run = 0
        at = start - timedelta(days=3)
        while at < end + timedelta(days=2):
            run = run + 1 if _is_open(opening, at.astimezone(zone).replace(tzinfo=None, fold=0)) else 0
            if run and run % length == 0:
                found.add(at + MINUTE - plan.length)
            at += MINUTE
    return sorted(at for at in found if start <= at < end)


def _is_open(opening, wall):
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        effective = (opening.effective_from or date.min) <= day <= (opening.effective_until or date.max)
        first = datetime.combine(day, opening.starts)
        last = datetime.combine(day if opening.ends > opening.starts else day + timedelta(days=1), opening.ends)
        if effective and day.weekday() == opening.weekday and first <= wall < last:
            return True
    return False


#: Days around which each zone's clock changes, both ways where it does, and an ordinary one.
CHANGES = {
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 30)],  # at midnight
    "Asia/Kolkata": [date(2026, 6, 15)],
    "Asia/Kathmandu": [date(2026, 6, 15)],
    "Europe/Istanbul": [date(2016, 9, 7)],
    "Pacific/Apia": [date(2011, 12, 30), date(2011, 9, 24)],
    "America/St_Johns": [date(2026, 3, 8), date(2006, 10, 29)],  # at one minute past midnight, then
}
WALL = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 10, 15, 30, 45, 59]))


@st.composite
def openings(draw, around):
    starts, ends = draw(WALL), draw(WALL)
    if starts == ends:
        ends = time((starts.hour + 1) % 24, starts.minute)
    first = draw(st.one_of(st.none(), st.integers(-2, 2)))
    last = draw(st.one_of(st.none(), st.integers(-2, 2)))
    if first is not None and last is not None and last < first:
        first, last = last, first
    return Opening(
        draw(st.integers(0, 6)),
        starts,
        ends,
        effective_from=around + timedelta(days=first) if first is not None else None,
        effective_until=around + timedelta(days=last) if last is not None else None,
    )


@st.composite
def cases(draw):
    zone = draw(st.sampled_from(sorted(CHANGES)))
    around = draw(st.sampled_from(CHANGES[zone]))
    weekly = draw(st.lists(openings(around), min_size=1, max_size=3))
    start = datetime(around.year, around.month, around.day, tzinfo=UTC) + draw(st.integers(-1500, 1500)) * MINUTE
    end = start + draw(st.integers(1, 2500)) * MINUTE
    return plan(zone, *weekly, length=draw(st.sampled_from([5, 15, 20, 30, 45, 60, 90, 240]))), start, end


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_offered_slots_are_those_that_counting_minutes_finds(case):
    a_plan, start, end = case
    assert [slot.starts_at for slot in slots.expand(a_plan, start, end)] == slow_expand(a_plan, start, end)


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(1, 2000))
def test_two_halves_of_a_period_make_the_whole(case, minutes):
    a_plan, start, end = case
    middle = min(start + minutes * MINUTE, end)
    whole = slots.expand(a_plan, start, end)
    assert slots.expand(a_plan, start, middle) + slots.expand(a_plan, middle, end) == whole
    assert all(slots.find(a_plan, slot.starts_at) == slot for slot in whole[:5])

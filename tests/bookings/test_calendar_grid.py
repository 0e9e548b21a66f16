"""Where things stand on a calendar's page, through clock changes: the hour that is not there, the one that is twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.bookings.admin import calendar_grid as grid

WHOLE_DAY = (0, grid.DAY)
LONDON, LORD_HOWE, APIA = "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"
FORWARD, BACK = date(2027, 3, 28), date(2027, 10, 31)  # in London, at 01:00 UTC


def utc(day, hour, minute=0):
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def axis(*days, zone=LONDON, window=WHOLE_DAY):
    read = [grid.read_day(day, zone) for day in days]
    return grid.Axis(read, window), read


def times(found, language="fr", readers=LONDON):
    return [label.time for label in found.labels(readers, language)]


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 6, 1), 24), (FORWARD, 23), (BACK, 25)])
def test_a_column_is_as_long_as_its_day(day, hours):
    found, _days = axis(day)
    assert found.minutes == hours * 60


def test_the_hour_that_the_clock_skips_is_not_there_and_the_offset_is_said_after_it():
    found, (day,) = axis(FORWARD)
    assert times(found)[:3] == ["00:00", "02:00 (UTC+01:00)", "03:00"]
    assert found.gaps(day) == []


def test_the_hour_that_the_clock_repeats_is_there_twice_with_its_offsets():
    found, (day,) = axis(BACK)
    assert times(found)[:4] == ["00:00", "01:00 (UTC+01:00)", "01:00 (UTC+00:00)", "02:00"]
    first = found.span(day, utc(BACK, 0), utc(BACK, 0, 30))
    second = found.span(day, utc(BACK, 1), utc(BACK, 1, 30))
    assert (first.top, second.top) == (60, 120)


def test_a_clock_that_changes_by_half_an_hour_repeats_or_skips_half_an_hour():
    back, _days = axis(date(2027, 4, 4), zone=LORD_HOWE)
    assert back.minutes == 24 * 60 + 30
    assert times(back)[1:4] == ["01:00", "01:30 (UTC+10:30)", "02:00"]
    forward, _days = axis(date(2027, 10, 3), zone=LORD_HOWE)
    assert forward.minutes == 24 * 60 - 30
    assert times(forward)[1:4] == ["01:00", "02:30 (UTC+11:00)", "03:00"]


def test_a_day_that_a_zone_left_out_has_no_quarters():
    skipped = grid.read_day(date(2011, 12, 30), APIA)
    assert skipped.begins == ()
    found, _days = axis(date(2011, 12, 29), date(2011, 12, 30), zone=APIA)
    assert found.span(skipped, utc(date(2011, 12, 30), 5), utc(date(2011, 12, 30), 6)) is None
    assert [gap.length for gap in found.gaps(skipped)] == [24 * 60]


def test_in_a_week_the_day_that_lacks_an_hour_has_a_gap_and_the_others_stay_in_line():
    found, (saturday, sunday) = axis(FORWARD - timedelta(days=1), FORWARD)
    assert found.minutes == 24 * 60
    assert found.gaps(saturday) == []
    assert [(gap.top, gap.length) for gap in found.gaps(sunday)] == [(60, 60)]
    nine = [datetime.combine(day.on, time(9), tzinfo=ZoneInfo(LONDON)) for day in (saturday, sunday)]
    tops = {
        found.span(day, at, at + timedelta(minutes=30)).top for day, at in zip((saturday, sunday), nine, strict=True)
    }
    assert tops == {9 * 60}


def test_in_a_week_with_a_repeated_hour_the_other_days_have_the_gap():
    found, (saturday, sunday) = axis(BACK - timedelta(days=1), BACK)
    assert found.minutes == 25 * 60
    assert [(gap.top, gap.length) for gap in found.gaps(saturday)] == [(120, 60)]
    assert found.gaps(sunday) == []


def test_an_appointment_over_the_change_is_as_long_as_it_lasts():
    found, (day,) = axis(BACK)
    span = found.span(day, utc(BACK, 0, 45), utc(BACK, 1, 15))  # 01:45 summer time to 01:15 winter time
    assert (span.top, span.length) == (105, 30)


def test_what_goes_over_midnight_stands_on_both_days_cut():
    day = date(2027, 6, 1)
    found, (first, second) = axis(day, day + timedelta(days=1))
    start, end = utc(day, 22, 30), utc(day, 23, 30)  # 23:30 to 00:30 in London's summer
    assert (found.span(first, start, end).top, found.span(first, start, end).length) == (23 * 60 + 30, 30)
    assert (found.span(second, start, end).top, found.span(second, start, end).length) == (0, 30)


def test_what_lies_outside_the_window_is_cut_or_left_out():
    day = date(2027, 6, 1)
    found, (read,) = axis(day, window=(9 * grid.HOUR, 12 * grid.HOUR))
    eight, ten, noon = (datetime.combine(day, time(hour), tzinfo=ZoneInfo(LONDON)) for hour in (8, 10, 12))
    assert found.span(read, eight, ten) == grid.Span(0, 60)
    assert found.span(read, noon, noon + timedelta(hours=1)) is None


def test_the_readers_clock_stands_beside_with_another_day_where_it_is_one():
    found, _days = axis(date(2027, 6, 1), window=(20 * grid.HOUR, 22 * grid.HOUR))
    assert [label.readers for label in found.labels("Asia/Tokyo", "fr")] == ["04:00 +1", "05:00 +1"]


def test_in_a_week_in_which_the_readers_clock_changes_both_times_are_said():
    """New York goes back a week after London."""
    days = [date(2027, 11, 6), date(2027, 11, 7)]
    found, _days = axis(*days, window=(9 * grid.HOUR, 10 * grid.HOUR))
    assert [label.readers for label in found.labels("America/New_York", "fr")] == ["05:00 / 04:00"]


@pytest.mark.parametrize(
    ("hours", "window"),
    [
        ([], grid.USUAL),
        ([(time(9), time(17))], (9 * 4, 17 * 4)),
        ([(time(8, 40), time(12, 10))], (8 * 4, 13 * 4)),
        ([(time(22), time(2))], WHOLE_DAY),
        ([(time(20), time(0))], (20 * 4, 24 * 4)),
        ([(time(11), time(12))], (8 * 4, 12 * 4)),
    ],
)
def test_the_window_holds_the_consulting_hours_in_whole_hours(hours, window):
    day = date(2027, 6, 1)
    walls = [
        (datetime.combine(day, opens), datetime.combine(day + timedelta(days=closes <= opens), closes))
        for opens, closes in hours
    ]
    assert grid.window_of(walls, [grid.read_day(day, LONDON)], []) == window


def test_the_window_holds_what_takes_place_outside_the_hours():
    day = date(2027, 6, 1)
    walls = [(datetime.combine(day, time(9)), datetime.combine(day, time(17)))]
    late = datetime.combine(day, time(18, 30), tzinfo=ZoneInfo(LONDON))
    found = grid.window_of(walls, [grid.read_day(day, LONDON)], [(late, late + timedelta(minutes=45))])
    assert found == (9 * 4, 20 * 4)

"""The one formatter of instants: the two hours of a doubled one are told apart; every language has its own clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.common import wall_time

LONDON, LORD_HOWE = "Europe/London", "Australia/Lord_Howe"
#: 01:30 in London twice on one night, an hour apart.
SUMMER = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
WINTER = SUMMER + timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "zone", "is_doubled"),
    [
        (SUMMER - timedelta(hours=1), LONDON, False),
        (SUMMER, LONDON, True),
        (WINTER, LONDON, True),
        (WINTER + timedelta(hours=1), LONDON, False),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), LONDON, False),  # 02:00, the first after the hour that is not there
        (datetime(2027, 4, 3, 14, 45, tzinfo=UTC), LORD_HOWE, True),  # half an hour is there twice
        (datetime(2027, 4, 3, 14, 15, tzinfo=UTC), LORD_HOWE, False),
        (SUMMER, "Asia/Kathmandu", False),
    ],
)
def test_a_wall_time_that_is_two_instants_is_known(at, zone, is_doubled):
    assert wall_time.is_doubled(at, zone) is is_doubled


def test_a_time_of_day_has_its_offset_where_the_time_alone_would_be_two_instants():
    assert wall_time.time_of_day(SUMMER, LONDON, "fr") == "01:30 (UTC+01:00)"
    assert wall_time.time_of_day(WINTER, LONDON, "fr") == "01:30 (UTC+00:00)"
    assert wall_time.time_of_day(WINTER + timedelta(hours=8), LONDON, "fr") == "09:30"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "9:30\u202fAM"), ("fr", "09:30"), ("es", "9:30"), ("hi", "9:30 am"), ("ar", "9:30\xa0ص")],
)
def test_a_time_of_day_is_written_as_the_language_writes_it(language, shown):
    at = datetime(2031, 1, 6, 4, 0, tzinfo=UTC)
    assert wall_time.time_of_day(at, "Asia/Kolkata", language).replace("\xa0", " ") == shown.replace("\xa0", " ")


def test_a_stamp_is_the_same_in_every_language_and_always_says_its_offset():
    assert wall_time.stamp(SUMMER, "Asia/Kathmandu") == "2027-10-31 06:15 (UTC+05:45)"
    assert wall_time.stamp(WINTER, LONDON) == "2027-10-31 01:30 (UTC+00:00)"


def test_days_are_headed_in_the_readers_language():
    monday = date(2031, 1, 6)
    assert wall_time.weekday(monday, "en") == "Mon, Jan 6"
    assert wall_time.day_of_week(monday, "fr") == "lundi 6 janvier 2031"
    assert "يناير" in wall_time.weekday(monday, "ar")

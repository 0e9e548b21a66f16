"""Public holidays: worked out for the countries of the hospitals, corrected by people, and never against them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.bookings import exceptions, public_holidays, services, tasks
from apps.bookings.models import CalendarCheck, PublicHoliday
from apps.common.exceptions import Forbidden, Invalid, NotFound
from tests.factories.bookings import DoctorScheduleFactory

pytestmark = pytest.mark.django_db

NEW_YEAR_2027 = date(2027, 1, 1)
REPUBLIC_DAY = date(2027, 1, 26)
#: The first day of a year in which neither of them is today's.
TODAY = date(2026, 11, 21)


def days(**filters):
    return set(PublicHoliday.objects.filter(**filters).values_list("day", flat=True))


@pytest.fixture
def loaded(hospital):
    """The holidays of India, where the hospital is."""
    services.load_holidays(today=TODAY)


def test_a_country_with_a_hospital_gets_three_years_of_holidays_named_in_english(loaded):
    assert {row.day.year for row in PublicHoliday.objects.all()} == {2026, 2027, 2028}
    holiday = PublicHoliday.objects.get(country="IN", day=REPUBLIC_DAY)
    assert (holiday.name, holiday.is_observed, holiday.is_corrected) == ("Republic Day", True, False)


def test_countries_without_a_hospital_get_none(loaded):
    assert set(PublicHoliday.objects.values_list("country", flat=True)) == {"IN"}


def test_a_second_run_changes_nothing_and_asks_two_questions(loaded):
    before = set(PublicHoliday.objects.values_list("pk", "updated_at"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert services.load_holidays(today=TODAY) == 0
    asked = [query["sql"] for query in queries if "advisory" not in query["sql"] and "SAVEPOINT" not in query["sql"]]
    assert len(asked) == 2
    assert set(PublicHoliday.objects.values_list("pk", "updated_at")) == before


def test_what_staff_corrected_is_neither_overwritten_nor_brought_back(loaded, platform_admin):
    holiday = PublicHoliday.objects.get(day=REPUBLIC_DAY)
    services.correct_holiday(holiday.pk, by=platform_admin, name="Republic Day (we work)", is_observed=False)
    services.load_holidays(today=TODAY)
    holiday.refresh_from_db()
    assert (holiday.name, holiday.is_observed, holiday.is_corrected) == ("Republic Day (we work)", False, True)


def test_a_day_that_staff_entered_stays_though_the_library_does_not_know_it(loaded, platform_admin):
    moon = services.enter_holiday(by=platform_admin, country="IN", day=date(2027, 3, 11), name="Eid al-Fitr")
    services.load_holidays(today=TODAY)
    assert PublicHoliday.objects.filter(pk=moon.pk, is_corrected=True).exists()


def test_a_day_that_the_library_no_longer_has_vanishes_unless_staff_touched_it(loaded, platform_admin, monkeypatch):
    kept = PublicHoliday.objects.get(day=date(2026, 1, 26))
    services.correct_holiday(kept.pk, by=platform_admin, name="Republic Day", is_observed=False)
    computed = public_holidays.computed

    def without_january(country, years):
        return {day: name for day, name in computed(country, years).items() if day.month != 1}

    monkeypatch.setattr(public_holidays, "computed", without_january)
    services.load_holidays(today=TODAY)
    assert days(day__month=1) == {kept.day}


def test_another_name_in_the_library_is_taken_over(loaded):
    PublicHoliday.objects.filter(day=REPUBLIC_DAY).update(name="An old name")
    assert services.load_holidays(today=TODAY) == 1
    assert PublicHoliday.objects.get(day=REPUBLIC_DAY).name == "Republic Day"


def test_years_that_are_over_are_left_as_they_were(loaded):
    services.load_holidays(today=date(2028, 1, 1))
    assert {day.year for day in days()} == {2026, 2027, 2028, 2029, 2030}


def test_a_country_that_the_library_does_not_know_stops_no_other(hospital, other_hospital):
    type(other_hospital).objects.filter(pk=other_hospital.pk).update(country="XK")
    services.load_holidays(today=TODAY)
    assert public_holidays.computed("ZZ", [2027]) == {}
    assert REPUBLIC_DAY in days(country="IN")


def test_each_doctor_of_the_country_is_looked_at_once_and_not_once_a_holiday(hospital):
    schedule = DoctorScheduleFactory()
    CalendarCheck.objects.all().delete()
    services.load_holidays(today=TODAY)
    assert list(CalendarCheck.objects.values_list("doctor", flat=True)) == [schedule.doctor_id]


def test_the_job_fills_this_year(hospital):
    tasks.load_holidays()
    assert PublicHoliday.objects.filter(name="Republic Day").count() == 3


def test_a_computed_holiday_is_switched_off_and_not_removed(loaded, platform_admin):
    holiday = PublicHoliday.objects.get(day=REPUBLIC_DAY)
    with pytest.raises(exceptions.ComputedHoliday):
        services.remove_holiday(holiday.pk, by=platform_admin)
    assert REPUBLIC_DAY in days()


def test_what_staff_entered_by_mistake_is_removed(loaded, platform_admin):
    mistake = services.enter_holiday(by=platform_admin, country="IN", day=date(2027, 3, 2), name="Not a holiday")
    services.remove_holiday(mistake.pk, by=platform_admin)
    assert date(2027, 3, 2) not in days()


def test_an_edit_without_a_change_is_no_correction(loaded, platform_admin):
    holiday = PublicHoliday.objects.get(day=REPUBLIC_DAY)
    services.correct_holiday(holiday.pk, by=platform_admin, name=holiday.name, is_observed=True)
    holiday.refresh_from_db()
    assert not holiday.is_corrected


@pytest.mark.parametrize("who", ["coordinator", "hospital_admin", "support_agent", "translator"])
def test_only_platform_admins_keep_holidays(loaded, request, who):
    by = request.getfixturevalue(who)
    holiday = PublicHoliday.objects.get(day=REPUBLIC_DAY)
    with pytest.raises(Forbidden):
        services.enter_holiday(by=by, country="IN", day=date(2027, 3, 2), name="Mine")
    with pytest.raises(Forbidden):
        services.correct_holiday(holiday.pk, by=by, name="Mine", is_observed=False)
    with pytest.raises(Forbidden):
        services.remove_holiday(holiday.pk, by=by)
    assert not PublicHoliday.objects.filter(is_corrected=True).exists()


def test_a_holiday_beyond_the_century_and_one_that_is_not_there_are_refused(platform_admin):
    with pytest.raises(Invalid):
        services.enter_holiday(by=platform_admin, country="IN", day=date(2100, 1, 1), name="Too far")
    with pytest.raises(NotFound):
        services.remove_holiday("0190a000-0000-7000-8000-000000000000", by=platform_admin)

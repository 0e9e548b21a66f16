"""The admin's pages of single days, closures and public holidays; and what leave and closures displace, said first."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Closure, Displacement, ExtraHours, PublicHoliday, TimeOff
from tests.factories.bookings import MONDAY_9_CHENNAI, AppointmentFactory
from tests.factories.hospitals import AffiliationFactory

from .test_admin import hours_form

pytestmark = pytest.mark.django_db

ASKED = "appointment to come lies in this time"


def page(name, *args):
    return reverse(f"admin:bookings_{name}", args=args)


@pytest.fixture
def signed_in(client):
    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def booked(doctor):
    """At nine on Monday, 6 January 2031, in Chennai."""
    return AppointmentFactory(affiliation=doctor.affiliations.get(), starts_at=MONDAY_9_CHENNAI)


# --- schedules and extra hours ---


def schedule_form(schedule, *extra, kept=(), **more):
    data = hours_form(kept=list(schedule.weekly_hours.all())) | {
        "extra_hours-TOTAL_FORMS": str(len(kept) + len(extra)), "extra_hours-INITIAL_FORMS": str(len(kept)),
    }  # fmt: skip
    for number, row in enumerate(kept):
        data[f"extra_hours-{number}-id"] = str(row.pk)
        data[f"extra_hours-{number}-schedule"] = str(row.schedule_id)
    given = [*((row.day, row.starts, row.ends) for row in kept), *extra]
    for number, opening in enumerate(given):
        for name, value in zip(("day", "starts", "ends"), opening, strict=True):
            data[f"extra_hours-{number}-{name}"] = str(value)
    return data | more


def openings(schedule):
    return [(row.day, row.starts, row.ends) for row in schedule.extra_hours.all()]


SATURDAY = date(2031, 1, 11)


def test_buffer_cap_and_work_on_holidays_are_set(signed_in, schedule, hospital_admin):
    data = schedule_form(schedule, buffer_minutes="15", daily_cap="8", works_on_holidays="on")
    response = signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), data)
    assert response.status_code == 302, response.context["errors"]
    schedule.refresh_from_db()
    assert (schedule.buffer_minutes, schedule.daily_cap, schedule.works_on_holidays) == (15, 8, True)


def test_an_empty_cap_is_no_limit(signed_in, schedule, hospital_admin):
    type(schedule).objects.update(daily_cap=3)
    signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), schedule_form(schedule, daily_cap=""))
    schedule.refresh_from_db()
    assert schedule.daily_cap is None


def test_extra_hours_are_added_changed_and_removed(signed_in, schedule, hospital_admin):
    client, url = signed_in(hospital_admin), page("doctorschedule_change", schedule.pk)
    response = client.post(url, schedule_form(schedule, (SATURDAY, "18:00", "20:00"), (SATURDAY, "20:00", "21:00")))
    assert response.status_code == 302, response.context["errors"]
    assert openings(schedule) == [(SATURDAY, time(18), time(20)), (SATURDAY, time(20), time(21))]

    kept = list(schedule.extra_hours.all())
    changed = schedule_form(schedule, kept=kept) | {"extra_hours-0-ends": "19:00", "extra_hours-1-DELETE": "on"}
    response = client.post(url, changed)
    assert response.status_code == 302, response.context["errors"]
    assert openings(schedule) == [(SATURDAY, time(18), time(19))]


def test_the_week_and_its_single_days_are_saved_as_one_act(signed_in, schedule, hospital_admin):
    """What was the week's becomes a single day's: neither is in the other's way for a moment."""
    data = schedule_form(schedule, (SATURDAY, "10:00", "11:00"))
    data |= {f"weekly_hours-{number}-DELETE": "on" for number in range(7)}
    response = signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), data)
    assert response.status_code == 302, response.context["errors"]
    assert openings(schedule) == [(SATURDAY, time(10), time(11))]
    assert not schedule.weekly_hours.exists()


def test_extra_hours_that_meet_the_weeks_stay_on_the_page(signed_in, schedule, hospital_admin):
    data = schedule_form(schedule, (SATURDAY, "16:00", "18:00"))
    response = signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), data)
    assert response.status_code == 200
    assert not schedule.extra_hours.exists()


def test_extra_hours_that_are_over_are_not_on_the_page(signed_in, schedule, hospital_admin):
    ExtraHours.objects.create(schedule=schedule, day=date(2020, 1, 4), starts=time(18), ends=time(19))
    text = signed_in(hospital_admin).get(page("doctorschedule_change", schedule.pk)).content.decode()
    assert "2020-01-04" not in text
    signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), schedule_form(schedule))
    assert schedule.extra_hours.count() == 1


# --- closures ---


def closure_form(hospital, first="2031-01-06", last="2031-01-07", **more):
    return {"hospital": hospital.pk, "doctor": "", "starts_on": first, "ends_on": last, "reason": "Moving"} | more


def test_hospital_staff_close_the_hospital_for_which_they_work(signed_in, hospital, hospital_admin):
    client = signed_in(hospital_admin)
    assert f'value="{hospital.pk}" selected' in client.get(page("closure_add")).content.decode()
    response = client.post(page("closure_add"), closure_form(hospital))
    assert response.status_code == 302, response.context["errors"]
    closure = Closure.objects.get()
    assert (closure.hospital, closure.doctor, closure.starts_on) == (hospital, None, date(2031, 1, 6))


def test_nothing_is_displaced_before_its_author_has_seen_how_many(signed_in, booked, hospital, hospital_admin):
    client = signed_in(hospital_admin)
    asked = client.post(page("closure_add"), closure_form(hospital))
    text = asked.content.decode()
    assert asked.status_code == 200
    assert f"1 {ASKED}" in text
    assert '<input type="hidden" name="_displaces" value="1">' in text
    assert not Closure.objects.exists()

    agreed = client.post(page("closure_add"), closure_form(hospital, _displaces="1"))
    assert agreed.status_code == 302, agreed.context["errors"]
    assert Displacement.objects.get().appointment == booked


def test_one_more_since_then_is_asked_about_again(signed_in, booked, hospital, hospital_admin):
    AppointmentFactory(affiliation=AffiliationFactory(hospital=hospital), starts_at=MONDAY_9_CHENNAI)
    response = signed_in(hospital_admin).post(page("closure_add"), closure_form(hospital, _displaces="1"))
    assert response.status_code == 200
    assert "2 appointments to come lie in this time" in response.content.decode()
    assert not Closure.objects.exists()


@pytest.mark.parametrize("seen", ["", "-1", "x", "9" * 40, "²"])
def test_what_is_no_number_agrees_to_nothing(signed_in, booked, hospital, hospital_admin, seen):
    response = signed_in(hospital_admin).post(page("closure_add"), closure_form(hospital, _displaces=seen))
    assert response.status_code == 200
    assert not Closure.objects.exists()


def test_a_wider_closure_asks_again_for_those_that_are_new(signed_in, booked, hospital, hospital_admin):
    closure = services.add_closure(hospital.pk, by=hospital_admin, starts_on=date(2031, 1, 7), ends_on=date(2031, 1, 7))
    client, url = signed_in(hospital_admin), page("closure_change", closure.pk)
    assert f"1 {ASKED}" in client.post(url, closure_form(hospital)).content.decode()
    client.post(url, closure_form(hospital, _displaces="1"))
    assert Displacement.objects.get().appointment == booked
    response = client.post(url, closure_form(hospital, reason="The same days"))
    assert response.status_code == 302, response.context["errors"]


def test_a_wrong_period_is_refused_on_the_page(signed_in, booked, hospital, hospital_admin):
    response = signed_in(hospital_admin).post(page("closure_add"), closure_form(hospital, "2031-01-07", "2031-01-06"))
    assert "The last day must not be before the first." in response.content.decode()
    assert not Closure.objects.exists()


def test_a_closure_is_removed(signed_in, booked, hospital, hospital_admin):
    services.add_closure(hospital.pk, by=hospital_admin, starts_on=date(2031, 1, 6), ends_on=date(2031, 1, 7))
    client = signed_in(hospital_admin)
    client.post(page("closure_delete", Closure.objects.get().pk), {"post": "yes"})
    assert not Closure.objects.exists()
    assert Displacement.objects.get().status == "settled"


def test_other_hospitals_closures_and_choices_are_not_seen(
    signed_in, hospital, hospital_admin, other_hospital, other_hospital_admin
):
    closure = services.add_closure(
        hospital.pk, by=hospital_admin, starts_on=date(2031, 1, 6), ends_on=date(2031, 1, 7), reason="KANARI"
    )
    client = signed_in(other_hospital_admin)
    assert "KANARI" not in client.get(page("closure_changelist")).content.decode()
    assert client.get(page("closure_change", closure.pk)).status_code == 302
    assert client.post(page("closure_add"), closure_form(hospital)).status_code == 200
    assert Closure.objects.count() == 1


def test_a_coordinator_reads_closures_and_changes_none(signed_in, hospital, hospital_admin, coordinator):
    closure = services.add_closure(hospital.pk, by=hospital_admin, starts_on=date(2031, 1, 6), ends_on=date(2031, 1, 7))
    client = signed_in(coordinator)
    assert client.get(page("closure_change", closure.pk)).status_code == 200
    assert client.get(page("closure_add")).status_code == 403
    assert client.post(page("closure_change", closure.pk), closure_form(hospital)).status_code == 403


@pytest.mark.parametrize(("when", "shown"), [("", 2), ("coming", 1), ("over", 1)])
def test_closures_are_found_by_whether_they_are_over(signed_in, hospital, platform_admin, when, shown):
    for day in (date(2020, 1, 6), date(2031, 1, 6)):
        services.add_closure(hospital.pk, by=platform_admin, starts_on=day, ends_on=day)
    response = signed_in(platform_admin).get(page("closure_changelist"), {"when": when} if when else {})
    assert len(response.context["cl"].result_list) == shown


# --- leave ---


def leave_form(doctor, **more):
    return {
        "doctor": doctor.pk, "starts_at_0": "2031-01-06", "starts_at_1": "00:00:00", "ends_at_0": "2031-01-07",
        "ends_at_1": "00:00:00", "reason": "Congress",
    } | more  # fmt: skip


def test_leave_displaces_only_what_its_author_has_seen(signed_in, booked, doctor, platform_admin):
    client = signed_in(platform_admin)
    asked = client.post(page("timeoff_add"), leave_form(doctor))
    assert f"1 {ASKED}" in asked.content.decode()
    assert not TimeOff.objects.exists()
    client.post(page("timeoff_add"), leave_form(doctor, _displaces="1"))
    assert Displacement.objects.get().time_off == TimeOff.objects.get()


def test_a_hospital_is_not_told_how_many_a_shared_doctor_has_elsewhere(
    signed_in, booked, doctor, hospital_admin, other_hospital
):
    elsewhere = AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    AppointmentFactory(affiliation=elsewhere, starts_at=MONDAY_9_CHENNAI + timedelta(hours=3))
    text = signed_in(hospital_admin).post(page("timeoff_add"), leave_form(doctor)).content.decode()
    assert f"1 {ASKED}" in text
    assert "2 appointments" not in text


# --- public holidays ---


@pytest.fixture
def holiday(db):
    return PublicHoliday.objects.create(country="IN", day=date(2027, 1, 26), name="Republic Day")


def test_a_holiday_is_switched_off_in_the_list(signed_in, holiday, platform_admin):
    data = {
        "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(holiday.pk), "_save": "Save",
    }  # fmt: skip
    response = signed_in(platform_admin).post(page("publicholiday_changelist"), data)
    assert response.status_code == 302
    holiday.refresh_from_db()
    assert (holiday.is_observed, holiday.is_corrected) == (False, True)


def test_a_coordinator_reads_the_list_and_switches_nothing(signed_in, holiday, coordinator):
    client = signed_in(coordinator)
    assert "Republic Day" in client.get(page("publicholiday_changelist")).content.decode()
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(holiday.pk), "_save": "Save"}
    assert client.post(page("publicholiday_changelist"), data).status_code == 403
    holiday.refresh_from_db()
    assert holiday.is_observed


def test_a_day_is_added_and_marked_as_entered_by_staff(signed_in, holiday, platform_admin):
    data = {"country": "IN", "day": "2027-03-11", "name": "Eid al-Fitr", "is_observed": "on"}
    response = signed_in(platform_admin).post(page("publicholiday_add"), data)
    assert response.status_code == 302, response.context["errors"]
    assert PublicHoliday.objects.get(day=date(2027, 3, 11)).is_corrected


def test_the_same_day_twice_is_refused_on_the_page(signed_in, holiday, platform_admin):
    data = {"country": "IN", "day": "2027-01-26", "name": "Again", "is_observed": "on"}
    assert signed_in(platform_admin).post(page("publicholiday_add"), data).status_code == 200
    assert PublicHoliday.objects.count() == 1


def test_a_holiday_of_the_library_is_renamed_and_not_deleted(signed_in, holiday, platform_admin):
    client = signed_in(platform_admin)
    client.post(page("publicholiday_change", holiday.pk), {"name": "Day of the Republic", "is_observed": "on"})
    holiday.refresh_from_db()
    assert (holiday.name, holiday.is_corrected) == ("Day of the Republic", True)
    assert client.post(page("publicholiday_delete", holiday.pk), {"post": "yes"}).status_code == 403
    assert PublicHoliday.objects.exists()


def test_one_that_staff_entered_is_deleted(signed_in, platform_admin):
    own = services.enter_holiday(by=platform_admin, country="IN", day=date(2027, 3, 11), name="By mistake")
    signed_in(platform_admin).post(page("publicholiday_delete", own.pk), {"post": "yes"})
    assert not PublicHoliday.objects.exists()


def test_holidays_are_found_by_country_and_year(signed_in, holiday, platform_admin):
    this_year = timezone.now().astimezone(ZoneInfo("UTC")).year
    PublicHoliday.objects.create(country="TR", day=date(this_year, 4, 23), name="Children's Day")
    PublicHoliday.objects.create(country="TR", day=date(this_year + 1, 4, 23), name="Children's Day")
    client = signed_in(platform_admin)

    def found(**query):
        rows = client.get(page("publicholiday_changelist"), query).context["cl"].result_list
        return {(str(row.country), row.day.year) for row in rows}

    assert found(country="TR") == {("TR", this_year), ("TR", this_year + 1)}
    assert found(country="TR", year=str(this_year)) == {("TR", this_year)}
    assert found(country="IN", year=str(this_year + 2)) == set()

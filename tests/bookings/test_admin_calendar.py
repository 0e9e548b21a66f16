"""The calendars in the admin: who sees whose, what stands on them, and that many doctors cost no more queries."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.bookings import slots
from apps.bookings.models import Appointment, Closure, DoctorSchedule, PublicHoliday, TimeOff, WeeklyHours
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def open_page(client):
    def open_page(user, address):
        client.force_login(user)
        return client.get(address)

    return open_page


@pytest.fixture
def day(free):
    return slots.day_of(free[0].starts_at, "Asia/Kolkata")


def hospital_page(hospital, day, query=""):
    return f"{reverse('calendar:hospital', args=[hospital.pk])}?day={day:%Y-%m-%d}{query}"


def doctor_page(doctor, day, query=""):
    return f"{reverse('calendar:doctor', args=[doctor.pk])}?day={day:%Y-%m-%d}{query}"


def blocks(response, tone=None):
    assert response.status_code == 200
    found = [block for column in response.context["columns"] for block in (*column.backdrop, *column.blocks)]
    return [block for block in found if tone is None or block.tone == tone]


def text(response):
    return response.content.decode()


# --- who sees what ---


def test_hospital_staff_open_their_own_hospital_at_once_and_no_other(
    open_page, schedule, hospital, other_hospital, other_doctor, hospital_admin, day
):
    assert open_page(hospital_admin, reverse("calendar:choose")).url == reverse("calendar:hospital", args=[hospital.pk])
    assert open_page(hospital_admin, hospital_page(hospital, day)).status_code == 200
    assert open_page(hospital_admin, hospital_page(other_hospital, day)).status_code == 404
    assert open_page(hospital_admin, doctor_page(other_doctor, day)).status_code == 404


def test_translators_patients_and_doctors_open_no_calendar(open_page, schedule, translator, patient, doctor, day):
    assert open_page(translator, doctor_page(schedule.doctor, day)).status_code == 403
    for user in (patient.user, doctor.user):
        assert open_page(user, doctor_page(schedule.doctor, day)).status_code == 302


def test_an_appointment_is_a_link_with_its_status_in_words(open_page, book, coordinator, doctor, day):
    appointment = book()
    (block,) = blocks(open_page(coordinator, doctor_page(doctor, day)), "requested")
    assert (block.what, block.status) == (str(appointment.patient), "Requested")
    assert block.url == reverse("admin:bookings_appointment_change", args=[appointment.pk])
    assert appointment.number in block.label


def test_a_hold_takes_its_time_and_says_not_for_whom(open_page, book, coordinator, hospital_admin, doctor, day):
    held = book()
    Appointment.objects.filter(pk=held.pk).update(status="held", held_until=timezone.now() + timedelta(minutes=9))
    for reader in (coordinator, hospital_admin):
        response = open_page(reader, doctor_page(doctor, day))
        (block,) = blocks(response, "held")
        assert (block.status, block.what, block.url) == ("Held", "", "")
        assert str(held.patient) not in text(response)
        assert held.number not in text(response)


def test_the_time_of_a_hold_that_has_run_out_is_free_again(open_page, book, coordinator, doctor, day, free):
    held = book()
    Appointment.objects.filter(pk=held.pk).update(status="held", held_until=timezone.now())
    response = open_page(coordinator, doctor_page(doctor, day))
    assert blocks(response, "held") == []
    assert any(free[0].starts_at.isoformat().replace("+", "%2B").replace(":", "%3A") in block.url
               for block in blocks(response, "free"))  # fmt: skip


def test_an_appointment_at_anothers_hospital_is_a_busy_time_and_no_more(
    open_page, schedule, doctor, other_hospital, other_patient, hospital_admin, coordinator, free, day
):
    AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    elsewhere = AppointmentFactory(
        affiliation=None, doctor=doctor, hospital=other_hospital, patient=other_patient,
        starts_at=free[0].starts_at, ends_at=free[0].ends_at, complaint="KANARI",
    )  # fmt: skip
    response = open_page(hospital_admin, doctor_page(doctor, day))
    (block,) = blocks(response, "elsewhere")
    assert (block.status, block.url) == ("Busy elsewhere", "")
    for canary in (elsewhere.number, str(other_patient), str(other_hospital), "KANARI"):
        assert canary not in text(response)
    (seen,) = blocks(open_page(coordinator, doctor_page(doctor, day)), "requested")
    assert seen.where == str(other_hospital)


def test_a_free_time_leads_to_the_form_filled_in_for_whoever_books(
    open_page, schedule, free, coordinator, hospital_admin, doctor, hospital, day
):
    first = blocks(open_page(coordinator, doctor_page(doctor, day)), "free")[0]
    form = open_page(coordinator, first.url).context["adminform"].form
    assert (str(form.initial["doctor"]), str(form.initial["hospital"])) == (str(doctor.pk), str(hospital.pk))
    assert form.initial["starts_at"][1].strftime("%H:%M") == "09:00"
    assert {block.url for block in blocks(open_page(hospital_admin, doctor_page(doctor, day)), "free")} == {""}


# --- what covers a day ---


def test_leave_closures_and_holidays_stand_behind(open_page, schedule, doctor, hospital, coordinator, day):
    monday = day - timedelta(days=day.weekday())
    start, end = slots.day_bounds(monday, monday, "Asia/Kolkata")
    TimeOff.objects.create(doctor=doctor, starts_at=start, ends_at=end, reason="KANARI")
    Closure.objects.create(hospital=hospital, starts_on=monday + timedelta(1), ends_on=monday + timedelta(1))
    PublicHoliday.objects.create(country=hospital.country, day=monday + timedelta(2), name="Republic Day")
    response = open_page(coordinator, doctor_page(doctor, day))
    away, closed, holiday, *_rest = response.context["columns"]
    assert [block.status for block in away.backdrop] == ["Away"]
    assert [block.status for block in closed.backdrop] == ["Closed"]
    assert holiday.remarks == ("Republic Day",)
    assert "KANARI" not in text(response)


def test_the_closure_of_one_doctor_covers_that_doctor_only(open_page, schedule, doctor, hospital, coordinator, day):
    other = DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital), weekly_hours=[])
    WeeklyHours.objects.create(schedule=other, weekday=day.weekday(), starts=time(9), ends=time(12))
    Closure.objects.create(hospital=hospital, doctor=doctor, starts_on=day, ends_on=day)
    columns = open_page(coordinator, hospital_page(hospital, day)).context["columns"]
    closed = {column.title: bool(column.backdrop) for column in columns}
    assert closed == {str(doctor): True, str(other.doctor): False}


def test_the_buffer_after_an_appointment_is_thin(open_page, book, coordinator, doctor, day):
    appointment = book()
    Appointment.objects.filter(pk=appointment.pk).update(busy_until=appointment.ends_at + timedelta(minutes=10))
    (buffer,) = blocks(open_page(coordinator, doctor_page(doctor, day)), "buffer")
    assert buffer.span.length == 10


# --- two clocks ---


def test_the_readers_clock_stands_beside_the_hospitals(open_page, schedule, doctor, coordinator, day):
    people = type(coordinator).objects.filter(pk=coordinator.pk)
    people.update(time_zone="Asia/Kolkata")
    assert open_page(people.get(), doctor_page(doctor, day)).context["reader_clock"] == ""
    people.update(time_zone="Asia/Tokyo")
    response = open_page(people.get(), doctor_page(doctor, day))
    first = response.context["labels"][0]
    assert (first.time, first.readers) == ("9:00\u202fAM", "12:30\u202fPM")


def test_today_is_marked_by_the_hospitals_clock(open_page, schedule, doctor, coordinator):
    today = slots.day_of(timezone.now(), "Asia/Kolkata")
    response = open_page(coordinator, reverse("calendar:doctor", args=[doctor.pk]))
    assert [column.is_today for column in response.context["columns"]].index(True) == today.weekday()


@pytest.mark.parametrize(("on", "hours"), [("2027-03-28", 23), ("2027-10-31", 25)])
def test_a_day_on_which_the_clock_changes_has_the_hours_it_has(
    open_page, schedule, doctor, hospital, coordinator, on, hours
):
    type(hospital).objects.filter(pk=hospital.pk).update(time_zone="Europe/London")
    WeeklyHours.objects.filter(schedule=schedule).update(starts=time(22), ends=time(4))
    response = open_page(coordinator, hospital_page(hospital, date.fromisoformat(on)))
    assert response.context["minutes"] == hours * 60
    both = ["UTC+00:00", "UTC+01:00"] if hours == 23 else ["UTC+01:00", "UTC+00:00"]
    assert response.context["hospital_clock"] == f"London, {' / '.join(both)}"
    assert "The clocks change" in text(response)


# --- moving about ---


@pytest.mark.parametrize("given", ["", "2026-02-30", "0001-01-01", "9999-12-31", "x"])
def test_a_day_that_is_none_is_today(open_page, schedule, doctor, hospital, coordinator, given):
    for address in (reverse("calendar:doctor", args=[doctor.pk]), reverse("calendar:hospital", args=[hospital.pk])):
        response = open_page(coordinator, f"{address}?day={given}")
        assert response.status_code == 200
        assert response.context["day_value"] == f"{slots.day_of(timezone.now(), 'Asia/Kolkata'):%Y-%m-%d}"


def test_the_choice_leads_to_the_calendar(open_page, schedule, doctor, hospital, coordinator):
    choose = reverse("calendar:choose")
    assert open_page(coordinator, f"{choose}?hospital={hospital.pk}").url.startswith("/admin/calendar/hospitals/")
    assert open_page(coordinator, f"{choose}?doctor={doctor.pk}").url.startswith("/admin/calendar/doctors/")
    assert open_page(coordinator, f"{choose}?doctor=x").status_code == 200


def test_a_doctor_without_hours_has_a_page_that_says_so(open_page, doctor, coordinator):
    assert "has no consulting hours" in text(open_page(coordinator, reverse("calendar:doctor", args=[doctor.pk])))


def test_a_hospital_shows_those_who_work_on_the_day_and_the_others_on_request(
    open_page, schedule, hospital, doctor, coordinator, day
):
    idle = DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital), weekly_hours=[]).doctor
    shown = open_page(coordinator, hospital_page(hospital, day)).context["columns"]
    assert [column.title for column in shown] == [str(doctor)]
    everyone = open_page(coordinator, hospital_page(hospital, day, "&all=1")).context["columns"]
    assert {column.title for column in everyone} == {str(doctor), str(idle)}


def test_an_arabic_page_runs_from_right_to_left(open_page, client, schedule, doctor, coordinator, day):
    client.cookies["django_language"] = "ar"
    page = text(open_page(coordinator, doctor_page(doctor, day)))
    assert '<html lang="ar" dir="rtl"' in page
    physical = re.findall(r"(?<![-\w])(?:left|right|margin-left|margin-right|padding-left|padding-right)\s*:", page)
    assert physical == []


# --- cost ---


def test_more_doctors_and_appointments_cost_no_more_queries(open_page, client, schedule, hospital, coordinator, day):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert open_page(coordinator, hospital_page(hospital, day)).status_code == 200
        return len(captured)

    nine = datetime.combine(day, time(9), tzinfo=KOLKATA)
    queries()
    few = queries()
    for _number in range(6):
        added = DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital))
        WeeklyHours.objects.create(schedule=added, weekday=day.weekday(), starts=time(14), ends=time(17))
        for shift in range(3):
            at = nine + timedelta(minutes=30 * shift)
            AppointmentFactory(
                affiliation=None, doctor=added.doctor, hospital=hospital, starts_at=at.astimezone(UTC),
                ends_at=at.astimezone(UTC) + timedelta(minutes=30),
            )  # fmt: skip
    assert queries() == few
    assert len(open_page(coordinator, hospital_page(hospital, day)).context["columns"]) == 7


def test_many_doctors_are_paged(open_page, hospital, coordinator, day):
    for _number in range(8):
        added = DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital), weekly_hours=[])
        WeeklyHours.objects.create(schedule=added, weekday=day.weekday(), starts=time(14), ends=time(17))
    assert DoctorSchedule.objects.filter(hospital=hospital).count() == 9
    sizes = [
        len(open_page(coordinator, hospital_page(hospital, day, f"&p={page}")).context["columns"]) for page in (1, 2)
    ]
    assert sizes == [7, 2]
    assert "Doctors 8 to 9" in unescape(text(open_page(coordinator, hospital_page(hospital, day))))

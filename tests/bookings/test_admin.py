"""The admin's pages of appointments, hours and leave: what each sees, and that they act through the services."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Appointment, DoctorSchedule, TimeOff, WeeklyHours
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/bookings/appointment/"


def page(name, *args):
    return reverse(f"admin:bookings_{name}", args=args)


@pytest.fixture
def signed_in(client):
    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


def numbers(response):
    assert response.status_code == 200
    return {row.number for row in response.context["cl"].result_list}


# --- appointments ---


@pytest.fixture
def strangers(other_doctor, other_patient):
    return AppointmentFactory(
        affiliation=other_doctor.affiliations.get(), patient=other_patient, complaint="KANARI", notes="KANARI"
    )


def test_hospital_staff_see_their_hospitals_appointments_only(signed_in, appointment, strangers, hospital_admin):
    client = signed_in(hospital_admin)
    response = client.get(LIST)
    assert numbers(response) == {appointment.number}
    text = response.content.decode()
    assert strangers.number not in text
    assert strangers.patient.user.last_name not in text
    assert client.get(page("appointment_change", strangers.pk)).status_code == 302
    assert client.get(page("appointment_change", appointment.pk)).status_code == 200


def test_hospital_staff_learn_no_address_by_searching_for_its_beginning(
    signed_in, appointment, hospital_admin, coordinator
):
    person = appointment.patient.user
    beginning = person.email[:4]
    assert numbers(signed_in(coordinator).get(LIST, {"q": beginning})) == {appointment.number}
    assert numbers(signed_in(hospital_admin).get(LIST, {"q": beginning})) == set()
    assert numbers(signed_in(hospital_admin).get(LIST, {"q": person.last_name})) == {appointment.number}


def test_both_times_stand_in_the_list(signed_in, appointment, coordinator):
    type(appointment.patient.user).objects.filter(pk=appointment.patient.user_id).update(time_zone="Africa/Lagos")
    text = signed_in(coordinator).get(LIST).content.decode()
    local = appointment.starts_at.astimezone(ZoneInfo("Asia/Kolkata"))
    lagos = appointment.starts_at.astimezone(ZoneInfo("Africa/Lagos"))
    assert f"{local:%Y-%m-%d %H:%M} (UTC+05:30)" in text
    assert f"{lagos:%Y-%m-%d %H:%M} (UTC+01:00)" in text


def test_the_quick_filter_knows_today_tomorrow_and_requests(signed_in, coordinator):
    now = timezone.now()
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    made = {
        name: AppointmentFactory(starts_at=midnight + shift, ends_at=midnight + shift + timedelta(minutes=30)).number
        for name, shift in {
            "yesterday": -timedelta(minutes=30),
            "today": timedelta(hours=23, minutes=30),
            "tomorrow": timedelta(hours=24),
            "sixth": timedelta(days=6, hours=23),
            "eighth": timedelta(days=7),
        }.items()
    }
    confirmed = AppointmentFactory(status="appointment_confirmed").number
    client = signed_in(coordinator)

    def shown(when):
        return numbers(client.get(f"{LIST}?when={when}"))

    assert shown("today") == {made["today"]}
    assert shown("tomorrow") == {made["tomorrow"]}
    assert shown("week") == {made["today"], made["tomorrow"], made["sixth"]}
    assert shown("requests") >= {made["tomorrow"], made["sixth"], made["eighth"]}
    assert not shown("requests") & {made["yesterday"], confirmed}


def test_a_hold_that_came_to_nothing_is_listed_only_where_it_is_asked_for(signed_in, appointment, coordinator):
    Appointment.objects.filter(pk=appointment.pk).update(status="hold_lapsed")
    client = signed_in(coordinator)
    assert numbers(client.get(LIST)) == set()
    assert numbers(client.get(LIST, {"status__exact": "hold_lapsed"})) == {appointment.number}
    assert numbers(client.get(LIST, {"q": appointment.number})) == {appointment.number}


def test_an_empty_queue_says_that_all_is_well(signed_in, coordinator):
    for when, said in (("requests", "No request waits for an answer."), ("unplaced", "Every payment has its time.")):
        assert said in signed_in(coordinator).get(LIST, {"when": when}).content.decode()
    assert "No results found" in signed_in(coordinator).get(LIST, {"q": "nobody"}).content.decode()


def test_search_finds_a_number_a_name_and_an_address(signed_in, appointment, strangers, coordinator):
    user = appointment.patient.user
    client = signed_in(coordinator)
    for words in (appointment.number, appointment.number.lower(), user.last_name.lower(), user.email):
        assert numbers(client.get(LIST, {"q": words})) == {appointment.number}, words
    assert numbers(client.get(LIST, {"q": "nobody"})) == set()


def test_the_list_takes_as_many_queries_for_forty_rows_as_for_one(
    signed_in, appointment, coordinator, django_assert_max_num_queries
):
    client = signed_in(coordinator)
    client.get(LIST)
    with django_assert_max_num_queries(100) as few:
        client.get(LIST)
    AppointmentFactory.create_batch(40)
    with django_assert_max_num_queries(len(few)):
        client.get(LIST)


def test_a_coordinator_confirms_by_the_button_and_both_are_told(signed_in, appointment, coordinator):
    Message.objects.all().delete()
    client = signed_in(coordinator)
    url = page("appointment_move", appointment.pk, "appointment_confirmed")
    assert "The patient and the doctor are told." in client.get(url).content.decode()
    client.post(url, {"seen": "requested", "note": ""})
    appointment.refresh_from_db()
    assert appointment.status == "appointment_confirmed"
    assert set(Message.objects.values_list("recipient", flat=True)) == {
        appointment.patient.user_id,
        appointment.doctor.user_id,
    }


def test_a_refused_move_is_grey_with_its_reason(signed_in, appointment, coordinator):
    services.move_appointment(appointment.pk, "appointment_confirmed", by=coordinator)
    moves = {
        move.to: move.reason
        for move in signed_in(coordinator).get(page("appointment_change", appointment.pk)).context["moves"]
    }
    assert moves["no_show"] == "This is possible only after the appointment's start."
    assert moves["cancelled"] == ""


def test_cancelling_asks_for_a_reason(signed_in, appointment, hospital_admin):
    client = signed_in(hospital_admin)
    url = page("appointment_move", appointment.pk, "cancelled")
    client.post(url, {"seen": "requested", "note": ""})
    appointment.refresh_from_db()
    assert appointment.status == "requested"
    client.post(url, {"seen": "requested", "note": "The doctor is ill"})
    appointment.refresh_from_db()
    assert (appointment.status, appointment.cancelled_by) == ("cancelled", "hospital")
    assert appointment.cancellation_reason == "The doctor is ill"
    assert "The doctor is ill" in client.get(page("appointment_change", appointment.pk)).content.decode()


def test_support_and_hospital_staff_do_not_read_what_is_not_for_them(
    signed_in, schedule, free, patient, support_agent, hospital_admin, book
):
    appointment = book(complaint="KANARI-COMPLAINT")
    Appointment.objects.update(notes="KANARI-NOTES")
    url = page("appointment_change", appointment.pk)
    support = signed_in(support_agent).get(url).content.decode()
    assert "KANARI" not in support
    staff = signed_in(hospital_admin).get(url).content.decode()
    assert "KANARI-COMPLAINT" in staff
    assert "KANARI-NOTES" not in staff


def test_the_history_shows_the_times_before_and_after(signed_in, appointment, coordinator, free):
    services.reschedule_appointment(appointment.pk, by=coordinator, starts_at=free[2].starts_at)
    events = signed_in(coordinator).get(page("appointment_change", appointment.pk)).context["events"]
    assert len(events) == 2
    assert "UTC+05:30" in events[-1].from_label
    assert events[-1].from_label != events[-1].to_label


def booking_form(schedule, patient, at, **more):
    local = at.astimezone(ZoneInfo("Asia/Kolkata"))
    return {
        "patient": patient.pk, "doctor": schedule.doctor_id, "hospital": schedule.hospital_id, "kind": "in_person",
        "starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M:%S}", "complaint": "By telephone",
    } | more  # fmt: skip


def test_a_coordinator_books_for_a_patient_on_the_phone(signed_in, schedule, patient, free, coordinator):
    client = signed_in(coordinator)
    assert client.get(page("appointment_add")).status_code == 200
    response = client.post(page("appointment_add"), booking_form(schedule, patient, free[0].starts_at))
    assert response.status_code == 302, response.context["errors"]
    appointment = Appointment.objects.get()
    assert (appointment.starts_at, appointment.booked_by) == (free[0].starts_at, coordinator)
    assert appointment.complaint == "By telephone"
    assert Message.objects.filter(channel="email").count() == 2


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_a_time_that_the_readers_own_clock_skips_or_repeats_is_read_by_the_hospitals(
    signed_in, schedule, patient, coordinator, day
):
    type(coordinator).objects.filter(pk=coordinator.pk).update(time_zone="Europe/Berlin")
    form = booking_form(schedule, patient, timezone.now(), starts_at_0=day, starts_at_1="02:30:00")
    text = signed_in(coordinator).post(page("appointment_add"), form).content.decode()
    assert "in time zone Europe/Berlin" not in text
    assert "The doctor does not offer this time." in text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_time_at_the_ends_of_the_calendar_is_refused_like_any_wrong_one(
    signed_in, schedule, patient, coordinator, day
):
    form = booking_form(schedule, patient, timezone.now(), starts_at_0=day, starts_at_1="23:00:00")
    response = signed_in(coordinator).post(page("appointment_add"), form)
    assert response.status_code == 200
    assert "Give a day from 2000 to 2099." in response.content.decode()


def test_a_taken_time_stays_on_the_page_with_the_next_free_ones(
    signed_in, schedule, patient, other_patient, free, coordinator, book
):
    book(free[0])
    response = signed_in(coordinator).post(
        page("appointment_add"), booking_form(schedule, other_patient, free[0].starts_at)
    )
    assert response.status_code == 200
    text = response.content.decode()
    assert "Still free" in text
    still_free = text.partition("Still free")[2].partition("</section>")[0]
    assert f'value="{free[1].starts_at.isoformat()}"' in still_free
    assert "By telephone" in text
    assert Appointment.objects.count() == 1


def test_hospital_staff_and_support_do_not_book(signed_in, schedule, hospital_admin, support_agent):
    for user in (hospital_admin, support_agent):
        assert signed_in(user).get(page("appointment_add")).status_code == 403


def test_only_the_complaint_can_be_typed_over(signed_in, appointment, coordinator):
    client = signed_in(coordinator)
    url = page("appointment_change", appointment.pk)
    client.post(url, {"complaint": "Both knees", "status": "cancelled", "notes": "x", "fee": "1"})
    appointment.refresh_from_db()
    assert (appointment.complaint, appointment.status, appointment.notes) == ("Both knees", "requested", "")


def test_nobody_deletes_an_appointment(signed_in, appointment, platform_admin):
    assert (
        signed_in(platform_admin).post(page("appointment_delete", appointment.pk), {"post": "yes"}).status_code == 403
    )
    assert Appointment.objects.exists()


# --- hours ---


def hours_form(*openings, kept=(), **more):
    data = {
        "slot_minutes": "20", "minimum_notice_minutes": "60", "horizon_days": "30", "buffer_minutes": "10",
        "extra_hours-TOTAL_FORMS": "0", "extra_hours-INITIAL_FORMS": "0",
        "weekly_hours-TOTAL_FORMS": str(len(kept) + len(openings)), "weekly_hours-INITIAL_FORMS": str(len(kept)),
    } | more  # fmt: skip
    for number, row in enumerate([*kept, *openings]):
        if isinstance(row, WeeklyHours):
            data[f"weekly_hours-{number}-id"] = str(row.pk)
            data[f"weekly_hours-{number}-schedule"] = str(row.schedule_id)
            given = (row.weekday, f"{row.starts:%H:%M}", f"{row.ends:%H:%M}")
        else:
            given = row
        for name, value in zip(("weekday", "starts", "ends"), given, strict=True):
            data[f"weekly_hours-{number}-{name}"] = str(value)
    return data


def test_hospital_staff_set_a_doctors_hours(signed_in, doctor, hospital, hospital_admin):
    response = signed_in(hospital_admin).post(
        page("doctorschedule_add"),
        hours_form((0, "09:00", "12:00"), (1, "22:00", "01:00"), doctor=doctor.pk, hospital=hospital.pk),
    )
    assert response.status_code == 302, response.context["errors"]
    schedule = DoctorSchedule.objects.get()
    assert (schedule.slot_minutes, schedule.minimum_notice_minutes, schedule.horizon_days) == (20, 60, 30)
    assert [(row.weekday, row.starts) for row in schedule.weekly_hours.all()] == [(0, time(9)), (1, time(22))]
    doctor.refresh_from_db()
    assert doctor.is_bookable


def test_hours_are_changed_and_removed_on_the_same_page(signed_in, schedule, hospital_admin):
    kept = list(schedule.weekly_hours.all())
    data = hours_form(kept=kept) | {"weekly_hours-0-starts": "10:00"}
    data |= {f"weekly_hours-{number}-DELETE": "on" for number in range(1, 7)}
    response = signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), data)
    assert response.status_code == 302, response.context["errors"]
    assert [(row.weekday, row.starts) for row in schedule.weekly_hours.all()] == [(0, time(10))]


def test_overlapping_hours_stay_on_the_page(signed_in, schedule, hospital_admin):
    data = hours_form((0, "16:00", "18:00"), kept=list(schedule.weekly_hours.all()))
    response = signed_in(hospital_admin).post(page("doctorschedule_change", schedule.pk), data)
    assert response.status_code == 200
    assert "Consulting hours of the same weekday overlap." in response.content.decode()
    assert schedule.weekly_hours.count() == 7
    schedule.refresh_from_db()
    assert schedule.slot_minutes == 30


def test_a_doctor_is_given_hours_only_where_the_doctor_practises(signed_in, doctor, other_hospital, platform_admin):
    response = signed_in(platform_admin).post(
        page("doctorschedule_add"), hours_form((0, "09:00", "12:00"), doctor=doctor.pk, hospital=other_hospital.pk)
    )
    assert response.status_code == 200
    assert "does not practise at this hospital" in response.content.decode()
    assert not DoctorSchedule.objects.exists()


def test_another_hospitals_hours_are_not_seen(signed_in, schedule, other_hospital_admin):
    client = signed_in(other_hospital_admin)
    assert client.get(page("doctorschedule_change", schedule.pk)).status_code == 302
    assert str(schedule.doctor) not in client.get(page("doctorschedule_changelist")).content.decode()


def test_a_coordinator_reads_hours_and_changes_none(signed_in, coordinator):
    schedule = DoctorScheduleFactory()
    client = signed_in(coordinator)
    assert client.get(page("doctorschedule_change", schedule.pk)).status_code == 200
    assert client.post(page("doctorschedule_change", schedule.pk), hours_form()).status_code == 403
    assert schedule.weekly_hours.count() == 5


# --- leave ---


def leave_form(first, last, **more):
    return {
        "starts_at_0": first, "starts_at_1": "00:00:00", "ends_at_0": last, "ends_at_1": "00:00:00",
        "reason": "Congress",
    } | more  # fmt: skip


def test_leave_is_added_changed_and_removed(signed_in, doctor, platform_admin):
    client = signed_in(platform_admin)
    client.post(page("timeoff_add"), leave_form("2031-01-06", "2031-01-08", doctor=doctor.pk))
    away = TimeOff.objects.get()
    assert (away.starts_at, away.reason) == (datetime(2031, 1, 6, tzinfo=UTC), "Congress")

    client.post(page("timeoff_change", away.pk), leave_form("2031-01-06", "2031-01-10"))
    away.refresh_from_db()
    assert away.ends_at == datetime(2031, 1, 10, tzinfo=UTC)

    response = client.post(page("timeoff_change", away.pk), leave_form("2031-01-06", "2031-01-05"))
    assert response.status_code == 200
    away.refresh_from_db()
    assert away.ends_at == datetime(2031, 1, 10, tzinfo=UTC)

    client.post(page("timeoff_delete", away.pk), {"post": "yes"})
    assert not TimeOff.objects.exists()


def test_leave_is_typed_by_the_readers_own_clock_and_the_page_says_so(signed_in, doctor, hospital_admin):
    type(hospital_admin).objects.filter(pk=hospital_admin.pk).update(time_zone="Asia/Kolkata")
    client = signed_in(hospital_admin)
    text = client.get(page("timeoff_add")).content.decode()
    assert "Times are by your own clock." in text
    client.post(page("timeoff_add"), leave_form("2031-01-06", "2031-01-08", doctor=doctor.pk))
    assert TimeOff.objects.get().starts_at == datetime(2031, 1, 5, 18, 30, tzinfo=UTC)


def test_staff_of_another_hospital_give_no_leave(signed_in, doctor, other_hospital_admin):
    client = signed_in(other_hospital_admin)
    client.post(page("timeoff_add"), leave_form("2031-01-06", "2031-01-08", doctor=doctor.pk))
    assert not TimeOff.objects.exists()

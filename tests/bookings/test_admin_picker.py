"""Booking on the phone and moving an appointment in the admin: free times as buttons, by both clocks, nothing lost."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from apps.bookings import services
from apps.bookings.admin import picker
from apps.bookings.models import Appointment, WeeklyHours
from apps.hospitals.models import Doctor
from tests.factories.billing import PaymentFactory
from tests.factories.bookings import AppointmentFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

ADD = "/admin/bookings/appointment/add/"
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def signed_in(client):
    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def typed(schedule, patient, free):
    """What stands in the booking form."""
    local = free[0].starts_at.astimezone(KOLKATA)
    return {
        "patient": str(patient.pk), "doctor": str(schedule.doctor_id), "hospital": str(schedule.hospital_id),
        "starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M}", "kind": "in_person",
        "complaint": "KANARI-COMPLAINT",
    }  # fmt: skip


def free_times(client, **given):
    return client.get(reverse("admin:bookings_appointment_free"), given)


def asked(schedule, patient=None, slot=None):
    given = {"doctor": schedule.doctor_id, "hospital": schedule.hospital_id}
    given |= {"patient": patient.pk} if patient else {}
    return given | ({"day": f"{slot.starts_at.astimezone(KOLKATA):%Y-%m-%d}"} if slot else {})


def reschedule(appointment):
    return reverse("admin:bookings_appointment_reschedule", args=[appointment.pk])


# --- the free times ---


def test_a_free_time_stands_there_by_both_clocks(signed_in, schedule, patient, free, coordinator):
    type(patient.user).objects.filter(pk=patient.user_id).update(time_zone="Africa/Lagos")
    page = free_times(signed_in(coordinator), **asked(schedule, patient, free[0])).content.decode()
    button = page.partition(f'value="{free[0].starts_at.isoformat()}"')[2].partition("</button>")[0]
    assert "9:00\u202fAM" in button
    assert "4:30\u202fAM" in button
    assert "Lagos" in page


def test_times_at_which_the_patient_is_elsewhere_are_not_offered(
    signed_in, schedule, patient, other_doctor, free, coordinator
):
    AppointmentFactory(
        affiliation=other_doctor.affiliations.get(), patient=patient,
        starts_at=free[0].starts_at, ends_at=free[0].ends_at,
    )  # fmt: skip
    client = signed_in(coordinator)
    offered = f'value="{free[0].starts_at.isoformat()}"'
    assert offered not in free_times(client, **asked(schedule, patient, free[0])).content.decode()
    assert offered in free_times(client, **asked(schedule, slot=free[0])).content.decode()


def test_hospital_staff_are_offered_the_times_of_their_own_hospital_only(
    signed_in, schedule, free, hospital_admin, other_hospital_admin
):
    assert "_choose" in free_times(signed_in(hospital_admin), **asked(schedule, slot=free[0])).content.decode()
    answer = free_times(signed_in(other_hospital_admin), **asked(schedule, slot=free[0]))
    assert "_choose" not in answer.content.decode()
    assert str(schedule.doctor) not in answer.content.decode()


def test_support_and_translators_are_offered_nothing(signed_in, schedule, support_agent, translator):
    for user in (support_agent, translator):
        assert free_times(signed_in(user), **asked(schedule)).status_code == 403


def test_what_is_missing_is_asked_for(signed_in, schedule, hospital, coordinator):
    client = signed_in(coordinator)
    assert "Choose the doctor" in free_times(client).content.decode()
    assert "Choose the doctor" in free_times(client, doctor="x").content.decode()
    page = free_times(client, doctor=schedule.doctor_id).content.decode()
    assert "Choose the hospital" in page
    assert f'data-pick-hospital-id="{hospital.pk}"' in page


def test_a_week_without_a_free_time_says_why_and_when_the_next_is(signed_in, schedule, free, coordinator):
    WeeklyHours.objects.filter(schedule=schedule).exclude(
        weekday=free[0].starts_at.astimezone(KOLKATA).weekday()
    ).delete()
    WeeklyHours.objects.filter(schedule=schedule).update(
        effective_from=free[0].starts_at.astimezone(KOLKATA).date() + timedelta(days=14)
    )
    page = free_times(signed_in(coordinator), **asked(schedule, slot=free[0])).content.decode()
    assert "The doctor has no consulting hours in this period." in page
    assert "The next free time" in page


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_week_of_a_day_as_it_is_typed_in_the_readers_language_is_shown(
    signed_in, schedule, free, coordinator, settings, language
):
    at, client = free[0].starts_at + timedelta(weeks=3), signed_in(coordinator)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    given = {"doctor": schedule.doctor_id, "hospital": schedule.hospital_id, "starts_at": at.isoformat()}
    typed = re.search(r'name="starts_at_0" value="([^"]+)"', client.get(ADD, given).content.decode())[1]
    page = free_times(client, **asked(schedule) | {"day": typed}).content.decode()
    assert f'value="{at.isoformat()}"' in page


def test_by_video_is_said_to_be_offered_or_not(signed_in, schedule, coordinator):
    client = signed_in(coordinator)
    for offers, said in ((True, "yes"), (False, "no")):
        Doctor.objects.filter(pk=schedule.doctor_id).update(offers_teleconsult=offers)
        assert f'data-pick-video="{said}"' in free_times(client, **asked(schedule)).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_free_times(
    signed_in, schedule, free, coordinator, django_assert_max_num_queries
):
    client = signed_in(coordinator)
    free_times(client, **asked(schedule, slot=free[0]))
    with django_assert_max_num_queries(30) as few:
        free_times(client, **asked(schedule, slot=free[0]))
    type(schedule).objects.update(slot_minutes=10)
    with django_assert_max_num_queries(len(few)):
        free_times(client, **asked(schedule, slot=free[0]))


# --- the form, without JavaScript ---


def test_a_button_fills_the_start_in_and_saves_nothing(signed_in, typed, free, coordinator):
    response = signed_in(coordinator).post(ADD, typed | {picker.CHOOSE: free[3].starts_at.isoformat()})
    form = response.context["adminform"].form
    assert not form.is_bound
    assert form.initial["starts_at"][:2] == [
        free[3].starts_at.astimezone(KOLKATA).date(), free[3].starts_at.astimezone(KOLKATA).time(),
    ]  # fmt: skip
    assert (form.initial["patient"], form.initial["complaint"]) == (typed["patient"], "KANARI-COMPLAINT")
    assert "KANARI-COMPLAINT" in response.content.decode()
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("name", ["patient", "doctor", "hospital"])
def test_an_address_with_what_is_no_id_is_a_form_without_it(signed_in, typed, coordinator, name):
    client = signed_in(coordinator)
    assert client.get(ADD, typed | {name: "nobody"}).status_code == 200
    assert client.post(ADD, typed | {name: "nobody", picker.LOOK: typed["starts_at_0"]}).status_code == 200


def test_another_week_keeps_what_was_typed(signed_in, typed, free, coordinator):
    later = free[0].starts_at.astimezone(KOLKATA).date() + timedelta(days=14)
    response = signed_in(coordinator).post(ADD, typed | {picker.LOOK: f"{later:%Y-%m-%d}"})
    form = response.context["adminform"].form
    assert form.initial["starts_at"][:2] == [typed["starts_at_0"], typed["starts_at_1"]]
    assert "KANARI-COMPLAINT" in response.content.decode()
    assert not Appointment.objects.exists()


def test_a_refusal_keeps_what_was_typed_and_offers_fresh_times(signed_in, typed, book, other_patient, coordinator):
    book(by=other_patient.user)
    response = signed_in(coordinator).post(ADD, typed)
    page = response.content.decode()
    assert "This time has just been taken." in page
    assert page.index("Still free") < page.index("Free times,")
    assert "KANARI-COMPLAINT" in page
    assert Appointment.objects.count() == 1


def test_a_patient_is_booked_by_video_only_with_a_doctor_who_offers_it(signed_in, typed, schedule, coordinator):
    Doctor.objects.filter(pk=schedule.doctor_id).update(offers_teleconsult=False)
    response = signed_in(coordinator).post(ADD, typed | {"kind": "teleconsult"})
    assert "This doctor does not see patients by video." in response.content.decode()
    assert not Appointment.objects.exists()


# --- the hour that is there twice ---


@pytest.mark.parametrize("second", [False, True])
def test_of_a_doubled_hour_the_button_says_which_one(second):
    zone = ZoneInfo("Europe/London")
    wall = datetime(2027, 10, 31, 1, 30)
    chosen = wall.replace(tzinfo=zone, fold=int(second))
    assert picker.Start(wall, chosen).at("Europe/London") == chosen
    offset = picker.Start(wall, chosen).at("Europe/London").utcoffset()
    assert offset == timedelta(hours=0 if second else 1)


def test_what_is_typed_after_a_button_was_pressed_counts():
    chosen = datetime(2027, 10, 31, 2, 30, tzinfo=ZoneInfo("Europe/London"))
    typed = picker.Start(datetime(2027, 10, 31, 4, 0), chosen)
    assert typed.at("Europe/London") == datetime(2027, 10, 31, 4, 0, tzinfo=ZoneInfo("Europe/London"))


# --- moving ---


def moved_form(appointment, at, **more):
    local = at.astimezone(KOLKATA)
    return {
        "starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M}", "note": "She asked for it",
        "seen": appointment.version,
    } | more  # fmt: skip


def test_an_appointment_is_moved_from_its_page(signed_in, appointment, free, coordinator):
    client = signed_in(coordinator)
    page = client.get(reverse("admin:bookings_appointment_change", args=[appointment.pk]))
    (move,) = [move for move in page.context["moves"] if move.url == reschedule(appointment)]
    assert move.reason == ""
    assert client.get(move.url).status_code == 200
    response = client.post(move.url, moved_form(appointment, free[4].starts_at))
    assert response.status_code == 302
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.version) == (free[4].starts_at, 2)
    assert appointment.events.order_by("-at").first().note == "She asked for it"


def test_a_time_that_is_taken_leaves_the_page_with_fresh_ones(
    signed_in, appointment, book, free, other_patient, coordinator
):
    book(free[4], by=other_patient.user)
    response = signed_in(coordinator).post(reschedule(appointment), moved_form(appointment, free[4].starts_at))
    page = response.content.decode()
    assert "This time has just been taken." in page
    assert "Still free" in page
    assert "She asked for it" in page
    appointment.refresh_from_db()
    assert appointment.starts_at == free[0].starts_at


def test_whoever_has_not_seen_the_last_move_does_not_move_it(signed_in, appointment, free, coordinator):
    services.reschedule_appointment(appointment.pk, by=coordinator, starts_at=free[2].starts_at)
    form = moved_form(appointment, free[4].starts_at, seen=1)
    client = signed_in(coordinator)
    page = client.post(reschedule(appointment), form).content.decode()
    assert "The appointment has been changed since you opened it." in page
    assert f'value="{form["starts_at_0"]}"' in page
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert client.post(reschedule(appointment), form | {"seen": seen}).status_code == 302


def test_what_was_paid_and_has_no_time_is_given_one(signed_in, appointment, free, coordinator):
    PaymentFactory(payer=appointment.patient.user, subject_type="appointment", subject_id=appointment.pk)
    Appointment.objects.filter(pk=appointment.pk).update(status="hold_lapsed")
    client = signed_in(coordinator)
    page = client.get(reverse("admin:bookings_appointment_change", args=[appointment.pk]))
    assert reschedule(appointment) in [move.url for move in page.context["moves"]]
    assert client.post(reschedule(appointment), moved_form(appointment, free[4].starts_at)).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at) == ("requested", free[4].starts_at)


def test_a_lapsed_hold_that_nobody_paid_is_not_moved(signed_in, appointment, free, coordinator):
    Appointment.objects.filter(pk=appointment.pk).update(status="hold_lapsed")
    client = signed_in(coordinator)
    assert client.post(reschedule(appointment), moved_form(appointment, free[4].starts_at)).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.status, appointment.version) == ("hold_lapsed", 1)


def test_one_that_cannot_be_moved_says_why(signed_in, appointment, coordinator):
    Appointment.objects.filter(pk=appointment.pk).update(version=4)
    client = signed_in(coordinator)
    page = client.get(reverse("admin:bookings_appointment_change", args=[appointment.pk]))
    assert "can be moved 3 times" in page.content.decode()
    assert client.get(reschedule(appointment)).status_code == 302


def test_hospital_staff_move_their_own_hospitals_appointments_only(
    signed_in, appointment, hospital_admin, other_hospital_admin, support_agent, free
):
    assert signed_in(hospital_admin).get(reschedule(appointment)).status_code == 200
    assert signed_in(other_hospital_admin).get(reschedule(appointment)).status_code == 302
    assert signed_in(support_agent).get(reschedule(appointment)).status_code == 403
    signed_in(other_hospital_admin).post(reschedule(appointment), moved_form(appointment, free[4].starts_at))
    appointment.refresh_from_db()
    assert appointment.version == 1


def test_a_doctor_of_two_hospitals_is_offered_at_the_one_asked_for(
    signed_in, schedule, doctor, other_hospital, free, coordinator
):
    AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    second = type(schedule).objects.create(doctor=doctor, hospital=other_hospital)
    for weekday in range(7):
        WeeklyHours.objects.create(schedule=second, weekday=weekday, starts=time(18), ends=time(20))
    page = free_times(signed_in(coordinator), **asked(second, slot=free[0])).content.decode()
    assert "9:00\u202fAM" not in page
    assert "6:00\u202fPM" in page

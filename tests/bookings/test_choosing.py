"""What becomes of a displaced appointment: what is offered, and each of the three choices, by whom and how often."""

from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.bookings import exceptions, selectors, services
from apps.bookings.models import Appointment, Closure, Displacement, WeeklyHours
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.clinical.models import CareRelationship
from apps.common.exceptions import Forbidden, NotFound
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def specialty(schedule):
    specialty = schedule.doctor.specialty or SpecialtyFactory()
    type(schedule.doctor).objects.filter(pk=schedule.doctor_id).update(specialty=specialty)
    return specialty


@pytest.fixture
def colleague(specialty, hospital):
    """`colleague()` is another doctor of the specialty at the hospital, with the same hours."""

    def colleague(**more):
        schedule = DoctorScheduleFactory(
            affiliation=AffiliationFactory(doctor=DoctorFactory(specialty=specialty, **more), hospital=hospital),
            weekly_hours=[],
        )
        for weekday in range(7):
            WeeklyHours.objects.create(schedule=schedule, weekday=weekday, starts=time(9), ends=time(17))
        return schedule.doctor

    return colleague


@pytest.fixture
def displaced(schedule, book, free, specialty):
    """An appointment of the patient in the way of an hour's leave."""
    appointment = book(free[0], complaint="Pain in the left knee")
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[0].starts_at, ends_at=free[1].ends_at
    )
    Message.objects.all().delete()
    return appointment


def offers(appointment):
    appointment.refresh_from_db()
    return selectors.offers_for(appointment, now=timezone.now())


def told():
    return {(message.kind, message.recipient_id) for message in Message.objects.filter(channel="email")}


# --- what is offered ---


def test_the_doctors_next_three_free_times_are_offered(displaced, free):
    assert [slot.starts_at for slot in offers(displaced).times] == [slot.starts_at for slot in free[2:5]]


def test_what_is_given_up_does_not_fill_its_own_day(displaced, free, schedule):
    schedule.daily_cap = 1
    schedule.save()
    assert [slot.starts_at for slot in offers(displaced).times] == [slot.starts_at for slot in free[2:5]]


def test_up_to_three_colleagues_are_offered_with_their_next_free_time_the_very_same_where_it_is_free(
    displaced, colleague, free
):
    busy, *others = (colleague() for _ in range(4))
    AppointmentFactory(
        affiliation=None, doctor=busy, hospital=displaced.hospital, starts_at=free[0].starts_at,
        ends_at=free[3].ends_at,
    )  # fmt: skip
    found = offers(displaced).colleagues
    assert {each.doctor_id for each in found} == {doctor.pk for doctor in others}
    assert {each.slot.starts_at for each in found} == {free[0].starts_at}


def test_a_colleague_is_offered_at_a_time_to_which_the_patient_can_come(displaced, colleague, free, patient):
    AppointmentFactory(affiliation=None, doctor=colleague(), hospital=displaced.hospital, starts_at=free[0].starts_at)
    AppointmentFactory(patient=patient, starts_at=free[1].starts_at)
    assert offers(displaced).colleagues[0].slot.starts_at == free[2].starts_at


@pytest.mark.parametrize(
    "spoil",
    [
        lambda doctor: type(doctor).objects.filter(pk=doctor.pk).update(specialty=SpecialtyFactory(code="oncology")),
        lambda doctor: doctor.affiliations.update(status="ended"),
        lambda doctor: type(doctor).objects.filter(pk=doctor.pk).update(verification="pending"),
        lambda doctor: doctor.schedules.all().delete(),
        lambda doctor: Closure.objects.create(
            hospital=doctor.affiliations.get().hospital, doctor=doctor, starts_on="2020-01-01", ends_on="2090-01-01"
        ),
    ],
    ids=["another specialty", "no more at the hospital", "not approved", "no hours", "closed"],
)
def test_who_cannot_step_in_is_not_offered(displaced, colleague, spoil):
    doctor = colleague()
    assert [each.doctor_id for each in offers(displaced).colleagues] == [doctor.pk]
    spoil(doctor)
    assert offers(displaced).colleagues == []


def test_by_video_only_who_offers_it_steps_in(displaced, colleague):
    Appointment.objects.filter(pk=displaced.pk).update(kind="teleconsult")
    colleague(offers_teleconsult=False)
    able = colleague(offers_teleconsult=True)
    assert [each.doctor_id for each in offers(displaced).colleagues] == [able.pk]


def test_offers_cost_the_same_number_of_queries_however_many_colleagues(displaced, colleague):
    def queries():
        displaced.refresh_from_db()
        assert displaced.doctor
        with CaptureQueriesContext(connection) as captured:
            selectors.offers_for(displaced, now=timezone.now())
        return len(captured)

    colleague()
    few = queries()
    for _ in range(6):
        colleague()
    assert queries() == few


# --- another time ---


def test_another_time_keeps_the_appointment_and_does_not_count_as_the_patients_move(displaced, free, patient):
    Appointment.objects.filter(pk=displaced.pk).update(version=4)
    Displacement.objects.update(version=4)
    moved = services.choose_time(displaced.pk, by=patient.user, starts_at=free[3].starts_at)
    assert (moved.pk, moved.starts_at, moved.version) == (displaced.pk, free[3].starts_at, 5)
    assert moved.times_moved == 3
    event = moved.events.latest("at")
    assert (event.moved_from_at, event.moved_to_at, event.by) == (free[0].starts_at, free[3].starts_at, patient.user)
    waiting = Displacement.objects.get()
    assert (waiting.status, waiting.settled_by) == (DisplacementStatus.MOVED, "patient")
    assert told() == {
        ("bookings.appointment_rescheduled", patient.user_id),
        ("bookings.appointment_rescheduled", displaced.doctor.user_id),
    }


def test_neither_limit_nor_cut_off_holds_for_what_the_patient_did_not_cause(displaced, free, coordinator):
    late = displaced.starts_at - HOUR
    moved = services.choose_time(displaced.pk, by=coordinator, starts_at=free[8].starts_at, now=late)
    assert (moved.starts_at, moved.times_moved) == (free[8].starts_at, 0)


def test_a_time_that_somebody_took_meanwhile_is_refused_with_what_is_free_now(displaced, book, free, other_patient):
    book(free[2], by=other_patient.user)
    messages = Message.objects.count()
    with pytest.raises(exceptions.SlotTaken) as refused:
        services.choose_time(displaced.pk, by=displaced.patient.user, starts_at=free[2].starts_at)
    starts = [slot["starts_at"] for slot in refused.value.data["offers"]["times"]]
    assert starts == [slot.starts_at for slot in free[3:6]]
    assert Displacement.objects.get().status == DisplacementStatus.OPEN
    assert Message.objects.count() == messages


def test_what_the_patient_only_holds_is_not_in_their_way(displaced, free, patient, schedule):
    services.hold_slot(
        by=patient.user, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=free[2].starts_at
    )
    assert services.choose_time(displaced.pk, by=patient.user, starts_at=free[2].starts_at).pk == displaced.pk


# --- a colleague ---


def test_a_colleague_takes_its_place_and_the_payer_pays_no_more(displaced, colleague, free, patient):
    other = colleague(consultation_fee=9000)
    new = services.choose_colleague(displaced.pk, by=patient.user, doctor_id=other.pk, starts_at=displaced.starts_at)
    displaced.refresh_from_db()
    assert (displaced.status, displaced.cancelled_by) == (AppointmentStatus.CANCELLED, "doctor")
    assert (new.replaces, new.doctor, new.patient, new.hospital) == (displaced, other, patient, displaced.hospital)
    assert (new.status, new.starts_at, new.kind) == (AppointmentStatus.REQUESTED, displaced.starts_at, displaced.kind)
    assert (new.fee, new.currency, new.complaint) == (1500, "INR", "Pain in the left knee")
    assert Displacement.objects.get().status == DisplacementStatus.COLLEAGUE
    assert told() == {("bookings.colleague_instead", patient.user_id), ("bookings.request_received", other.user_id)}
    now = timezone.now()
    assert CareRelationship.objects.get(subject_id=displaced.pk).ends_at <= now
    assert CareRelationship.objects.get(subject_id=new.pk).ends_at > now
    assert new.events.get().to_status == AppointmentStatus.REQUESTED


def test_when_the_colleague_declines_the_coordinators_are_told_to_call(
    displaced, colleague, patient, coordinator, free
):
    other = colleague()
    new = services.choose_colleague(displaced.pk, by=patient.user, doctor_id=other.pk, starts_at=free[2].starts_at)
    Message.objects.all().delete()

    services.move_appointment(new.pk, AppointmentStatus.REJECTED, by=other.user)

    assert told() == {
        ("bookings.appointment_declined", patient.user_id),
        ("bookings.colleague_declined", coordinator.pk),
    }


def test_of_an_appointment_that_replaces_none_the_coordinators_are_not_told(appointment, coordinator, doctor):
    services.move_appointment(appointment.pk, AppointmentStatus.REJECTED, by=doctor.user)

    assert not Message.objects.filter(recipient=coordinator).exists()


def test_nor_is_it_in_the_way_of_a_colleagues_longer_time(displaced, colleague, free, patient, schedule):
    other = colleague()
    other.schedules.update(slot_minutes=60)
    held = services.hold_slot(
        by=patient.user, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=free[3].starts_at
    )
    new = services.choose_colleague(displaced.pk, by=patient.user, doctor_id=other.pk, starts_at=free[2].starts_at)
    assert new.ends_at == free[3].ends_at
    held.refresh_from_db()
    assert held.status == AppointmentStatus.LAPSED


def test_somebody_else_than_a_colleague_is_refused_with_who_is_offered(displaced, colleague, other_doctor):
    able = colleague()
    with pytest.raises(exceptions.ColleagueNotOffered) as refused:
        services.choose_colleague(
            displaced.pk, by=displaced.patient.user, doctor_id=other_doctor.pk, starts_at=displaced.starts_at
        )
    assert [each["doctor"]["id"] for each in refused.value.data["offers"]["colleagues"]] == [able.pk]
    displaced.refresh_from_db()
    assert displaced.status == AppointmentStatus.REQUESTED
    assert Appointment.objects.count() == 1


# --- a refund ---


def test_a_refund_cancels_on_the_doctors_side_and_frees_the_time(displaced, patient):
    services.choose_refund(displaced.pk, by=patient.user)
    displaced.refresh_from_db()
    assert (displaced.status, displaced.cancelled_by) == (AppointmentStatus.CANCELLED, "doctor")
    waiting = Displacement.objects.get()
    assert (waiting.status, waiting.settled_by) == (DisplacementStatus.REFUND, "patient")
    assert told() == {("bookings.appointment_cancelled", patient.user_id)}


def test_where_the_hospital_is_closed_it_is_the_hospitals_doing(displaced, patient, schedule):
    Displacement.objects.update(
        closure=Closure.objects.create(hospital=schedule.hospital, starts_on="2031-01-01", ends_on="2031-01-02")
    )
    services.choose_refund(displaced.pk, by=patient.user)
    displaced.refresh_from_db()
    assert displaced.cancelled_by == "hospital"


# --- by whom, how often, until when ---


@pytest.fixture
def choices(displaced, colleague, free):
    """The three ways, each by whoever is named."""
    other = colleague()
    at = displaced.starts_at
    return [
        lambda by, **more: services.choose_time(displaced.pk, by=by, starts_at=free[4].starts_at, **more),
        lambda by, **more: services.choose_colleague(displaced.pk, by=by, doctor_id=other.pk, starts_at=at, **more),
        lambda by, **more: services.choose_refund(displaced.pk, by=by, **more),
    ]


def test_coordinators_and_the_hospitals_staff_choose_for_the_patient(displaced, coordinator, hospital_admin, patient):
    services.choose_refund(displaced.pk, by=hospital_admin)
    assert Displacement.objects.get().settled_by == "hospital"
    assert ("bookings.appointment_cancelled", patient.user_id) in told()


def test_nobody_else_chooses(displaced, choices, doctor, other_patient, other_hospital_admin, support_agent):
    for choose in choices:
        for by, refusal in (
            (doctor.user, Forbidden), (support_agent, Forbidden),
            (other_patient.user, NotFound), (other_hospital_admin, NotFound),
        ):  # fmt: skip
            with pytest.raises(refusal):
                choose(by)
    assert Displacement.objects.get().status == DisplacementStatus.OPEN
    assert not Message.objects.exists()


def test_one_chooses_once(displaced, choices, patient, coordinator):
    choices[0](patient.user)
    messages = Message.objects.count()
    for by in (patient.user, coordinator):
        for choose in choices:
            with pytest.raises(exceptions.DisplacementSettled):
                choose(by)
    assert Message.objects.count() == messages


def test_after_the_deadline_the_patient_chooses_no_more_and_the_coordinator_still_does(displaced, choices, coordinator):
    late = Displacement.objects.get().respond_by + timedelta(seconds=1)
    for choose in choices:
        with pytest.raises(exceptions.DisplacementOverdue):
            choose(displaced.patient.user, now=late)
    choices[0](coordinator, now=late)
    assert Displacement.objects.get().status == DisplacementStatus.MOVED


def test_what_stands_after_all_is_not_chosen_any_more(displaced, choices, schedule, patient):
    away = schedule.doctor.time_off.get()
    services.end_time_off(schedule.doctor_id, away.pk, by=schedule.doctor.user)
    for choose in choices:
        with pytest.raises(exceptions.DisplacementSettled):
            choose(patient.user)
    displaced.refresh_from_db()
    assert displaced.status == AppointmentStatus.REQUESTED


# --- over the API ---


def path(appointment):
    return f"/api/v1/appointments/{appointment.pk}/displacement"


def test_over_the_api_the_patient_sees_what_is_offered_and_chooses(api, displaced, colleague, patient, free):
    other = colleague()
    shown = api(patient.user).get(path(displaced)).json()["data"]
    assert (shown["status"], shown["can_choose"], shown["chosen"]) == ("open", True, None)
    assert len(shown["offers"]["times"]) == 3
    assert shown["offers"]["colleagues"][0]["doctor"]["id"] == str(other.pk)
    body = {
        "choice": "colleague", "doctor_id": str(other.pk), "starts_at": shown["offers"]["colleagues"][0]["starts_at"],
    }  # fmt: skip
    response = api(patient.user).post(path(displaced), body)
    assert response.status_code == 200
    after = response.json()["data"]
    assert (after["status"], after["can_choose"]) == ("colleague", False)
    assert after["chosen"]["appointment_id"] == str(Appointment.objects.get(replaces=displaced).pk)
    again = api(patient.user).post(path(displaced), {"choice": "refund"})
    assert (again.status_code, again.json()["code"]) == (409, "booking.displacement_settled")


def test_over_the_api_a_taken_time_is_409_with_fresh_offers(api, displaced, book, free, patient, other_patient):
    book(free[2], by=other_patient.user)
    body = {"choice": "time", "starts_at": free[2].starts_at.isoformat()}
    response = api(patient.user).post(path(displaced), body)
    assert (response.status_code, response.json()["code"]) == (409, "booking.slot_taken")
    assert len(response.json()["data"]["offers"]["times"]) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "choice"),
        ({"choice": "wait"}, "choice"),
        ({"choice": "time"}, "starts_at"),
        ({"choice": "time", "starts_at": "2031-01-06T09:00:00"}, "starts_at"),
        ({"choice": "colleague", "starts_at": "2031-01-06T09:00:00Z"}, "doctor_id"),
    ],
)
def test_over_the_api_half_a_choice_is_refused(api, displaced, patient, body, field):
    response = api(patient.user).post(path(displaced), body)
    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_over_the_api_an_appointment_that_nothing_displaced_has_none(api, appointment, patient):
    assert api(patient.user).get(path(appointment)).status_code == 404

"""How many appointments the plan of a hospital, or of a doctor, allows in a month."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.bookings import exceptions, rules, services
from apps.bookings.models import Appointment
from apps.bookings.services import quota
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

from .racing import GIVE_UP_SECONDS, at_once, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def slots(free):
    """Free slots of one local month."""
    first = free[0]
    return [slot for slot in free if rules.is_same_month(slot.starts_at, first.starts_at, slot.zone)]


@pytest.fixture
def limited(hospital):
    """`limited(2)`: the hospital's plan allows two appointments a month."""

    def limited(most):
        hospital.max_appointments_per_month = most
        hospital.save()

    return limited


def told():
    return Message.objects.filter(kind="bookings.month_full", channel="email")


def test_beyond_the_months_appointments_a_patient_is_refused_and_the_staff_are_told(
    book, slots, limited, hospital_admin
):
    limited(2)
    book(slots[0])
    assert not told().exists()
    book(slots[1], by=PatientFactory().user)
    assert [message.recipient for message in told()] == [hospital_admin]
    with pytest.raises(exceptions.MonthFull) as refused:
        book(slots[2], by=PatientFactory().user)
    assert refused.value.code == "booking.month_full"
    assert Appointment.objects.count() == 2
    assert told().count() == 1


def test_the_refusal_names_the_month_in_the_patients_language(api, slots, limited, schedule):
    limited(0)
    body = {
        "doctor_id": str(schedule.doctor_id), "hospital_id": str(schedule.hospital_id),
        "starts_at": slots[0].starts_at.isoformat(),
    }  # fmt: skip
    answer = api(PatientFactory().user).post("/api/v1/appointments", body, headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.json()["code"]) == (409, "booking.month_full")
    assert rules.month_named(slots[0].starts_at, slots[0].zone, "fr") in answer.json()["message"]


def test_a_lower_limit_is_told_of_when_the_first_patient_is_refused(book, slots, limited, hospital_admin):
    book(slots[0])
    limited(1)
    with pytest.raises(exceptions.MonthFull):
        book(slots[1], by=PatientFactory().user)
    assert [message.context["most"] for message in told()] == [1]


def test_what_was_cancelled_or_lapsed_takes_no_place(book, slots, limited, patient):
    limited(1)
    first = book(slots[0])
    services.cancel_appointment(first.pk, by=patient.user)
    held = services.hold_slot(
        by=PatientFactory().user, doctor_id=first.doctor_id, hospital_id=first.hospital_id,
        starts_at=slots[1].starts_at,
    )  # fmt: skip
    with pytest.raises(exceptions.MonthFull):
        book(slots[2], by=PatientFactory().user)
    Appointment.objects.filter(pk=held.pk).update(held_until=held.created_at - timedelta(minutes=1))
    assert book(slots[2], by=PatientFactory().user)


def test_what_is_held_is_booked_although_it_is_the_last_place(book, slots, limited, patient, schedule):
    limited(1)
    services.hold_slot(
        by=patient.user, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=slots[0].starts_at
    )
    assert book(slots[0]).status == "requested"


def test_an_appointment_moves_within_a_full_month(book, slots, limited, patient):
    limited(1)
    appointment = book(slots[0])
    moved = services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=slots[1].starts_at)
    assert moved.starts_at == slots[1].starts_at


def test_a_doctor_has_a_limit_of_their_own_at_all_hospitals_together(book, slots, doctor, other_hospital):
    doctor.max_appointments_per_month = 1
    doctor.save()
    AppointmentFactory(
        affiliation=None, doctor=doctor, hospital=other_hospital, starts_at=slots[5].starts_at,
    )  # fmt: skip
    with pytest.raises(exceptions.MonthFull):
        book(slots[0])
    assert [message.recipient for message in told()] == [doctor.user]


def test_the_month_is_that_of_the_hospitals_wall():
    last_evening = datetime(2031, 1, 31, 18, 29, tzinfo=UTC)  # 23:59 in Kolkata
    first, after = rules.month_around(last_evening, "Asia/Kolkata")
    assert (first.isoformat(), after.isoformat()) == ("2031-01-01T00:00:00+05:30", "2031-02-01T00:00:00+05:30")
    assert not rules.is_same_month(last_evening, last_evening + timedelta(minutes=1), "Asia/Kolkata")
    assert rules.month_around(datetime(2031, 12, 5, tzinfo=UTC), "UTC")[1].isoformat() == "2032-01-01T00:00:00+00:00"


def test_counting_is_bounded_by_the_limit_and_the_same_number_of_queries(book, slots, limited):
    limited(40)
    queries = []
    for number in (0, 6):
        for slot in slots[number : number + 1]:
            with CaptureQueriesContext(connection) as seen:
                book(slot, by=PatientFactory().user)
            queries.append(seen)
        for slot in slots[number + 1 : number + 6]:
            book(slot, by=PatientFactory().user)
    few, many = (len([q for q in seen if "bookings_appointment" in q["sql"]]) for seen in queries)
    assert few == many
    counted = [q["sql"] for q in queries[1] if "COUNT(*)" in q["sql"] and "LIMIT 40" in q["sql"]]
    assert len(counted) == 1


# --- many at once ---


@pytest.fixture
def crowd(db):
    return [PatientFactory().user for _ in range(8)]


@pytest.fixture
def at_other_doctors(slots, hospital):
    """As many doctors of the hospital as patients, each free at the slot: no calendar is in anybody's way."""
    found = []
    for _ in range(8):
        schedule = DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital), weekly_hours=[])
        for weekday in range(7):
            schedule.weekly_hours.create(weekday=weekday, starts=time(9), ends=time(17))
        found.append(schedule)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_book_at_once_with_eight_doctors_three_places_are_given(
    post, slots, crowd, at_other_doctors, limited
):
    limited(3)
    calls = [post(user, slots[0], schedule) for user, schedule in zip(crowd, at_other_doctors, strict=True)]
    assert codes(at_once(*calls)) == {(201, ""): 3, (409, "booking.month_full"): 5}
    assert Appointment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_control_without_the_hospitals_lock_more_than_three_are_given(
    post, slots, crowd, at_other_doctors, limited, without_locks, all_look_before_any_books, monkeypatch
):
    limited(3)
    all_look_before_any_books(8)
    everyone, count = threading.Barrier(8), quota._taken

    def count_and_wait(*args, **kwargs):
        taken = count(*args, **kwargs)
        everyone.wait(GIVE_UP_SECONDS)
        return taken

    monkeypatch.setattr(quota, "_taken", count_and_wait)
    calls = [post(user, slots[0], schedule) for user, schedule in zip(crowd, at_other_doctors, strict=True)]
    assert codes(at_once(*calls)) == {(201, ""): 8}

"""Closures: who may close what, and what is closed then."""

import threading
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from apps.bookings import exceptions, rules, selectors, services
from apps.bookings.models import CalendarCheck, Closure, Displacement
from apps.bookings.services import calendars, taking
from apps.common.exceptions import Forbidden, Invalid, NotFound
from apps.notifications.models import Message
from tests.factories.bookings import MONDAY_9_CHENNAI, AppointmentFactory, DoctorScheduleFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

DAYS = {"starts_on": date(2031, 1, 6), "ends_on": date(2031, 1, 7)}


# --- who ---


@pytest.mark.parametrize("who", ["hospital_admin", "platform_admin"])
def test_the_hospitals_staff_and_admins_close_the_hospital(hospital, who, request):
    closure = services.add_closure(hospital.pk, by=request.getfixturevalue(who), **DAYS, reason="Moving house")
    assert (closure.hospital, closure.doctor, closure.reason) == (hospital, None, "Moving house")


@pytest.mark.parametrize("who", ["hospital_admin", "platform_admin", "the_doctor"])
def test_one_doctors_calendar_at_the_hospital_is_closed_by_them_and_by_the_doctor(hospital, doctor, who, request):
    by = doctor.user if who == "the_doctor" else request.getfixturevalue(who)
    assert services.add_closure(hospital.pk, by=by, doctor_id=doctor.pk, **DAYS).doctor == doctor


@pytest.mark.parametrize("who", ["coordinator", "support_agent", "translator", "the_patient"])
def test_nobody_else_closes_anything(hospital, doctor, patient, who, request):
    by = patient.user if who == "the_patient" else request.getfixturevalue(who)
    for doctor_id in (None, doctor.pk):
        with pytest.raises(Forbidden):
            services.add_closure(hospital.pk, by=by, doctor_id=doctor_id, **DAYS)
    assert not Closure.objects.exists()


def test_a_doctor_does_not_close_the_whole_hospital(hospital, doctor):
    with pytest.raises(Forbidden):
        services.add_closure(hospital.pk, by=doctor.user, **DAYS)
    assert not Closure.objects.exists()


def test_a_doctor_closes_nobody_elses_calendar_nor_one_where_the_doctor_does_not_practise(
    hospital, doctor, other_hospital, other_doctor
):
    AffiliationFactory(doctor=other_doctor, hospital=hospital, is_primary=False)
    for hospital_id, doctor_id in ((hospital.pk, other_doctor.pk), (other_hospital.pk, doctor.pk)):
        with pytest.raises(NotFound):
            services.add_closure(hospital_id, by=doctor.user, doctor_id=doctor_id, **DAYS)
    assert not Closure.objects.exists()


def test_another_hospitals_closures_are_not_there(hospital, hospital_admin, other_hospital_admin, doctor):
    closure = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    with pytest.raises(NotFound):
        services.add_closure(hospital.pk, by=other_hospital_admin, **DAYS)
    with pytest.raises(NotFound):
        services.change_closure(closure.pk, by=other_hospital_admin, **DAYS)
    with pytest.raises(NotFound):
        services.remove_closure(closure.pk, by=other_hospital_admin)
    assert Closure.objects.get() == closure


def test_a_doctor_sees_the_hospitals_closure_and_does_not_change_it(schedule, hospital_admin, doctor):
    closure = services.add_closure(schedule.hospital_id, by=hospital_admin, **DAYS)
    assert closure in Closure.objects.visible_to(doctor.user)
    with pytest.raises(Forbidden):
        services.remove_closure(closure.pk, by=doctor.user)
    with pytest.raises(Forbidden):
        services.change_closure(closure.pk, by=doctor.user, **DAYS)


# --- what ---


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        (date(2031, 1, 7), date(2031, 1, 6), "ends_on"),
        (date(2031, 1, 1), date(2032, 1, 2), "ends_on"),
        (date(1999, 12, 31), date(2031, 1, 6), "starts_on"),
        (date(2099, 12, 31), date(2100, 1, 1), "ends_on"),
    ],
)
def test_days_that_are_no_closure_are_refused(hospital, platform_admin, starts_on, ends_on, field):
    with pytest.raises(Invalid) as refusal:
        services.add_closure(hospital.pk, by=platform_admin, starts_on=starts_on, ends_on=ends_on)
    assert list(refusal.value.errors) == [field]
    assert not Closure.objects.exists()


def test_one_day_and_a_whole_leap_year_are_closures():
    assert rules.why_not_closure(date(2031, 1, 6), date(2031, 1, 6)) is None
    assert rules.why_not_closure(date(2028, 1, 1), date(2028, 12, 31)) is None


def test_a_closure_is_changed_and_removed(hospital, hospital_admin):
    closure = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    services.change_closure(
        closure.pk, by=hospital_admin, starts_on=date(2031, 1, 6), ends_on=date(2031, 1, 9), reason="Longer"
    )
    closure.refresh_from_db()
    assert (closure.ends_on, closure.reason) == (date(2031, 1, 9), "Longer")
    services.remove_closure(closure.pk, by=hospital_admin)
    assert not Closure.objects.exists()
    with pytest.raises(NotFound):
        services.remove_closure(closure.pk, by=hospital_admin)


def test_the_directory_looks_anew_at_every_doctor_of_a_closed_hospital_and_at_no_other(hospital, hospital_admin):
    there = {DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital)).doctor_id for _ in range(2)}
    DoctorScheduleFactory()
    CalendarCheck.objects.all().delete()
    services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    assert set(CalendarCheck.objects.values_list("doctor", flat=True)) == there


def test_nobody_books_with_any_doctor_of_the_hospital_meanwhile(hospital, hospital_admin, other_doctor, monkeypatch):
    practising = {AffiliationFactory(hospital=hospital).doctor_id for _ in range(3)}
    locked = []
    monkeypatch.setattr(calendars, "lock", lambda *owners: locked.append(set(owners)))
    closure = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    services.change_closure(closure.pk, by=hospital_admin, **DAYS)
    services.remove_closure(closure.pk, by=hospital_admin)
    assert locked == [practising] * 3


def test_more_doctors_than_a_statement_can_name_are_locked_in_several(hospital, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(calendars, "_AT_ONCE", 2)
    doctors = [AffiliationFactory(hospital=hospital).doctor_id for _ in range(5)]
    with django_assert_num_queries(3):
        calendars.lock(*doctors)


# --- what it would displace ---


@pytest.fixture
def booked(doctor, hospital):
    """At nine on the closed Monday in Chennai, requested."""
    return AppointmentFactory(affiliation=doctor.affiliations.get(), starts_at=MONDAY_9_CHENNAI)


@pytest.fixture
def displaced(platform_admin):
    """How many closing the hospital, or a doctor's calendar there, would displace."""

    def displaced(hospital, reader=platform_admin, **more):
        start, end = selectors.closed_period(hospital.pk, **DAYS)
        return selectors.count_displaced(
            start=start, end=end, now=timezone.now(), reader=reader, hospital_id=hospital.pk, **more
        )

    return displaced


def test_an_appointment_to_come_in_these_days_would_be_displaced(
    displaced, booked, hospital, other_hospital, other_doctor
):
    assert displaced(hospital) == 1
    assert displaced(hospital, doctor_id=booked.doctor_id) == 1
    assert displaced(hospital, doctor_id=other_doctor.pk) == 0
    assert displaced(other_hospital) == 0
    assert displaced(hospital, reader=other_doctor.user) == 0


@pytest.mark.parametrize("status", ["cancelled", "rejected", "no_show", "held", "consultation_completed"])
def test_one_that_nobody_waits_for_would_not(displaced, booked, hospital, status):
    cancelled = {"cancelled_at": timezone.now(), "cancelled_by": "patient"} if status == "cancelled" else {}
    type(booked).objects.update(status=status, held_until=timezone.now(), **cancelled)
    assert displaced(hospital) == 0


@pytest.mark.parametrize(
    ("starts", "counted"),
    [
        # Chennai's Monday begins at 18:30 UTC of Sunday; half-hour appointments.
        (timedelta(hours=-9, minutes=-30), 0),
        (timedelta(hours=-9, minutes=-29), 1),
        (timedelta(hours=38, minutes=59), 1),
        (timedelta(hours=39), 0),
    ],
)
def test_the_days_are_the_hospitals_to_the_minute(displaced, booked, hospital, starts, counted):
    starts_at = MONDAY_9_CHENNAI + starts
    ends_at = starts_at + timedelta(minutes=30)
    type(booked).objects.update(starts_at=starts_at, ends_at=ends_at, busy_until=ends_at)
    assert displaced(hospital) == counted


def test_one_whose_patient_chooses_already_would_not_be_displaced_again(displaced, booked, hospital, hospital_admin):
    services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    assert displaced(hospital) == 0


# --- what it does displace ---


def test_closing_displaces_and_tells_the_patients_once(booked, hospital, hospital_admin):
    closure = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    one = Displacement.objects.get()
    assert (one.appointment, one.closure, one.status) == (booked, closure, "open")
    services.change_closure(closure.pk, by=hospital_admin, **DAYS, reason="Another reason")
    assert Displacement.objects.count() == 1
    assert Message.objects.filter(recipient=booked.patient.user, channel="email").count() == 1


def test_a_doctors_closure_displaces_only_that_doctors_appointments_there(booked, hospital, doctor, hospital_admin):
    AppointmentFactory(affiliation=AffiliationFactory(hospital=hospital), starts_at=MONDAY_9_CHENNAI)
    elsewhere = AffiliationFactory(doctor=doctor, is_primary=False)
    AppointmentFactory(affiliation=elsewhere, starts_at=MONDAY_9_CHENNAI + timedelta(hours=2))
    services.add_closure(hospital.pk, by=hospital_admin, doctor_id=doctor.pk, **DAYS)
    assert Displacement.objects.get().appointment == booked


def test_a_wider_closure_displaces_more_and_a_narrower_one_lets_them_stand(booked, hospital, hospital_admin):
    closure = services.add_closure(hospital.pk, by=hospital_admin, starts_on=date(2031, 1, 7), ends_on=date(2031, 1, 7))
    assert not Displacement.objects.exists()
    services.change_closure(closure.pk, by=hospital_admin, **DAYS)
    assert Displacement.objects.get().status == "open"
    services.change_closure(closure.pk, by=hospital_admin, starts_on=date(2031, 1, 7), ends_on=date(2031, 1, 7))
    assert Displacement.objects.get().status == "settled"


def test_when_the_closure_is_removed_the_appointments_stand_after_all(booked, hospital, hospital_admin):
    closure = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    services.remove_closure(closure.pk, by=hospital_admin)
    assert Displacement.objects.get().status == "settled"
    booked.refresh_from_db()
    assert booked.status == "requested"


def test_what_two_closures_meet_stands_only_when_both_are_gone(booked, hospital, doctor, hospital_admin):
    first = services.add_closure(hospital.pk, by=hospital_admin, **DAYS)
    second = services.add_closure(hospital.pk, by=hospital_admin, doctor_id=doctor.pk, **DAYS)
    services.remove_closure(first.pk, by=hospital_admin)
    assert Displacement.objects.get().status == "open"
    services.remove_closure(second.pk, by=hospital_admin)
    assert Displacement.objects.get().status == "settled"


def test_no_time_of_closed_days_is_offered_nor_booked(schedule, hospital_admin, free, book):
    day = free[0].starts_at.date()
    services.add_closure(schedule.hospital_id, by=hospital_admin, starts_on=day, ends_on=day)
    now = timezone.now()
    left = selectors.free_slots(schedule.doctor_id, start=free[0].starts_at, end=free[-1].ends_at, now=now).found
    assert free[0] not in left
    with pytest.raises(exceptions.SlotNotOffered):
        book(free[0])


# --- closing while somebody books ---


@pytest.fixture
def closed_between(monkeypatch, hospital_admin):
    """Once a time is found free, and before it is taken, somebody closes the hospital on that day. Goes on when that is
    done, or waits for us."""
    claim, threads = taking.claim, []

    def close(slot):
        try:
            day = slot.starts_at.astimezone(ZoneInfo(slot.zone)).date()
            services.add_closure(slot.hospital_id, by=hospital_admin, starts_on=day, ends_on=day)
        finally:
            connection.close()

    def claim_and_close(*args, **kwargs):
        slot = claim(*args, **kwargs)
        threads.append(threading.Thread(target=close, args=[slot]))
        threads[-1].start()
        while threads[-1].is_alive() and not someone_waits():
            threads[-1].join(0.05)
        return slot

    monkeypatch.setattr(taking, "claim", claim_and_close)
    return threads


def someone_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_whoever_books_while_the_hospital_closes_is_displaced(book, free, closed_between):
    appointment = book(free[0])
    closed_between[0].join(30)
    assert Displacement.objects.get().appointment == appointment


@pytest.mark.django_db(transaction=True)
def test_control_without_the_locks_nobody_notices_the_booking(book, free, closed_between, monkeypatch):
    monkeypatch.setattr(calendars, "lock", lambda *owners: None)
    book(free[0])
    closed_between[0].join(30)
    assert Closure.objects.exists()
    assert not Displacement.objects.exists()

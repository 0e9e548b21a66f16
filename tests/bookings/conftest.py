"""A doctor with hours every day, and her next free slots; races for them, with their guards on and off."""

import threading
from datetime import time, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.bookings import selectors, services
from apps.bookings.models import Appointment, WeeklyHours
from apps.bookings.services import calendars, taking
from tests.factories.bookings import DoctorScheduleFactory
from tests.fakes.gateway import fake_gateway  # noqa: F401  a fixture
from tests.fakes.nextcloud import NextcloudServer

from .racing import APPOINTMENTS, GIVE_UP_SECONDS


@pytest.fixture
def schedule(doctor, hospital):
    """Every day from 9 to 17 in Chennai, half-hour slots."""
    schedule = DoctorScheduleFactory(affiliation=None, doctor=doctor, hospital=hospital, weekly_hours=[])
    for weekday in range(7):
        WeeklyHours.objects.create(schedule=schedule, weekday=weekday, starts=time(9), ends=time(17))
    return schedule


@pytest.fixture
def free(schedule):
    """The doctor's free slots from three days ahead."""
    now = timezone.now()
    start = now + timedelta(days=3)
    return selectors.free_slots(schedule.doctor_id, start=start, end=start + timedelta(days=2), now=now).found


@pytest.fixture
def book(schedule, free, patient):
    """Books a free slot for the patient, or as said."""

    def book(slot=free[0], *, by=patient.user, **more):
        return services.book_appointment(
            by=by,
            doctor_id=schedule.doctor_id,
            hospital_id=schedule.hospital_id,
            starts_at=slot if not hasattr(slot, "starts_at") else slot.starts_at,
            **more,
        )

    return book


@pytest.fixture
def appointment(book):
    return book()


# --- races ---


@pytest.fixture
def post(api, schedule):
    """`post(user, slot)` is a call that books the slot over HTTP."""

    def post(user, slot, schedule=schedule, **more):
        client = api(user)
        body = {
            "doctor_id": str(schedule.doctor_id),
            "hospital_id": str(schedule.hospital_id),
            "starts_at": slot.starts_at.isoformat(),
        } | more
        return lambda: client.post(APPOINTMENTS, body)

    return post


@pytest.fixture
def move(api):
    """`move(appointment, slot)` is a call by which its patient moves it to the slot over HTTP."""

    def move(appointment, slot):
        client = api(appointment.patient.user)
        url = f"{APPOINTMENTS}/{appointment.pk}/reschedule"
        return lambda: client.post(url, {"starts_at": slot.starts_at.isoformat()})

    return move


@pytest.fixture
def without_constraints():
    """The table lets overlaps in, until the test is over."""
    constraints = [each for each in Appointment._meta.constraints if each.name.endswith("_overlap")]
    assert len(constraints) == 2
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(Appointment, constraint)
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bookings_appointment CASCADE")
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.add_constraint(Appointment, constraint)


@pytest.fixture
def without_locks(monkeypatch):
    monkeypatch.setattr(calendars, "lock", lambda *owners: None)


@pytest.fixture
def all_look_before_any_books(monkeypatch):
    """Call with a number of bookers: each has found the slot free before the first one takes it."""

    def meet(number):
        everyone, claim = threading.Barrier(number), taking.claim

        def claim_and_wait(*args, **kwargs):
            slot = claim(*args, **kwargs)
            everyone.wait(GIVE_UP_SECONDS)
            return slot

        monkeypatch.setattr(taking, "claim", claim_and_wait)

    return meet


@pytest.fixture
def server(settings):
    """From now on rooms are opened, at a server of the test's own."""
    server = NextcloudServer()
    settings.VIDEO_PROVIDER = "nextcloud"
    settings.NEXTCLOUD_URL, settings.NEXTCLOUD_USER = server.url, server.user
    settings.NEXTCLOUD_PASSWORD = server.password
    yield server
    server.close()

"""A doctor with hours every day, and her next free slots."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from apps.bookings import selectors, services
from apps.bookings.models import WeeklyHours
from tests.factories.bookings import DoctorScheduleFactory


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

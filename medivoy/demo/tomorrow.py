"""Somebody comes within a day, whenever the demo is loaded: a weekend has no hours, and so nobody to be reminded."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.bookings import selectors as booking_selectors
from apps.bookings import services as booking_services
from apps.bookings import slots
from apps.bookings.exceptions import ExtraHoursOverlap
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.clinical.models import Patient
from apps.clinical.rules import is_minor
from apps.hospitals.models import Doctor, Hospital

from . import clock, doctors, patients

#: So many hours from now, the first of these at which it is day at the hospital of a doctor who is free then, or opens.
HOURS_AHEAD = range(20, 11, -1)
CONSULTING_HOURS = range(9, 17)
OPEN_FOR = timedelta(hours=2)
OPENED, BOOKED, CONFIRMED = timedelta(days=6), timedelta(days=5), timedelta(days=4)


def load(now: datetime) -> Appointment | None:
    """A doctor opens some hours, a patient books one of them, the doctor confirms it: the first run of the job reminds
    the patient. None when nobody can."""
    patient = _patient(now)
    for hours in HOURS_AHEAD:
        at = (now + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        for doctor in doctors.bookable() if patient else ():
            if doctor.user.email == doctors.SHOWN:
                continue
            for schedule in doctor.schedules.select_related("hospital").order_by("pk")[:1]:
                slot = _slot(doctor, schedule.hospital, at, now)
                if patient and slot:
                    return _play(doctor, patient, slot, now)
    return None


def _patient(now: datetime) -> Patient | None:
    """A grown-up who reads English, was with us then, and has nothing else to come."""
    busy = set(Appointment.objects.to_come(now - timedelta(days=1)).values_list("patient", flat=True))
    for patient in patients.everyone():
        user = patient.user
        is_free = user.is_active and patient.pk not in busy and not is_minor(patient, today=now.date())
        if is_free and user.language == "en" and user.email != patients.SHOWN and user.created_at < now - OPENED:
            return patient
    return None


def _slot(doctor: Doctor, hospital: Hospital, at: datetime, now: datetime) -> slots.Slot | None:
    local = at.astimezone(ZoneInfo(hospital.time_zone)).replace(minute=0)
    if local.hour not in CONSULTING_HOURS:
        return None
    if not _free(doctor, hospital, at, now):
        opening = slots.ExtraOpening(local.date(), local.time(), (local + OPEN_FOR).time())
        with clock.acting(doctor.user, now - OPENED), contextlib.suppress(ExtraHoursOverlap):  # then all is booked
            booking_services.set_availability(doctor.pk, hospital.pk, by=doctor.user, extra_hours=[opening])
    return next(iter(_free(doctor, hospital, at, now)), None)


def _free(doctor: Doctor, hospital: Hospital, at: datetime, now: datetime) -> Sequence[slots.Slot]:
    return booking_selectors.free_slots(
        doctor.pk, start=at, end=at + OPEN_FOR, now=now - BOOKED, hospital_id=hospital.pk
    ).found


def _play(doctor: Doctor, patient: Patient, slot: slots.Slot, now: datetime) -> Appointment:
    with clock.acting(patient.user, now - BOOKED):
        appointment = booking_services.book_appointment(
            by=patient.user,
            doctor_id=doctor.pk,
            hospital_id=slot.hospital_id,
            starts_at=slot.starts_at,
            kind=Appointment.Kind.TELECONSULT if doctor.offers_teleconsult else Appointment.Kind.IN_PERSON,
        )
    with clock.acting(doctor.user, now - CONFIRMED):
        return booking_services.move_appointment(appointment.pk, AppointmentStatus.CONFIRMED, by=doctor.user)

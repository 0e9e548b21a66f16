"""Reads over more than one model: calendars, appointments, a doctor's patients, a hospital's figures."""

from .analytics import TOP_DOCTORS, HospitalFigures, hospital_figures, hospital_of
from .appointments import AppointmentPage, appointment_page, doctor_kept_by
from .calendars import (
    Calendar,
    FreeSlots,
    Place,
    alternatives,
    busy_of,
    calendar_of,
    calendars_of,
    free_slots,
    next_free,
    outlooks,
    time_off_of,
)
from .closures import closed_period, count_displaced, doctors_at
from .people import patients_of, raise_unless_readable, reviews_of
from .reminders import overtaken_reminders, told_of

__all__ = [
    "TOP_DOCTORS",
    "AppointmentPage",
    "Calendar",
    "FreeSlots",
    "HospitalFigures",
    "Place",
    "alternatives",
    "appointment_page",
    "busy_of",
    "calendar_of",
    "calendars_of",
    "closed_period",
    "count_displaced",
    "doctor_kept_by",
    "doctors_at",
    "free_slots",
    "hospital_figures",
    "hospital_of",
    "next_free",
    "outlooks",
    "overtaken_reminders",
    "patients_of",
    "raise_unless_readable",
    "reviews_of",
    "time_off_of",
    "told_of",
]

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
    extra_hours_of,
    free_slots,
    next_free,
    outlooks,
    time_off_of,
)
from .closures import closed_period, count_displaced, doctors_at
from .displacement import (
    Colleague,
    DisplacementPage,
    Offers,
    colleagues_of,
    displacement_by,
    displacement_of,
    displacement_page,
    offers_for,
    overtaken_displacements,
)
from .entries import Feed, calendar_entry, feed_entries, invited_entry, live_feed
from .money import Cancellation, cancellation_of, refund_of, unfinished_money
from .people import patients_of, raise_unless_readable, reviews_of
from .reminders import overtaken_reminders, told_of
from .video import video_room_state

__all__ = [
    "TOP_DOCTORS",
    "AppointmentPage",
    "Calendar",
    "Cancellation",
    "Colleague",
    "DisplacementPage",
    "Feed",
    "FreeSlots",
    "HospitalFigures",
    "Offers",
    "Place",
    "alternatives",
    "appointment_page",
    "busy_of",
    "calendar_entry",
    "calendar_of",
    "calendars_of",
    "cancellation_of",
    "closed_period",
    "colleagues_of",
    "count_displaced",
    "displacement_by",
    "displacement_of",
    "displacement_page",
    "doctor_kept_by",
    "doctors_at",
    "extra_hours_of",
    "feed_entries",
    "free_slots",
    "hospital_figures",
    "hospital_of",
    "invited_entry",
    "live_feed",
    "next_free",
    "offers_for",
    "outlooks",
    "overtaken_displacements",
    "overtaken_reminders",
    "patients_of",
    "raise_unless_readable",
    "refund_of",
    "reviews_of",
    "time_off_of",
    "told_of",
    "unfinished_money",
    "video_room_state",
]

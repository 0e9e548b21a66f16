"""Consulting hours, leave, appointments and their history, and reviews."""

from .appointments import Appointment, AppointmentEvent, new_number
from .calendars import DoctorSchedule, TimeOff, Weekday, WeeklyHours
from .checks import AffiliationBooked, CalendarCheck, DoctorBooked, HospitalBooked
from .reviews import Review

__all__ = [
    "AffiliationBooked",
    "Appointment",
    "AppointmentEvent",
    "CalendarCheck",
    "DoctorBooked",
    "DoctorSchedule",
    "HospitalBooked",
    "Review",
    "TimeOff",
    "Weekday",
    "WeeklyHours",
    "new_number",
]

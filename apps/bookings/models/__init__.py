"""Consulting hours, leave, appointments and their history, treatment bookings, and reviews."""

from .appointments import Appointment, AppointmentEvent, new_number
from .bookings import Booking, BookingEvent
from .calendars import DoctorSchedule, TimeOff, Weekday, WeeklyHours
from .checks import AffiliationBooked, CalendarCheck, DoctorBooked, HospitalBooked
from .reviews import Review

__all__ = [
    "AffiliationBooked",
    "Appointment",
    "AppointmentEvent",
    "Booking",
    "BookingEvent",
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

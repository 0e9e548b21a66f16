"""Consulting hours, leave and closures, appointments and their history, treatment bookings, and reviews."""

from .appointments import Appointment, AppointmentEvent, new_number
from .bookings import Booking, BookingEvent
from .calendars import DoctorSchedule, TimeOff, Weekday, WeeklyHours
from .checks import AffiliationBooked, CalendarCheck, DoctorBooked, HospitalBooked
from .closures import Closure, ExtraHours, PublicHoliday
from .displacements import Displacement
from .feeds import CalendarFeed
from .reminders import AppointmentReminder
from .reviews import Review
from .video import VideoRoom

__all__ = [
    "AffiliationBooked",
    "Appointment",
    "AppointmentEvent",
    "AppointmentReminder",
    "Booking",
    "BookingEvent",
    "CalendarCheck",
    "CalendarFeed",
    "Closure",
    "Displacement",
    "DoctorBooked",
    "DoctorSchedule",
    "ExtraHours",
    "HospitalBooked",
    "PublicHoliday",
    "Review",
    "TimeOff",
    "VideoRoom",
    "Weekday",
    "WeeklyHours",
    "new_number",
]

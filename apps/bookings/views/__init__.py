"""Bookings over the API."""

from .appointments import AppointmentViewSet, DoctorAppointmentsViewSet, PatientAppointmentsViewSet
from .bookings import BookingViewSet, PatientBookingsViewSet
from .calendar_files import AppointmentCalendarView
from .calendars import DoctorAvailabilityViewSet, DoctorScheduleViewSet
from .directory import DoctorPatientsViewSet, DoctorReviewsViewSet, HospitalAnalyticsViewSet
from .displacement import AppointmentDisplacementViewSet, displaced
from .feeds import CalendarFeedViewSet, calendar_feed
from .payments import PatientPaymentsViewSet
from .prescriptions import AppointmentPrescriptionViewSet
from .video import VideoCallViewSet

__all__ = [
    "AppointmentCalendarView",
    "AppointmentDisplacementViewSet",
    "AppointmentPrescriptionViewSet",
    "AppointmentViewSet",
    "BookingViewSet",
    "CalendarFeedViewSet",
    "DoctorAppointmentsViewSet",
    "DoctorAvailabilityViewSet",
    "DoctorPatientsViewSet",
    "DoctorReviewsViewSet",
    "DoctorScheduleViewSet",
    "HospitalAnalyticsViewSet",
    "PatientAppointmentsViewSet",
    "PatientBookingsViewSet",
    "PatientPaymentsViewSet",
    "VideoCallViewSet",
    "calendar_feed",
    "displaced",
]

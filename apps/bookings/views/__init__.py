"""Bookings over the API."""

from .appointments import AppointmentViewSet, DoctorAppointmentsViewSet
from .calendars import DoctorAvailabilityViewSet, DoctorScheduleViewSet
from .directory import DoctorPatientsViewSet, DoctorReviewsViewSet, HospitalAnalyticsViewSet

__all__ = [
    "AppointmentViewSet",
    "DoctorAppointmentsViewSet",
    "DoctorAvailabilityViewSet",
    "DoctorPatientsViewSet",
    "DoctorReviewsViewSet",
    "DoctorScheduleViewSet",
    "HospitalAnalyticsViewSet",
]

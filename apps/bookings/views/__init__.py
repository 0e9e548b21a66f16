"""Bookings over the API."""

from .appointments import AppointmentViewSet, DoctorAppointmentsViewSet
from .bookings import BookingViewSet, PatientBookingsViewSet
from .calendars import DoctorAvailabilityViewSet, DoctorScheduleViewSet
from .directory import DoctorPatientsViewSet, DoctorReviewsViewSet, HospitalAnalyticsViewSet
from .payments import PatientPaymentsViewSet

__all__ = [
    "AppointmentViewSet",
    "BookingViewSet",
    "DoctorAppointmentsViewSet",
    "DoctorAvailabilityViewSet",
    "DoctorPatientsViewSet",
    "DoctorReviewsViewSet",
    "DoctorScheduleViewSet",
    "HospitalAnalyticsViewSet",
    "PatientBookingsViewSet",
    "PatientPaymentsViewSet",
]

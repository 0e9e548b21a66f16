"""Bookings over the API."""

from .appointments import AppointmentViewSet, DoctorAppointmentsViewSet, PatientAppointmentsViewSet
from .bookings import BookingViewSet, PatientBookingsViewSet
from .calendars import DoctorAvailabilityViewSet, DoctorScheduleViewSet
from .directory import DoctorPatientsViewSet, DoctorReviewsViewSet, HospitalAnalyticsViewSet
from .payments import PatientPaymentsViewSet
from .prescriptions import AppointmentPrescriptionViewSet

__all__ = [
    "AppointmentPrescriptionViewSet",
    "AppointmentViewSet",
    "BookingViewSet",
    "DoctorAppointmentsViewSet",
    "DoctorAvailabilityViewSet",
    "DoctorPatientsViewSet",
    "DoctorReviewsViewSet",
    "DoctorScheduleViewSet",
    "HospitalAnalyticsViewSet",
    "PatientAppointmentsViewSet",
    "PatientBookingsViewSet",
    "PatientPaymentsViewSet",
]

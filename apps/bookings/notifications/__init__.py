"""What bookings tells patients, doctors and coordinators: one function a message.

The contexts hold no complaint, no reason and no note: those may be medical and are read in the app only.
"""

from .appointments import (
    appointment_cancelled,
    appointment_confirmed,
    appointment_declined,
    appointment_requested,
    appointment_rescheduled,
)
from .bookings import booking_requested
from .licences import licence_does_not_cover
from .reminders import appointments_coming

__all__ = [
    "appointment_cancelled",
    "appointment_confirmed",
    "appointment_declined",
    "appointment_requested",
    "appointment_rescheduled",
    "appointments_coming",
    "booking_requested",
    "licence_does_not_cover",
]

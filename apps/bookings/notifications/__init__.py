"""What bookings tells patients, doctors and coordinators: one function a message.

The contexts hold no complaint, no reason and no note: those may be medical and are read in the app only.
"""

from .absence import doctor_did_not_come
from .appointments import (
    appointment_cancelled,
    appointment_confirmed,
    appointment_declined,
    appointment_requested,
    appointment_rescheduled,
)
from .bookings import booking_requested
from .displacement import (
    appointments_displaced,
    appointments_stand,
    appointments_to_settle,
    colleague_declined,
    colleague_instead,
    displacements_overdue,
)
from .holds import paid_without_time
from .licences import licences_do_not_cover
from .money import fee_due
from .months import month_full
from .reminders import appointments_coming
from .video import video_rooms_fail

__all__ = [
    "appointment_cancelled",
    "appointment_confirmed",
    "appointment_declined",
    "appointment_requested",
    "appointment_rescheduled",
    "appointments_coming",
    "appointments_displaced",
    "appointments_stand",
    "appointments_to_settle",
    "booking_requested",
    "colleague_declined",
    "colleague_instead",
    "displacements_overdue",
    "doctor_did_not_come",
    "fee_due",
    "licences_do_not_cover",
    "month_full",
    "paid_without_time",
    "video_rooms_fail",
]

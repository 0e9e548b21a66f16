"""Every verb of bookings: hours and leave, booking and rescheduling, and the moves through the statuses."""

from .availability import (
    add_time_off,
    change_availability,
    change_time_off,
    end_time_off,
    refresh_bookable,
    set_availability,
)
from .booking import book_appointment, reschedule_appointment
from .progress import cancel_appointment, edit_appointment, move_appointment

__all__ = [
    "add_time_off",
    "book_appointment",
    "cancel_appointment",
    "change_availability",
    "change_time_off",
    "edit_appointment",
    "end_time_off",
    "move_appointment",
    "refresh_bookable",
    "reschedule_appointment",
    "set_availability",
]

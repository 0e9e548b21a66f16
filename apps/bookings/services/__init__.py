"""Every verb of bookings: hours and leave, appointments and their moves, treatment bookings, reviews."""

from .availability import add_time_off, change_availability, change_time_off, end_time_off, set_availability
from .booking import book_appointment, reschedule_appointment
from .bookings import request_booking, withdraw_booking
from .choosing import choose, choose_colleague, choose_refund, choose_time
from .closing import refuse_while_appointments_to_come
from .closures import add_closure, change_closure, remove_closure
from .displacement import is_waiting, note_displaced, tell_of_overdue, withdraw
from .feeds import read_calendar_feed, renew_calendar_feed, revoke_calendar_feed
from .following import follow_money
from .holds import hold_slot, payment_arrived
from .holidays import correct_holiday, enter_holiday, load_holidays, remove_holiday
from .lapsing import forget_lapsed, lapse_holds
from .money import bill_for_appointment
from .next_free import check_calendars, refresh_bookable, want_checks
from .prescribing import PRESCRIBED_IN, draft_prescription_for, prescription_given
from .progress import cancel_appointment, edit_appointment, move_appointment
from .reminders import send_reminders
from .reviews import moderate_review, recount_ratings, reply_to_review, submit_review
from .video import join_video_call, tend_video_rooms

__all__ = [
    "PRESCRIBED_IN",
    "add_closure",
    "add_time_off",
    "bill_for_appointment",
    "book_appointment",
    "cancel_appointment",
    "change_availability",
    "change_closure",
    "change_time_off",
    "check_calendars",
    "choose",
    "choose_colleague",
    "choose_refund",
    "choose_time",
    "correct_holiday",
    "draft_prescription_for",
    "edit_appointment",
    "end_time_off",
    "enter_holiday",
    "follow_money",
    "forget_lapsed",
    "hold_slot",
    "is_waiting",
    "join_video_call",
    "lapse_holds",
    "load_holidays",
    "moderate_review",
    "move_appointment",
    "note_displaced",
    "payment_arrived",
    "prescription_given",
    "read_calendar_feed",
    "recount_ratings",
    "refresh_bookable",
    "refuse_while_appointments_to_come",
    "remove_closure",
    "remove_holiday",
    "renew_calendar_feed",
    "reply_to_review",
    "request_booking",
    "reschedule_appointment",
    "revoke_calendar_feed",
    "send_reminders",
    "set_availability",
    "submit_review",
    "tell_of_overdue",
    "tend_video_rooms",
    "want_checks",
    "withdraw",
    "withdraw_booking",
]

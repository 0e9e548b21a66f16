"""Every verb of notifications, by room: the outbox (notify), delivery, the reader's inbox and wishes, staff's acts."""

from .delivery import deliver_due
from .inbox import Wish, mark_all_read, mark_read, remove, set_preferences
from .outbox import Letter, notify, notify_all, notify_each
from .staff import announce, cancel, resend

__all__ = [
    "Letter",
    "Wish",
    "announce",
    "cancel",
    "deliver_due",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_all",
    "notify_each",
    "remove",
    "resend",
    "set_preferences",
]

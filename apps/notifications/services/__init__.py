"""Every verb of notifications, by room: the outbox (notify), delivery, the reader's inbox and wishes, staff's acts."""

from .delivery import deliver_due
from .outbox import notify, notify_all

__all__ = ["deliver_due", "notify", "notify_all"]

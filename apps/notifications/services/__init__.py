"""Every verb of notifications, by room: the outbox (notify), delivery, the reader's inbox, staff's acts."""

from .outbox import notify, notify_all

__all__ = ["notify", "notify_all"]

"""What the views of bookings have in common."""

from apps.accounts.views.base import Signed, read

__all__ = ["Signed", "read"]

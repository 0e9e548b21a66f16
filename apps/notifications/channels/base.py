"""What every channel offers, and the two ways in which sending fails."""

from typing import ClassVar

from apps.notifications.models import Message
from apps.notifications.rendering import Rendered


class DeliveryError(Exception):
    """Sending failed. The text names no person and no content: it is kept and logged."""


class TemporaryFailure(DeliveryError):
    """The provider could not take it now; trying later may help."""


class PermanentFailure(DeliveryError):
    """The provider will never take it (no such address); trying again is pointless."""


class Channel:
    """One way to reach a person. Called outside of any transaction, with a time limit of its own."""

    #: Delivered by being written: no worker sends it.
    immediate: ClassVar[bool] = False

    def send(self, message: Message, rendered: Rendered) -> str:
        """Hand the message over; the provider's reference comes back. Raises TemporaryFailure or PermanentFailure."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what was opened for sending."""

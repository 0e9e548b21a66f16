"""The ways to reach a person: one small interface, one file a channel. SMS, WhatsApp and push are not set up yet."""

from apps.notifications.models import Channel as ChannelName

from .base import Channel, PermanentFailure, TemporaryFailure
from .email import EmailChannel
from .in_app import InAppChannel

_CONFIGURED: dict[str, type[Channel]] = {
    ChannelName.EMAIL: EmailChannel,
    ChannelName.IN_APP: InAppChannel,
}


def configured() -> frozenset[str]:
    """The names of the channels that this installation can send over."""
    return frozenset(_CONFIGURED)


def open_channel(name: str) -> Channel:
    """A channel ready to send; `close()` it afterwards. Raises PermanentFailure for one that is not set up."""
    if name not in _CONFIGURED:
        raise PermanentFailure(f"{name} is not set up here")
    return _CONFIGURED[name]()


def is_immediate(name: str) -> bool:
    """Whether a message is delivered by being written, with nothing for a worker to do."""
    return _CONFIGURED[name].immediate


__all__ = ["Channel", "PermanentFailure", "TemporaryFailure", "configured", "is_immediate", "open_channel"]

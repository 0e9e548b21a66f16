"""What is decided about messages: over which channels, what may be muted, when to try again, when to give up."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from apps.common.exceptions import DomainError

from . import exceptions
from .catalogue import Kind
from .models import Message

#: How long to wait after the first, second, ... failed attempt. After the last one the message is given up.
RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
MAX_ATTEMPTS = len(RETRY_AFTER) + 1
#: Retries are spread by this share of the wait either way, so that an outage's mail does not come back all at once.
JITTER = 0.1


def may_mute(kind: Kind, channel: str) -> bool:
    """Anything may be muted but the one channel over which a message that the reader needs comes always."""
    return channel in kind.channels and channel != kind.unmutable_channel


def why_not_mute(kind: Kind, channel: str) -> DomainError | None:
    """A reader mutes a kind of message over a channel, unless it is one they need over just that channel."""
    return None if may_mute(kind, channel) else exceptions.CannotMute(kind=kind.label)


def is_wanted(kind: Kind, channel: str, preferences: Mapping[tuple[str, str], bool]) -> bool:
    """A message comes over every channel of its kind, except those its reader has muted and may mute."""
    return not may_mute(kind, channel) or preferences.get((kind.name, channel), True)


def channels_for(
    kind: Kind,
    *,
    offered: Collection[str],
    configured: Collection[str],
    preferences: Mapping[tuple[str, str], bool],
) -> list[str]:
    """The channels a message takes: offered for it, set up here, and not muted by the reader."""
    return [channel for channel in offered if channel in configured and is_wanted(kind, channel, preferences)]


def retry_after(attempts: int, *, chance: float) -> timedelta | None:
    """After a failed attempt the message waits longer each time; after the sixth it is given up (None).

    `chance` from 0 to 1 spreads the wait by a tenth either way.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return RETRY_AFTER[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)


def why_not_resend(message: Message, kind: Kind | None) -> DomainError | None:
    """A message that was given up can be sent again, unless it carried a code or link, which is not kept."""
    if message.status != Message.Status.DEAD:
        return exceptions.NotDead()
    if kind is not None and kind.secrets:
        return exceptions.SecretGone()
    return None


def why_not_cancel(message: Message) -> DomainError | None:
    """A message can be cancelled while it waits: what is being sent or was sent cannot be called back."""
    return None if message.status == Message.Status.PENDING else exceptions.NotWaiting()

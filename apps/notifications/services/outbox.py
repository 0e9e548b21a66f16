"""Writing to the outbox: the rows of a message, in the transaction of what it tells about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications import catalogue, exceptions, rules
from apps.notifications import channels as channel_registry
from apps.notifications.catalogue import Kind
from apps.notifications.models import Channel, Message, Preference

#: Rows that one statement writes.
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Letter:
    """What one person is told of one event."""

    recipient: User
    event: str
    context: Mapping[str, Any]


def notify(
    *,
    kind: Kind | str,
    recipient: User,
    event: str,
    context: Mapping[str, Any],
    channels: Collection[str] | None = None,
) -> QuerySet[Message]:
    """The person will be told, once per `event` and channel: a row for each channel, in the caller's transaction.

    `event` names what happened and never happens twice (`appointment.confirmed:<id>:<version>`). `context` holds plain
    JSON values for the texts; instants as ISO strings beside the zone they are read in; nothing medical. `channels`
    narrows the kind's own. The rows come back, those of an earlier call with the same event included; none where the
    reader muted all. They are read when they are looked at. Raises ChannelUnavailable when none of the channels is set
    up here.
    """
    return notify_all(kind=kind, recipients=[recipient], event=event, context=context, channels=channels)


def notify_all(
    *,
    kind: Kind | str,
    recipients: Sequence[User],
    event: str,
    context: Mapping[str, Any],
    channels: Collection[str] | None = None,
) -> QuerySet[Message]:
    """As `notify`, for many people in two queries, and one more where the rows are looked at."""
    letters = [Letter(recipient=recipient, event=event, context=context) for recipient in recipients]
    written = notify_each(kind=kind, letters=letters, channels=channels)
    if not written:
        return Message.objects.none()
    return Message.objects.filter(event=event, recipient__in=recipients, channel__in={row.channel for row in written})


def notify_each(
    *, kind: Kind | str, letters: Sequence[Letter], channels: Collection[str] | None = None
) -> list[Message]:
    """As `notify`, for many events at once, each with its own context: a query, and one for every ROWS_AT_ONCE rows.

    Gives the rows as they would be; those of an event told before are not written again. One statement writes so many
    that there is no half of it to take back and no savepoint is needed.
    """
    now = timezone.now()
    kind = catalogue.get(kind) if isinstance(kind, str) else catalogue.get(kind.name)
    offered = _offered_channels(kind, channels)
    _check_contexts(kind, letters)
    wishes = _preferences_of([letter.recipient for letter in letters], kind)
    rows = [
        _message(kind, letter.recipient, channel, event=letter.event, context=letter.context, now=now)
        # In one order: no deadlock of two calls.
        for letter in sorted(letters, key=lambda letter: (letter.recipient.pk, letter.event))
        for channel in rules.channels_for(
            kind, offered=offered, configured=offered, preferences=wishes.get(letter.recipient.pk, {})
        )
    ]
    # A concurrent call with the same event waits here for the other to commit, then finds its rows there.
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_AT_ONCE)
    return rows


def _offered_channels(kind: Kind, asked: Collection[str] | None) -> list[str]:
    wanted = [channel for channel in kind.channels if asked is None or channel in asked]
    usable = [channel for channel in wanted if channel in channel_registry.configured()]
    if not usable:
        names = ", ".join(str(Channel(channel).label) for channel in wanted)
        raise exceptions.ChannelUnavailable(channels=names or kind.label)
    return usable


def _check_contexts(kind: Kind, letters: Sequence[Letter]) -> None:
    """A text that lacks a value must fail in the request that forgot it, not later in a worker."""
    needed = catalogue.needed(kind)
    for letter in letters:
        missing = needed - set(letter.context)
        if missing:
            raise catalogue.CatalogueError(f"{kind.name}: the context lacks {sorted(missing)}")


def _preferences_of(recipients: Sequence[User], kind: Kind) -> dict[Any, dict[tuple[str, str], bool]]:
    found: dict[Any, dict[tuple[str, str], bool]] = {}
    for wish in Preference.objects.filter(user__in=recipients, kind=kind.name):
        found.setdefault(wish.user_id, {})[wish.kind, wish.channel] = wish.is_wanted
    return found


def _message(
    kind: Kind, recipient: User, channel: str, *, event: str, context: Mapping[str, Any], now: datetime
) -> Message:
    immediate = channel_registry.is_immediate(channel)
    hidden = kind.secrets if immediate else ()
    return Message(
        recipient=recipient,
        channel=channel,
        kind=kind.name,
        event=event,
        context={name: value for name, value in context.items() if name not in hidden},
        status=Message.Status.SENT if immediate else Message.Status.PENDING,
        due_at=now,
        sent_at=now if immediate else None,
    )


def without_secrets(message: Message) -> dict:
    """The context without the codes and links that a read database must not give away."""
    secrets = catalogue.get(message.kind).secrets if catalogue.knows(message.kind) else tuple(message.context)
    return {name: value for name, value in message.context.items() if name not in secrets}

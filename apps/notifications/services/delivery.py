"""Sending what is due: claim, send outside of any transaction, mark. Any number of workers side by side.

A row is claimed (`sending` until an instant) in a transaction that skips rows locked by other workers, so no two hold
one message. Just before it is sent its claim is renewed and the attempt counted; a worker that was so slow that
another took the message over finds the claim gone and leaves it. A worker that dies leaves a claim that runs out.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.common import audit
from apps.notifications import catalogue, channels, rendering, rules
from apps.notifications.channels import Channel, PermanentFailure, TemporaryFailure
from apps.notifications.models import Message

from . import outbox

log = structlog.get_logger(__name__)

#: Rows that one worker takes at a time.
BATCH = 20
#: How long a message is a worker's own. Above the time limits of connecting and of sending one e-mail together.
CLAIMED_FOR = timedelta(seconds=60)
#: Waits between attempts to write down that a message was sent while the database is away.
MARK_AGAIN_AFTER_SECONDS = (0.5, 1, 2, 4, 8, 16)

Status = Message.Status


def deliver_due(*, for_seconds: float | None = None) -> int:
    """Send everything that is due, and say how many messages were sent. `for_seconds` ends it early, between messages.

    Afterwards each message is sent, waits for its next attempt, is given up, or is cancelled: its reader's account was
    deactivated, or its kind's `overtaken` says why it must not be sent any more. One that fails stops no other.
    """
    ends = None if for_seconds is None else time.monotonic() + for_seconds
    opened: dict[str, Channel] = {}
    sent = 0
    try:
        while claimed := claim(timezone.now()):
            batch = _still_wanted(claimed, timezone.now())
            for index, message in enumerate(batch):
                if ends is not None and time.monotonic() >= ends:
                    _release(batch[index:])
                    return sent
                sent += _deliver(message, opened)
            if ends is not None and time.monotonic() >= ends:
                break  # also where the whole batch was overtaken
    finally:
        for channel in opened.values():
            channel.close()
    return sent


@transaction.atomic
def claim(now: datetime) -> list[Message]:
    """Up to BATCH due messages, now this worker's own for CLAIMED_FOR, past those that others hold."""
    due = list(
        Message.objects.due(now).select_related("recipient").select_for_update(skip_locked=True, of=("self",))[:BATCH]
    )
    until = now + CLAIMED_FOR
    Message.objects.filter(pk__in=[message.pk for message in due]).update(status=Status.SENDING, claimed_until=until)
    for message in due:
        message.claimed_until = until
    return due


def _still_wanted(batch: list[Message], now: datetime) -> list[Message]:
    """Those that have not been overtaken; the others are cancelled. What cannot be told is tried later."""
    kinds = {message.kind for message in batch if catalogue.knows(message.kind)}
    for kind in (catalogue.get(name) for name in kinds):
        if kind.overtaken is None:
            continue
        mine = [message for message in batch if message.kind == kind.name]
        try:
            overtaken = kind.overtaken(mine, now)
        except (OperationalError, InterfaceError):
            raise  # the database's doing and no message's: the claims run out
        except Exception as error:  # noqa: BLE001  one kind that cannot be looked at must not stop the others
            for message in filter(_begin, mine):
                _try_later(message, type(error).__name__)
            batch = [message for message in batch if message.kind != kind.name]
            continue
        for message in mine:
            if message.pk in overtaken:
                _cancel(message, overtaken[message.pk])
        batch = [message for message in batch if message.pk not in overtaken]
    return batch


def _deliver(message: Message, opened: dict[str, Channel]) -> bool:
    if not message.recipient.is_active and not catalogue.reaches_closed(message.kind):
        _cancel(message, "the account is deactivated")
        return False
    if not _begin(message):
        return False
    if message.attempts > rules.MAX_ATTEMPTS:
        _give_up(message, "every attempt ended with its worker")
        return False
    try:
        if message.channel not in opened:
            opened[message.channel] = channels.open_channel(message.channel)
        reference = opened[message.channel].send(message, rendering.render(message))
    except PermanentFailure as failure:
        _give_up(message, str(failure))
    except TemporaryFailure as failure:
        _try_later(message, str(failure))
    except Exception as error:  # noqa: BLE001  whatever is wrong with one message must not stop the others
        _try_later(message, type(error).__name__)
    else:
        _surely(lambda: _mark_sent(message, reference))
        log.info("message_sent", **_facts(message))
        return True
    return False


def _own(message: Message) -> "Callable[..., int]":
    """Writes to the row if it is still claimed by this worker, and says whether it was."""
    return Message.objects.filter(pk=message.pk, status=Status.SENDING, claimed_until=message.claimed_until).update


def _begin(message: Message) -> bool:
    """Count the attempt and renew the claim. False when another worker has taken the message over meanwhile."""
    until = timezone.now() + CLAIMED_FOR
    if not _own(message)(claimed_until=until, attempts=F("attempts") + 1):
        return False
    message.claimed_until, message.attempts = until, message.attempts + 1
    return True


def _release(messages: list[Message]) -> None:
    """Give back what was claimed and not begun."""
    for message in messages:
        _own(message)(status=Status.PENDING, claimed_until=None)


def _mark_sent(message: Message, reference: str) -> None:
    _own(message)(
        status=Status.SENT,
        sent_at=timezone.now(),
        claimed_until=None,
        provider_reference=reference[:200],
        last_error="",
        context=outbox.without_secrets(message),
    )


def _try_later(message: Message, error: str) -> None:
    wait = rules.retry_after(message.attempts, chance=random.random())  # noqa: S311  spreads load, hides nothing
    if wait is None:
        _give_up(message, error)
        return
    _own(message)(status=Status.PENDING, claimed_until=None, due_at=timezone.now() + wait, last_error=error[:300])
    log.warning("message_delayed", error=error, wait_seconds=round(wait.total_seconds()), **_facts(message))


@transaction.atomic
def _give_up(message: Message, error: str) -> None:
    """The message is dead: staff see it in the outbox; codes and links in it are removed."""
    if _own(message)(
        status=Status.DEAD, claimed_until=None, last_error=error[:300], context=outbox.without_secrets(message)
    ):
        audit.record("message.given_up", message, kind=message.kind, channel=message.channel, error=error[:300])
        log.error("message_given_up", error=error, **_facts(message))


@transaction.atomic
def _cancel(message: Message, reason: str) -> None:
    """The message is never sent; codes and links in it are removed."""
    if _own(message)(
        status=Status.CANCELLED, claimed_until=None, last_error=reason, context=outbox.without_secrets(message)
    ):
        audit.record("message.cancelled", message, kind=message.kind, channel=message.channel, reason=reason)
        log.info("message_cancelled", reason=reason, **_facts(message))


def _surely(mark: Callable[[], None]) -> None:
    """Write down what has happened outside, also when the database is away for a moment: or it would happen again."""
    for seconds in MARK_AGAIN_AFTER_SECONDS:
        try:
            return mark()
        except (OperationalError, InterfaceError):
            log.warning("database_away_after_sending", retry_in_seconds=seconds)
            connection.close()
            time.sleep(seconds)
    return mark()


def _facts(message: Message) -> dict[str, object]:
    """What logs may say of a message: no person, no text."""
    return {
        "message_id": str(message.pk),
        "kind": message.kind,
        "channel": message.channel,
        "attempts": message.attempts,
    }

"""What a reader does with what they were told, and what they wish to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import Invalid, NotFound
from apps.notifications import catalogue, rules
from apps.notifications.models import Message, Preference


def mark_read(pk: UUID, *, by: User) -> None:
    """The reader has read one message of their own; a second time changes nothing. Raises NotFound."""
    mine = Message.objects.inbox_of(by).filter(pk=pk)
    if not mine.unread().update(read_at=timezone.now()) and not mine.exists():
        raise NotFound()


def mark_all_read(*, by: User) -> int:
    """The reader has read everything in their inbox; how many messages that were."""
    return Message.objects.inbox_of(by).unread().update(read_at=timezone.now())


def remove(pk: UUID, *, by: User) -> None:
    """The reader finds the message no more; the row stays, as proof that they were told. Raises NotFound."""
    if not Message.objects.inbox_of(by).filter(pk=pk).update(hidden_at=timezone.now()):
        raise NotFound()


@dataclass(frozen=True)
class Wish:
    """Whether a reader wants a kind of message over a channel."""

    kind: str
    channel: str
    is_wanted: bool


@transaction.atomic
def set_preferences(wishes: Sequence[Wish], *, by: User) -> None:
    """The reader's wishes hold from now on; what they do not name stays. All or none.

    Raises Invalid for an unknown kind or a channel that the kind does not have, CannotMute for one the reader needs.
    """
    rows = {}
    for index, wish in enumerate(wishes):
        if not catalogue.knows(wish.kind):
            raise Invalid(errors={f"preferences.{index}.kind": [_("There is no such kind of message.")]})
        kind = catalogue.get(wish.kind)
        if wish.channel not in kind.channels:
            raise Invalid(errors={f"preferences.{index}.channel": [_("These messages do not come over this channel.")]})
        refusal = None if wish.is_wanted else rules.why_not_mute(kind, wish.channel)
        if refusal:
            raise refusal
        rows[wish.kind, wish.channel] = Preference(
            user=by, kind=wish.kind, channel=wish.channel, is_wanted=wish.is_wanted
        )
    Preference.objects.bulk_create(
        [rows[key] for key in sorted(rows)],  # in one order, so that two requests at once do not deadlock
        update_conflicts=True,
        unique_fields=["user", "kind", "channel"],
        update_fields=["is_wanted", "updated_at"],
    )

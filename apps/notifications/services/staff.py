"""What staff do: tell people something in words of their own, send again what was given up, stop what waits."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common import audit, ids
from apps.common.exceptions import Invalid
from apps.notifications import catalogue, notifications, rules
from apps.notifications.models import Message

from . import outbox


@transaction.atomic
def announce(*, user_ids: Sequence[UUID], title: str, body: str, by: User) -> int:
    """Every one of the people is told, over the channels they have not muted; how many people they are.

    Raises Invalid, and tells nobody, when one of them does not exist, is inactive, or may not be seen by `by`.
    """
    wanted = set(user_ids)
    people = list(User.objects.visible_to(by).filter(pk__in=wanted, is_active=True))
    if len(people) < len(wanted):
        raise Invalid(errors={"user_ids": [_("Some of these people do not exist or are inactive.")]})
    event = f"announcement:{ids.uuid7()}"
    outbox.notify_all(
        kind=notifications.ANNOUNCEMENT, recipients=people, event=event, context={"title": title, "body": body}
    )
    audit.record("message.announced", actor=by, event=event, recipients=len(people))
    return len(people)


@transaction.atomic
def resend(message: Message, *, by: User) -> None:
    """A message that was given up is due at once, with all its attempts anew. Raises NotDead or SecretGone."""
    message = Message.objects.lock(message.pk)
    kind = catalogue.get(message.kind) if catalogue.knows(message.kind) else None
    refusal = rules.why_not_resend(message, kind)
    if refusal:
        raise refusal
    Message.objects.filter(pk=message.pk).update(status=Message.Status.PENDING, attempts=0, due_at=timezone.now())
    audit.record("message.resent", message, actor=by)


@transaction.atomic
def cancel(message: Message, *, by: User) -> None:
    """A waiting message is never sent. Raises NotWaiting."""
    message = Message.objects.lock(message.pk)
    refusal = rules.why_not_cancel(message)
    if refusal:
        raise refusal
    Message.objects.filter(pk=message.pk).update(
        status=Message.Status.CANCELLED, context=outbox.without_secrets(message)
    )
    audit.record("message.cancelled", message, actor=by)

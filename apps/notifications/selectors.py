"""Reads: a person's inbox, and what they wish to be told."""

from typing import Any

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.accounts.models import User

from . import catalogue, channels, rendering, rules
from .models import Channel, Message, Preference


def inbox(user: User) -> QuerySet[Message, Any]:
    """The person's inbox as rows for `shown`, each with the number of all unread ones, in one query."""
    mine = Message.objects.inbox_of(user)
    unread = mine.unread().order_by().values("recipient").annotate(number=Count("*")).values("number")
    return mine.annotate(unread=Coalesce(Subquery(unread), 0)).values(
        "id", "kind", "context", "read_at", "created_at", "unread"
    )


def unread_count(user: User) -> int:
    return Message.objects.inbox_of(user).unread().count()


def shown(row: dict[str, Any], *, reader: User) -> dict[str, Any]:
    """One row of an inbox as the reader sees it, in the language that is active now."""
    title, body = "", ""
    if catalogue.knows(row["kind"]):
        kind = catalogue.get(row["kind"])
        title = rendering.one_line(rendering.fill(kind.subject, row["context"]))
        body = rendering.summary(kind, row["context"], zone=reader.time_zone).strip()
    return {
        "id": row["id"],
        "kind": row["kind"],
        "title": title,
        "body": body,
        "data": row["context"],
        "is_read": row["read_at"] is not None,
        "created_at": row["created_at"],
    }


def preferences(user: User) -> dict[str, Any]:
    """Every kind of message with each of its channels: wanted or not, to be muted or not."""
    wishes = {(wish.kind, wish.channel): wish.is_wanted for wish in Preference.objects.visible_to(user)}
    return {
        "channels": [
            {"channel": value, "label": label, "is_available": value in channels.configured()}
            for value, label in Channel.choices
        ],
        "kinds": [
            {
                "kind": kind.name,
                "group": kind.group,
                "group_label": catalogue.GROUPS[kind.group],
                "label": kind.label,
                "is_transactional": kind.transactional,
                "channels": [
                    {
                        "channel": channel,
                        "is_wanted": rules.is_wanted(kind, channel, wishes),
                        "can_mute": rules.may_mute(kind, channel),
                    }
                    for channel in kind.channels
                ],
            }
            for kind in catalogue.kinds()
        ],
    }

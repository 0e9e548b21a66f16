"""A doctor's calendar feed: what is answered."""

from typing import Any

from rest_framework import serializers

from apps.bookings.models import CalendarFeed


class FeedShown(serializers.Serializer):
    is_active = serializers.BooleanField(help_text="Whether an address leads to the appointments now.")
    created_at = serializers.DateTimeField(allow_null=True, help_text="Since when.")
    last_read_at = serializers.DateTimeField(
        allow_null=True, help_text="When a calendar has read it last, to the hour; null while none has."
    )


class NewFeedShown(FeedShown):
    url = serializers.URLField(help_text="For the doctor's calendar program. It is shown this once.")


def feed(row: CalendarFeed | None) -> dict[str, Any]:
    if row is None:
        return {"is_active": False, "created_at": None, "last_read_at": None}
    return {"is_active": True, "created_at": row.created_at, "last_read_at": row.last_read_at}

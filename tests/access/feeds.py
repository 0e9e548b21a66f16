"""Each side's doctor has a calendar feed, whose address nobody is shown again."""

from typing import Any

from apps.bookings.models import CalendarFeed


def build_side(world: Any, side: str) -> None:
    texts = world.texts(CalendarFeed, frozenset())
    world.rows[f"calendar_feed_{side}"] = CalendarFeed.objects.create(doctor=world.rows[f"doctor_{side}"], **texts)

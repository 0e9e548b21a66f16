"""Calendar months, as a hospital's wall shows them. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import dates
from django.utils.translation import get_language


def month_around(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first instant of the local month, and that of the next one."""
    first = at.astimezone(ZoneInfo(zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    year, month = divmod(first.year * 12 + first.month, 12)
    return first, first.replace(year=year, month=month + 1)


def is_same_month(one: datetime, other: datetime, zone: str) -> bool:
    return month_around(one, zone) == month_around(other, zone)


def month_named(at: datetime, zone: str, language: str = "") -> str:
    """As people of a language call it: “January 2031”."""
    return dates.format_skeleton("yMMMM", at.astimezone(ZoneInfo(zone)), locale=language or get_language() or "en")

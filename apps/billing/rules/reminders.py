"""When a payer is reminded of an instalment. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Days before an instalment is due on which its payer is reminded; below zero after it.
DUE_REMINDERS = (7, 3, 1, 0, -3, -7)
#: So long after its day the last one is still of use; each before it until the day of the next.
LAST_IS_USEFUL_FOR = timedelta(days=7)
#: Between these hours of their own clock people are reminded.
DECENT_FROM, DECENT_UNTIL = time(9), time(20)
#: What is sold by subscription has its own course of payments that fail.
REMINDED_ELSEWHERE = frozenset({"subscription"})


def todays(zones: Iterable[str], now: datetime) -> list[tuple[str, date, timedelta]]:
    """Of these zones those in which it is a decent hour now: the day it is there, and the distance from UTC."""
    found = []
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        if DECENT_FROM <= local.time() < DECENT_UNTIL:
            found.append((zone, local.date(), local.utcoffset() or timedelta(0)))
    return found


def due_days(now: datetime) -> tuple[date, date]:
    """The first and the last due day of which anybody may be reminded now, wherever they live."""
    margin = timedelta(days=1)
    today = now.date()
    first = today + timedelta(days=min(DUE_REMINDERS)) - LAST_IS_USEFUL_FOR
    return first - margin, today + timedelta(days=max(DUE_REMINDERS)) + margin

"""The one formatter of instants: a UTC instant as people at given places read it on the wall, with zone and offset.

API, e-mail, SMS, PDF, calendar and admin all use it, so that one appointment reads the same everywhere.
"""

import functools
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, dates
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Files of the zone database that are not zones.
_NO_PLACES = {"Factory", "localtime", "posixrules"}


@functools.cache
def zones() -> frozenset[str]:
    """The names of all time zones that this machine knows (reading them takes a walk through the disk)."""
    return frozenset(available_timezones() - _NO_PLACES)


def validate_zone(name: str) -> None:
    if name not in zones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name}, code="time_zone")


def offset(at: datetime, zone: str) -> str:
    """The zone's distance from UTC at that instant: “+05:30”."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")[19:25]


def local_iso(at: datetime, zone: str) -> str:
    """The instant as ISO 8601 with the zone's offset: “2026-11-23T09:30:00+05:30”."""
    return at.astimezone(ZoneInfo(zone)).isoformat()


def is_doubled(at: datetime, zone: str) -> bool:
    """Whether the clock in `zone` shows this wall time twice on that day: then only the offset tells the two apart."""
    first = at.astimezone(ZoneInfo(zone)).replace(fold=0)
    return first.utcoffset() != first.replace(fold=1).utcoffset()


def time_of_day(at: datetime, zone: str, language: str) -> str:
    """The time alone, where the day and the place stand beside it: “9:30 AM”, “09:30”. The offset is there when the
    wall time alone would be two instants: “01:30 (UTC+01:00)”."""
    shown = dates.format_time(at.astimezone(ZoneInfo(zone)).time(), format="short", locale=language)
    return f"{shown} (UTC{offset(at, zone)})" if is_doubled(at, zone) else shown


def stamp(at: datetime, zone: str) -> str:
    """The instant in any language and short enough for a list's column: “2026-11-23 09:30 (UTC+05:30)”."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} (UTC{offset(at, zone)})"


def city(zone: str, language: str) -> str:
    """The zone's exemplar city in a language (Unicode CLDR): “Asia/Kolkata” is “Kolkata”, “كالكتا”."""
    return dates.get_timezone_location(ZoneInfo(zone), locale=Locale.parse(language), return_city=True)


def day(date: date, language: str) -> str:
    """A local day as people write it: “31 January 2031”."""
    return dates.format_date(date, format="long", locale=language)


def day_of_week(date: date, language: str) -> str:
    """A local day with its name: “Monday, 23 November 2026”."""
    return dates.format_date(date, format="full", locale=language)


def weekday(date: date, language: str) -> str:
    """A local day as a calendar's column is headed: “Mon, Jan 6”."""
    return dates.format_skeleton("MMMEd", date, locale=language)


@dataclass(frozen=True)
class WallTime:
    """How one instant reads at one place."""

    date: str
    time: str
    place: str
    offset: str

    def __str__(self) -> str:
        return f"{self.date}, {self.time} ({self.place}, UTC{self.offset})"


def read(at: datetime, zone: str, language: str) -> WallTime:
    """The instant as the clock on the wall shows it in `zone`, written in `language`."""
    local = at.astimezone(ZoneInfo(zone))
    return WallTime(
        date=dates.format_date(local.date(), format="full", locale=language),
        time=dates.format_time(local.time(), format="short", locale=language),
        place=city(zone, language),
        offset=offset(at, zone),
    )

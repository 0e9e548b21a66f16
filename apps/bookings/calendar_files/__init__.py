"""Appointments as calendar files (RFC 5545 and 5546): one to load, an invitation by mail, a feed to subscribe to."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import quote

from django.conf import settings

from . import entries, lines, zones
from .entries import Entry, Leave, State

__all__ = ["CONTENT_TYPE", "Entry", "Leave", "Method", "State", "feed", "invitation", "method_of", "single"]

CONTENT_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Medivoy//Appointments//EN"
#: After so long a calendar that follows such hints reads a feed again.
_READ_AGAIN = "PT1H"


class Method(StrEnum):
    """What the reader's calendar is to do with a file: show it, take it into the calendar, or take it out."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def single(entry: Entry, *, reader_zone: str, now: datetime) -> str:
    """The file of one appointment, for whoever fetched it; of one that is called off, to take it out again."""
    method = Method.CANCEL if entry.state == State.CANCELLED else Method.PUBLISH
    return _file(entry, method, reader_zone=reader_zone, now=now, parties=(_organizer(),))


def method_of(entry: Entry, *, was_agreed: bool) -> Method | None:
    """What a mail wants of its reader's calendar: to take in what is agreed on, to take out what was and is no more;
    nothing of what is only asked for."""
    if entry.state == State.CONFIRMED:
        return Method.REQUEST
    return Method.CANCEL if entry.state == State.CANCELLED and was_agreed else None


def invitation(entry: Entry, method: Method, *, address: str, reader_zone: str, now: datetime) -> str:
    """The file that a mail to `address` carries. It names nobody else as attending, and wants no answer: what was
    agreed on was agreed on with us."""
    attendee = f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:{_mailto(address)}"
    return _file(entry, method, reader_zone=reader_zone, now=now, parties=(_organizer(), attendee))


def feed(title: str, appointments: Sequence[Entry], leaves: Iterable[Leave]) -> str:
    """A doctor's calendar. Nothing in it tells when it was asked for: while nothing changes it is the same. Times are
    not told in words as well: the calendar shows each by the doctor's clock, and words are what takes time."""
    return lines.file(_feed(title, appointments, leaves))


def _feed(title: str, shown: Sequence[Entry], leaves: Iterable[Leave]) -> Iterator[str]:
    yield from _head()
    yield f"NAME:{lines.text(title)}"
    yield f"X-WR-CALNAME:{lines.text(title)}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{_READ_AGAIN}"
    yield f"X-PUBLISHED-TTL:{_READ_AGAIN}"
    yield from _zones(shown)
    for entry in shown:
        yield from entries.appointment(entry, stamp=entry.changed_at)
    for away in leaves:
        yield from entries.leave(away)
    yield "END:VCALENDAR"


def _file(entry: Entry, method: Method, *, reader_zone: str, now: datetime, parties: tuple[str, ...]) -> str:
    event = entries.appointment(entry, reader_zone=reader_zone, stamp=now, parties=parties)
    return lines.file([*_head(), f"METHOD:{method}", *_zones([entry]), *event, "END:VCALENDAR"])


def _head() -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{_PRODUCT}"
    yield "CALSCALE:GREGORIAN"


def _zones(shown: Iterable[Entry]) -> Iterator[str]:
    return zones.definitions((entry.zone, entry.starts_at, entry.ends_at) for entry in shown)


def _organizer() -> str:
    """Medivoy, at the address that mails come from."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"ORGANIZER;CN={lines.parameter(name or address)}:{_mailto(address)}"


def _mailto(address: str) -> str:
    return f"mailto:{quote(address, safe='@+')}"

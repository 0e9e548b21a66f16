"""What of an appointment, and of a doctor's leave, stands in a calendar: nothing medical, and no patient's name.

Texts are in the language that is active; each reader has the hospital's clock and their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.bookings import workflow
from apps.bookings.workflow import AppointmentStatus
from apps.common import wall_time

from . import lines, zones


class State(StrEnum):
    """How sure an entry is (STATUS)."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


#: Finer ones are not told: that something was prescribed is nothing for a calendar that others may see.
_LABELS = {
    State.TENTATIVE: AppointmentStatus.REQUESTED.label,
    State.CONFIRMED: AppointmentStatus.CONFIRMED.label,
    State.CANCELLED: AppointmentStatus.CANCELLED.label,
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An appointment as calendars know it, names of places in the reader's language. `doctor` is empty where the
    reader is the doctor."""

    id: UUID
    number: str
    status: str
    version: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    zone: str
    hospital: str
    address: str
    city: str
    is_teleconsult: bool
    doctor: str = ""

    @property
    def state(self) -> State:
        """Asked for, agreed on, or not to take place (any more)."""
        if self.status not in workflow.OCCUPYING:
            return State.CANCELLED
        asked = {AppointmentStatus.HELD, AppointmentStatus.REQUESTED}
        return State.TENTATIVE if self.status in asked else State.CONFIRMED

    @property
    def sequence(self) -> int:
        """One more for each time that it was moved, and for being called off: calendars take the highest they know."""
        return self.version - 1 + (self.state == State.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Leave:
    """A time at which a doctor takes no appointments. Why is nobody's business."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime


def uid(of: UUID) -> str:
    """The same in every file and for ever: by it calendars find what they have of an entry."""
    return f"{of}@{settings.CALENDAR_DOMAIN}"


def appointment(
    entry: Entry, *, stamp: datetime, reader_zone: str | None = None, parties: tuple[str, ...] = ()
) -> Iterator[str]:
    """The VEVENT's lines. `stamp` is when the file was made; the hospital's time and that of `reader_zone` are told in
    words too, where there is one; `parties` are lines of organizer and attendee."""
    yield "BEGIN:VEVENT"
    yield f"UID:{uid(entry.id)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{lines.utc(stamp)}"
    yield f"LAST-MODIFIED:{lines.utc(entry.changed_at)}"
    yield f"STATUS:{entry.state}"
    yield from zones.period(entry.starts_at, entry.ends_at, entry.zone)
    yield f"SUMMARY:{lines.text(_summary(entry))}"
    yield f"LOCATION:{lines.text(_location(entry))}"
    yield f"DESCRIPTION:{lines.rows(_description(entry, reader_zone))}"
    yield f"TRANSP:{'TRANSPARENT' if entry.state == State.CANCELLED else 'OPAQUE'}"
    yield from parties
    yield "END:VEVENT"


def leave(away: Leave) -> Iterator[str]:
    """A busy time. In UTC: leave is by no hospital's clock."""
    yield "BEGIN:VEVENT"
    yield f"UID:{uid(away.id)}"
    yield f"DTSTAMP:{lines.utc(away.changed_at)}"
    yield f"LAST-MODIFIED:{lines.utc(away.changed_at)}"
    yield "STATUS:CONFIRMED"
    yield f"DTSTART:{lines.utc(away.starts_at)}"
    yield f"DTEND:{lines.utc(away.ends_at)}"
    summary = _("No appointments")  # apart: the collector of texts does not look into f-strings
    yield f"SUMMARY:{lines.text(summary)}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _summary(entry: Entry) -> str:
    if entry.doctor:
        named = {"number": entry.number, "doctor": entry.doctor, "hospital": entry.hospital}
        return _("Appointment %(number)s with %(doctor)s, %(hospital)s") % named
    return _("Appointment %(number)s at %(hospital)s") % {"number": entry.number, "hospital": entry.hospital}


def _location(entry: Entry) -> str:
    if entry.is_teleconsult:
        return _("Video: link in the app")
    return ", ".join(part for part in (entry.hospital, entry.address, entry.city) if part)


def _description(entry: Entry, reader_zone: str | None) -> Iterator[str]:
    """As the messages say it: both clocks, who, where, the number."""
    if reader_zone is not None:
        yield from _times(entry, reader_zone)
    if entry.doctor:
        yield f"{_('Doctor')}: {entry.doctor}"
    yield f"{_('Hospital')}: {entry.hospital}, {entry.city}"
    if entry.is_teleconsult:
        yield _("By video")
    yield f"{_('Status')}: {_LABELS[entry.state]}"
    yield f"{_('Number')}: {entry.number}"


def _times(entry: Entry, reader_zone: str) -> Iterator[str]:
    language = get_language() or settings.LANGUAGE_CODE
    at_hospital = wall_time.read(entry.starts_at, entry.zone, language)
    if entry.zone == reader_zone:
        yield str(at_hospital)
        return
    yield f"{_('Time at the hospital:')} {at_hospital}"
    yield f"{_('Your time:')} {wall_time.read(entry.starts_at, reader_zone, language)}"

"""Appointments as calendars show them: what is read for the files and the feed, and no more of a row than that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    PositiveIntegerField,
    Q,
    Value,
)

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings.calendar_files import Entry, Leave
from apps.bookings.models import Appointment, AppointmentEvent, CalendarFeed, TimeOff
from apps.bookings.querysets import AppointmentQuerySet, in_language
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import NotFound

#: How far a feed looks back and ahead, and how many entries it holds at most (the earliest of them).
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=366)
FEED_ENTRIES = 5_000
_COLUMNS = (
    "id", "number", "status", "kind", "version", "starts_at", "ends_at", "changed_at", "zone", "hospital_name",
    "address", "city",
)  # fmt: skip
#: The columns that leave has not.
_BLANK: dict[str, Any] = dict.fromkeys(
    ("number", "status", "kind", "zone", "hospital_name", "address", "city"), Value("", output_field=CharField())
) | {"version": Value(1, output_field=PositiveIntegerField()), "changed_at": F("updated_at")}


@dataclass(frozen=True)
class Invited:
    """An appointment as one of its two parties has it in their calendar."""

    entry: Entry
    #: It was confirmed at some time, so that a calendar may have it.
    was_agreed: bool


@dataclass(frozen=True)
class Feed:
    """A feed that can be read, and in whose language."""

    id: UUID
    doctor_id: UUID
    language: str
    last_read_at: datetime | None


def calendar_entry(appointment_id: UUID, *, reader: User) -> Entry:
    """An appointment that the reader is party to. One query. Raises NotFound."""
    row = _with_doctor(Appointment.objects.visible_to(reader).filter(pk=appointment_id)).first()
    if row is None:
        raise NotFound()
    return _entry(row, doctor="" if reader.role == Role.DOCTOR else _doctor(row))


def invited_entry(which: Q, *, recipient: User) -> Invited | None:
    """The one appointment as it is now, for whichever of its two parties the recipient is; None for anybody else. One
    query."""
    party = Q(patient__user=recipient) | Q(doctor__user=recipient)
    confirmed = AppointmentEvent.objects.filter(appointment=OuterRef("pk"), to_status=AppointmentStatus.CONFIRMED)
    rows = _with_doctor(Appointment.objects.filter(party, which)).annotate(
        was_agreed=Exists(confirmed), is_doctors=ExpressionWrapper(Q(doctor__user=recipient), BooleanField())
    )
    row = rows.first()
    if row is None:
        return None
    return Invited(_entry(row, doctor="" if row["is_doctors"] else _doctor(row)), was_agreed=row["was_agreed"])


def live_feed(token_hash: str) -> Feed | None:
    """The feed at that address, unless it was revoked or its doctor's account is closed. One query."""
    alive = CalendarFeed.objects.filter(token_hash=token_hash, revoked_at=None, doctor__user__is_active=True)
    row: Any = alive.values_list("id", "doctor_id", "doctor__user__language", "last_read_at").first()
    return Feed(*row) if row else None


def feed_entries(doctor_id: UUID, *, now: datetime) -> tuple[Sequence[Entry], Sequence[Leave]]:
    """What occupies the doctor from a month back to a year ahead, names in the active language. One query.

    What patients only hold is left out: it is gone in minutes, or becomes a request.
    """
    since, until = now - FEED_BACK, now + FEED_AHEAD
    occupying = Appointment.objects.occupying().exclude(status=AppointmentStatus.HELD)
    asked = occupying.filter(doctor=doctor_id, starts_at__gte=since, starts_at__lt=until)
    away = TimeOff.objects.filter(doctor=doctor_id, starts_at__lt=until, ends_at__gt=since)
    blank = away.annotate(**_BLANK).order_by().values_list(*_COLUMNS)
    union = _named(asked).values_list(*_COLUMNS).union(blank, all=True)
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in union.order_by("starts_at", "id")[:FEED_ENTRIES]]
    return (
        [_entry(row) for row in rows if row["status"]],
        [
            Leave(**{name: row[name] for name in ("id", "starts_at", "ends_at", "changed_at")})
            for row in rows
            if not row["status"]
        ],
    )


def _named(appointments: AppointmentQuerySet) -> Any:
    """With the columns that an entry is made of, names in the active language."""
    return appointments.order_by().annotate(
        changed_at=F("updated_at"),
        zone=F("hospital__time_zone"),
        hospital_name=in_language("hospital__name"),
        address=F("hospital__address"),
        city=in_language("hospital__city"),
    )


def _with_doctor(appointments: AppointmentQuerySet) -> Any:
    titled = _named(appointments).annotate(doctor_title=in_language("doctor__title"))
    return titled.values(*_COLUMNS, "doctor_title", "doctor__first_name", "doctor__last_name")


def _entry(row: dict[str, Any], *, doctor: str = "") -> Entry:
    return Entry(
        id=row["id"],
        number=row["number"],
        status=row["status"],
        version=row["version"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        changed_at=row["changed_at"],
        zone=row["zone"],
        hospital=row["hospital_name"],
        address=row["address"],
        city=row["city"],
        is_teleconsult=row["kind"] == Appointment.Kind.TELECONSULT,
        doctor=doctor,
    )


def _doctor(row: dict[str, Any]) -> str:
    return f"{row['doctor_title']} {row['doctor__first_name']} {row['doctor__last_name']}".strip()

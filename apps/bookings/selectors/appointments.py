"""Reads of appointments with their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import UNASKED
from apps.common.exceptions import DomainError, NotFound
from apps.common.workflow import Edge
from apps.hospitals.models import Doctor


@dataclass(frozen=True)
class AppointmentPage:
    """One appointment with its history, and what its reader may do with it now."""

    row: dict[str, Any]
    events: Sequence[dict[str, Any]]
    moves: Sequence[tuple[Edge, DomainError | None]]
    why_not_reschedule: DomainError | None


def appointment_page(appointment_id: UUID, *, reader: User, now: datetime) -> AppointmentPage:
    """An appointment that the reader is party to. Two queries. Raises NotFound."""
    row = Appointment.objects.visible_to(reader).filter(pk=appointment_id).as_rows().first()
    if row is None:
        raise NotFound()
    events: Any = AppointmentEvent.objects.filter(appointment=appointment_id).order_by("at", "id")
    if row["status"] in UNASKED:
        why_not_reschedule = rules.why_not_take_up(row["status"], role=reader.role, is_paid=row["is_paid"])
    else:
        times_moved = row["version"] - 1 - row["excused_moves"]
        why_not_reschedule = rules.why_not_reschedule(
            row["status"], row["starts_at"], times_moved=times_moved, role=reader.role, now=now
        )
    return AppointmentPage(
        row=row,
        events=list(
            events.values("at", "from_status", "to_status", "note", "moved_from_at", "moved_to_at", "by__role")
        ),
        moves=rules.moves_for(
            row["status"], row["starts_at"], role=reader.role, now=now, is_displaced=row["is_displaced"]
        ),
        why_not_reschedule=why_not_reschedule,
    )


def doctor_kept_by(user: User, doctor_id: UUID) -> UUID:
    """The doctor's id, for whoever sees the doctor's own pages. One query. Raises NotFound."""
    if not Doctor.objects.visible_to(user).filter(pk=doctor_id).exists():
        raise NotFound()
    return doctor_id

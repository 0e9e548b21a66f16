"""Appointments in the way of leave or a closure: noted, withdrawn, settled, and brought to the coordinators' desk.

Whoever notes or withdraws holds the calendars of the doctors: nobody books into the leave meanwhile and stays behind.
Rows are locked in one order, the appointments before what hangs on them.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import notifications, querysets, rules
from apps.bookings.models import Appointment, Closure, Displacement, TimeOff
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus

from . import lapsing

#: Of the random part of a link; 43 characters of it stand in the address.
TOKEN_BYTES = 32
#: What is overdue is brought to the desk so many at a time.
BATCH = 1_000
_INSTANT = timedelta(microseconds=1)
_PEOPLE = ("patient__user", "doctor__user", "hospital")


@transaction.atomic
def note_displaced(
    *,
    start: datetime,
    end: datetime,
    doctor_ids: Collection[UUID],
    hospital_id: UUID | None = None,
    time_off: TimeOff | None = None,
    closure: Closure | None = None,
    by: User | None,
    now: datetime,
) -> int:
    """Every appointment to come of these doctors that meets [start, end), at the hospital or at all, waits for its
    patient to choose what becomes of it; each is told, with a link. The coordinators and the hospitals' staff get one
    message. Holds in the way lapse. Gives how many appointments; a constant number of statements, whatever that is.

    The caller holds the doctors' calendars. What another leave displaced before stays as it is.
    """
    meeting = Appointment.objects.meeting(start, end).filter(doctor__in=list(doctor_ids))
    if hospital_id:
        meeting = meeting.filter(hospital=hospital_id)
    # Nobody has asked for these yet: they are let go, and nobody is told.
    held = meeting.filter(status=AppointmentStatus.HELD).order_by("pk").select_for_update(of=("self",), no_key=True)
    lapsing.lapse(list(held.values_list("pk", flat=True)), by=by, now=now)
    waiting = Displacement.objects.filter(
        appointment=OuterRef("pk"), version=OuterRef("version"), status=DisplacementStatus.OPEN
    )
    displaced = list(
        meeting.to_come(now)
        .filter(~Exists(waiting))
        .select_related(*_PEOPLE)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    if not displaced:
        return 0
    asked = [
        (
            appointment,
            secrets.token_urlsafe(TOKEN_BYTES),
            rules.respond_by(appointment.starts_at, now=now),
            rules.is_urgent(appointment.starts_at, now=now),
        )
        for appointment in displaced
    ]
    Displacement.objects.bulk_create(
        (
            Displacement(
                appointment=appointment, version=appointment.version, time_off=time_off, closure=closure,
                respond_by=respond_by, token_hash=rules.hash_of(token), escalated_at=now if is_urgent else None,
            )
            for appointment, token, respond_by, is_urgent in asked
        ),
        # One that stood after all, when earlier leave was withdrawn, is asked about again.
        update_conflicts=True,
        unique_fields=["appointment", "version"],
        update_fields=[
            "time_off", "closure", "status", "respond_by", "token_hash", "escalated_at", "settled_at", "settled_by",
            "updated_at",
        ],
    )  # fmt: skip
    notifications.appointments_displaced(asked, now=now)
    notifications.appointments_to_settle(asked, now=now)
    return len(asked)


@transaction.atomic
def withdraw(
    *, time_off: TimeOff | None = None, closure: Closure | None = None, now: datetime, is_removed: bool = True
) -> int:
    """Those still waiting because of this leave or closure, which is about to be removed, or (not `is_removed`) has
    been changed and meets them no more, stand after all, and their patients are told; what other leave or another
    closure meets waits on because of that. Gives how many stand. The caller holds the doctors' calendars.
    """
    cause = {"time_off": time_off} if time_off else {"closure": closure}
    leave, closures = TimeOff.objects.all(), Closure.objects.all()
    if is_removed:
        leave = leave.exclude(pk=time_off.pk) if time_off else leave
        closures = closures.exclude(pk=closure.pk) if closure else closures
    waiting = _with_causes(Displacement.objects.filter(status=DisplacementStatus.OPEN, **cause), leave, closures)
    rows: list[Any] = list(waiting.order_by("pk").select_for_update(of=("self",), no_key=True))
    still = [row for row in rows if row.other_leave or row.other_closure]
    for row in still:
        row.time_off_id, row.closure_id, row.updated_at = row.other_leave, row.other_closure, now
    if still:
        Displacement.objects.bulk_update(still, ["time_off", "closure", "updated_at"])
    standing = [row for row in rows if row not in still]
    if standing:
        Displacement.objects.filter(pk__in=[row.pk for row in standing]).update(
            status=DisplacementStatus.SETTLED, settled_at=now, updated_at=now
        )
        appointments = Appointment.objects.to_come(now).filter(pk__in=[row.appointment_id for row in standing])
        notifications.appointments_stand(list(appointments.select_related(*_PEOPLE).order_by("pk")), now=now)
    return len(standing)


def _with_causes(
    rows: QuerySet[Displacement], leave: QuerySet[TimeOff], closures: QuerySet[Closure]
) -> QuerySet[Displacement]:
    """Each row with leave and a closure that meets its appointment, if any does."""
    zone = "appointment__hospital__time_zone"
    meets = leave.filter(
        doctor=OuterRef("appointment__doctor"),
        starts_at__lt=OuterRef("appointment__ends_at"),
        ends_at__gt=OuterRef("appointment__starts_at"),
    )
    closed = closures.filter(
        Q(doctor=None) | Q(doctor=OuterRef("appointment__doctor")),
        hospital=OuterRef("appointment__hospital"),
        starts_on__lte=OuterRef("last_day"),
        ends_on__gte=OuterRef("first_day"),
    )
    return rows.alias(
        first_day=querysets.local_day("appointment__starts_at", zone),
        last_day=querysets.local_day(F("appointment__ends_at") - _INSTANT, zone),
    ).annotate(
        other_leave=Subquery(meets.order_by("pk").values("pk")[:1]),
        other_closure=Subquery(closed.order_by("pk").values("pk")[:1]),
    )


def settle(
    appointment: Appointment, *, by: User | None, now: datetime, status: str = DisplacementStatus.SETTLED
) -> None:
    """Nobody waits any more for what becomes of the appointment, whose row the caller has locked. Nothing where nobody
    did."""
    Displacement.objects.filter(appointment=appointment, status=DisplacementStatus.OPEN).update(
        status=status, settled_at=now, settled_by=rules.cancelled_by(by.role) if by else "", updated_at=now
    )


def is_waiting(appointment_id: UUID) -> bool:
    """Whether leave stands in the way of the appointment, and nobody has chosen yet."""
    return Displacement.objects.filter(appointment=appointment_id, status=DisplacementStatus.OPEN).exists()


@transaction.atomic
def tell_of_overdue(*, now: datetime | None = None) -> int:
    """The coordinators are told, in one message, how many patients have let their deadline pass; each is counted once,
    however often this runs and however many runs there are at once. Gives how many."""
    now = now or timezone.now()
    overdue = Displacement.objects.filter(status=DisplacementStatus.OPEN, escalated_at=None, respond_by__lte=now)
    locked = overdue.order_by("respond_by").select_for_update(skip_locked=True, no_key=True)
    ids: Sequence[UUID] = list(locked.values_list("pk", flat=True)[:BATCH])
    if ids:
        Displacement.objects.filter(pk__in=ids).update(escalated_at=now, updated_at=now)
        notifications.displacements_overdue(len(ids), now=now)
    return len(ids)

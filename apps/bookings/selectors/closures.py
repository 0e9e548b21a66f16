"""Reads around closures and leave: whom they concern, and what they would displace."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.accounts.models import User
from apps.bookings import slots
from apps.bookings.models import Appointment, Displacement, DoctorSchedule
from apps.bookings.workflow import DisplacementStatus
from apps.hospitals.models import Affiliation, Hospital


def doctors_at(hospital_id: UUID) -> list[UUID]:
    """Who practises at the hospital, is about to, or has hours there. One query."""
    practising = Affiliation.objects.live().filter(hospital=hospital_id).order_by().values_list("doctor", flat=True)
    with_hours = DoctorSchedule.objects.filter(hospital=hospital_id).order_by().values_list("doctor", flat=True)
    return list(practising.union(with_hours))


def closed_period(hospital_id: UUID, starts_on: date, ends_on: date) -> slots.Interval:
    """The instants of these local days of the hospital, the end exclusive. One query."""
    zone = Hospital.objects.values_list("time_zone", flat=True).get(pk=hospital_id)
    return slots.day_bounds(starts_on, ends_on, zone)


def count_displaced(
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    reader: User,
    doctor_id: UUID | None = None,
    hospital_id: UUID | None = None,
) -> int:
    """How many appointments to come leave or a closure from `start` to `end` (exclusive) would displace, beside those
    whose patients choose already: the doctor's, the hospital's, or the doctor's at the hospital; of those that the
    reader may see. One query."""
    waiting = Displacement.objects.filter(
        appointment=OuterRef("pk"), version=OuterRef("version"), status=DisplacementStatus.OPEN
    )
    rows = Appointment.objects.visible_to(reader).meeting(start, end).to_come(now).filter(~Exists(waiting))
    if doctor_id:
        rows = rows.filter(doctor=doctor_id)
    if hospital_id:
        rows = rows.filter(hospital=hospital_id)
    return rows.count()

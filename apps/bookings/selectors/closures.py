"""Reads around closures and leave: whom they concern, and what they would displace."""

from datetime import date, datetime
from uuid import UUID

from apps.bookings import rules, slots
from apps.bookings.models import Appointment, DoctorSchedule
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
    *, start: datetime, end: datetime, now: datetime, doctor_id: UUID | None = None, hospital_id: UUID | None = None
) -> int:
    """How many agreed or asked-for appointments to come a leave or closure from `start` to `end` (exclusive) would
    displace: the doctor's, the hospital's, or the doctor's at the hospital. One query."""
    rows = Appointment.objects.filter(status__in=rules.OPEN, starts_at__gt=now, starts_at__lt=end, ends_at__gt=start)
    if doctor_id:
        rows = rows.filter(doctor=doctor_id)
    if hospital_id:
        rows = rows.filter(hospital=hospital_id)
    # No appointment lasts longer than a day: those long past are not even looked at.
    return rows.filter(starts_at__gt=start - slots.ONE_DAY).count()

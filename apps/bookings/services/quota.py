"""What the plan of a hospital, or of a doctor, allows in a month: asked when time is taken, under a lock.

Who is limited is locked after both calendars, by everybody, so that two bookings wait for one another and no deadlock
comes about; a hospital without a limit is never locked. A doctor's own calendar guards the doctor's limit.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Subquery

from apps.bookings import exceptions, notifications, rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import OCCUPYING, AppointmentStatus
from apps.hospitals.models import Doctor, Hospital

from . import calendars


@dataclass(frozen=True)
class _Limit:
    """So many appointments a month, of a hospital or of a doctor: `column` is the appointment's that names it."""

    column: str
    owner: UUID
    most: int
    zone: str


def refuse_if_full(doctor_id: UUID, hospital_id: UUID, starts_at: datetime, *, now: datetime) -> None:
    """Whoever is limited has room for one more appointment in the month of `starts_at` on the hospital's calendar; of
    the last place the staff, or the doctor, are told. One query where nobody is limited. Raises MonthFull.

    What is booked already, also when it moves within its month, is never refused by this."""
    for limit in _limits(doctor_id, hospital_id):
        if limit.column == "hospital":
            calendars.lock(limit.owner)
        taken = _taken(limit, starts_at, now=now)
        if taken >= limit.most:
            raise exceptions.MonthFull(month=rules.month_named(starts_at, limit.zone))
        if taken == limit.most - 1:
            notifications.month_full(limit.column, limit.owner, limit.most, starts_at, limit.zone)


def tell_of_full(doctor_id: UUID, hospital_id: UUID, starts_at: datetime, *, now: datetime) -> None:
    """A patient was refused: the staff, or the doctor, are told, once a month."""
    for limit in _limits(doctor_id, hospital_id):
        if _taken(limit, starts_at, now=now) >= limit.most:
            notifications.month_full(limit.column, limit.owner, limit.most, starts_at, limit.zone)


def _limits(doctor_id: UUID, hospital_id: UUID) -> list[_Limit]:
    doctors = Doctor.objects.filter(pk=doctor_id).values("max_appointments_per_month")
    columns = ("time_zone", "max_appointments_per_month", "of_doctor")
    rows = Hospital.objects.annotate(of_doctor=Subquery(doctors)).values_list(*columns)
    zone, of_hospital, of_doctor = rows.get(pk=hospital_id)
    found = [("hospital", hospital_id, of_hospital), ("doctor", doctor_id, of_doctor)]
    return [_Limit(column, owner, most, zone) for column, owner, most in found if most is not None]


def _taken(limit: _Limit, starts_at: datetime, *, now: datetime) -> int:
    """How many there are in that month, counted no further than the limit, along the index of the owner's times."""
    first, after = rules.month_around(starts_at, limit.zone)
    rows = Appointment.objects.filter(
        ~Q(status=AppointmentStatus.HELD, held_until__lte=now), starts_at__gte=first, starts_at__lt=after,
        status__in=OCCUPYING, **{limit.column: limit.owner},
    )  # fmt: skip
    return rows.order_by()[: limit.most].count()

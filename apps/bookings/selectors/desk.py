"""Reads for the desk: the calendars of several doctors side by side, and free times for someone on the phone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from apps.accounts.models import User
from apps.bookings import querysets, slots
from apps.bookings.models import Appointment, Closure, DoctorSchedule, ExtraHours, PublicHoliday, TimeOff, WeeklyHours
from apps.bookings.workflow import AppointmentStatus
from apps.hospitals.models import Doctor, Hospital

from . import calendars

_VISIT = (
    "id", "number", "status", "kind", "starts_at", "ends_at", "busy_until", "doctor_id", "hospital_id",
    "patient__user__first_name", "patient__user__last_name", "patient__user__time_zone",
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """What takes a doctor's time, as far as its reader may know it. Of an appointment that is not the reader's there is
    neither number nor patient nor the hospital's name; a hold never says for whom it is."""

    doctor_id: UUID
    hospital_id: UUID
    starts_at: datetime
    ends_at: datetime
    busy_until: datetime
    status: str = ""
    pk: UUID | None = None
    number: str = ""
    kind: str = ""
    patient: str = ""
    patient_zone: str = ""
    hospital: str = ""

    @property
    def is_held(self) -> bool:
        return self.status == AppointmentStatus.HELD


@dataclass(frozen=True)
class Board:
    """Some doctors' time at one hospital in a period, by doctor; closures and holidays as local days, the consulting
    hours in wall time (naive)."""

    visits: dict[UUID, list[Visit]] = field(default_factory=dict)
    free: dict[UUID, list[slots.Slot]] = field(default_factory=dict)
    leave: dict[UUID, list[slots.Interval]] = field(default_factory=dict)
    closed: dict[UUID | None, list[tuple[date, date]]] = field(default_factory=dict)
    holidays: dict[date, str] = field(default_factory=dict)
    hours: list[slots.Interval] = field(default_factory=list)

    def is_closed(self, doctor_id: UUID, day: date) -> bool:
        """Whether the hospital is closed on that day, or this doctor there."""
        spans = [*self.closed.get(None, ()), *self.closed.get(doctor_id, ())]
        return any(first <= day <= last for first, last in spans)


@dataclass(frozen=True)
class Offer:
    """A doctor's free times at one hospital in a week; for a patient, those at which that patient is free too."""

    doctor: Doctor
    hospital: Hospital
    found: Sequence[slots.Slot]
    reason: slots.NoSlots | None
    next_one: slots.Slot | None


def doctors_at(hospital: Hospital, *, reader: User, day: date | None) -> QuerySet:
    """The doctors with consulting hours at a hospital, by name; for a day only those who have hours on it, or an
    appointment there."""
    schedules = DoctorSchedule.objects.visible_to(reader).filter(hospital=hospital)
    doctors = Doctor.objects.visible_to(reader).filter(pk__in=schedules.order_by().values("doctor"))
    if day is not None:
        start, end = slots.day_bounds(day, day, hospital.time_zone)
        mine = Q(schedule__doctor=OuterRef("pk"), schedule__hospital=hospital)
        in_effect = (Q(effective_from=None) | Q(effective_from__lte=day)) & (
            Q(effective_until=None) | Q(effective_until__gte=day)
        )
        weekly = WeeklyHours.objects.filter(mine, in_effect, weekday=day.weekday())
        extra = ExtraHours.objects.filter(mine, day=day)
        there = Appointment.objects.occupying().overlapping(start, end).filter(doctor=OuterRef("pk"), hospital=hospital)
        doctors = doctors.filter(Exists(weekly) | Exists(extra) | Exists(there))
    return doctors.order_by("sort_name", "pk")


def board(
    doctor_ids: Collection[UUID], hospital: Hospital, first: date, last: date, *, reader: User, now: datetime
) -> Board:
    """All that these doctors' calendars hold from `first` to `last`, days of the hospital. Four queries, whatever the
    number of doctors."""
    start, end = slots.day_bounds(first, last, hospital.time_zone)
    plans = {
        doctor_id: calendar.at(hospital.pk).plans
        for doctor_id, calendar in calendars.calendars_of(doctor_ids, now=now).items()
    }
    visits = _visits(doctor_ids, start, end, reader=reader, now=now)
    leave = _leave(doctor_ids, start, end)
    closed, holidays = _days(doctor_ids, hospital, first, last)
    free = {}
    for doctor_id, own in plans.items():
        busy = slots.Busy(
            doctor=[(visit.starts_at, visit.busy_until) for visit in visits.get(doctor_id, ())],
            leave=leave.get(doctor_id, []),
            booked=[(visit.hospital_id, visit.starts_at) for visit in visits.get(doctor_id, ())],
        )
        free[doctor_id] = slots.available(own, slots.offered(own, start, end, now), busy)
    hours = [wall for own in plans.values() for plan in own for wall, _is_extra in plan.walls(first, last)]
    return Board(visits, free, leave, closed, holidays, hours)


def _visits(
    doctor_ids: Collection[UUID], start: datetime, end: datetime, *, reader: User, now: datetime
) -> dict[UUID, list[Visit]]:
    """What occupies the doctors, and as far as the reader sees the appointment what it is. A hold that has run out
    occupies nothing."""
    own = Appointment.objects.visible_to(reader).filter(pk=OuterRef("pk"))
    # A slot that begins just before the end reaches beyond it, and its neighbours count.
    rows = (
        Appointment.objects.occupying()
        .overlapping(start, end + timedelta(days=1))
        .filter(doctor__in=list(doctor_ids))
        .exclude(status=AppointmentStatus.HELD, held_until__lte=now)
        .order_by("starts_at")
        .values(*_VISIT, is_own=Exists(own), hospital_name=querysets.in_language("hospital__name"))
    )
    found: dict[UUID, list[Visit]] = {}
    for row in rows:
        found.setdefault(row["doctor_id"], []).append(_visit(row))
    return found


def _visit(row: dict[str, Any]) -> Visit:
    known = {name: row[name] for name in ("doctor_id", "hospital_id", "starts_at", "ends_at", "busy_until")}
    if row["status"] == AppointmentStatus.HELD:
        return Visit(**known, status=row["status"])
    if not row["is_own"]:
        return Visit(**known)
    return Visit(
        **known,
        status=row["status"],
        pk=row["id"],
        number=row["number"],
        kind=row["kind"],
        patient=f"{row['patient__user__first_name']} {row['patient__user__last_name']}".strip(),
        patient_zone=row["patient__user__time_zone"],
        hospital=row["hospital_name"],
    )


def _leave(doctor_ids: Collection[UUID], start: datetime, end: datetime) -> dict[UUID, list[slots.Interval]]:
    rows = TimeOff.objects.filter(doctor__in=list(doctor_ids), starts_at__lt=end + timedelta(days=1), ends_at__gt=start)
    found: dict[UUID, list[slots.Interval]] = {}
    for doctor_id, starts_at, ends_at in rows.order_by("starts_at").values_list("doctor", "starts_at", "ends_at"):
        found.setdefault(doctor_id, []).append((starts_at, ends_at))
    return found


def _days(
    doctor_ids: Collection[UUID], hospital: Hospital, first: date, last: date
) -> tuple[dict[UUID | None, list[tuple[date, date]]], dict[date, str]]:
    """Closures and public holidays that meet these days. One query."""
    closures = Closure.objects.filter(hospital=hospital, starts_on__lte=last, ends_on__gte=first)
    of_these = closures.filter(Q(doctor=None) | Q(doctor__in=list(doctor_ids)))
    holidays = PublicHoliday.objects.filter(country=hospital.country, day__gte=first, day__lte=last, is_observed=True)
    closed: dict[UUID | None, list[tuple[date, date]]] = {}
    named: dict[date, str] = {}
    nobody = Cast(Value(None), Closure._meta.get_field("doctor").target_field)
    text = TextField()
    rows = (
        of_these.order_by()
        .values_list(Value("closed"), F("doctor_id"), F("starts_on"), F("ends_on"), Value("", output_field=text))
        .union(
            holidays.order_by().values_list(Value("holiday"), nobody, F("day"), F("day"), Cast("name", text)), all=True
        )
    )
    for kind, doctor_id, begins, ends, name in rows:
        if kind == "holiday":
            named[begins] = name
        else:
            closed.setdefault(doctor_id, []).append((begins, ends))
    return closed, named


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the week in which the day lies."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def offer(
    doctor: Doctor,
    hospital: Hospital,
    day: date,
    *,
    reader: User,
    now: datetime,
    patient_id: UUID | None = None,
) -> Offer:
    """The doctor's free times in the week of `day`, by the hospital's clock. Three queries, four when there are none.

    Raises NotFound.
    """
    start, end = slots.day_bounds(*week_of(day), hospital.time_zone)
    free = calendars.free_slots(doctor.pk, start=start, end=end, now=now, hospital_id=hospital.pk, viewer=reader)
    found = list(free.found)
    if found and patient_id:
        theirs = Appointment.objects.occupying().filter(patient=patient_id, ends_at__gt=start)
        theirs = theirs.filter(starts_at__gt=start - querysets.LONGEST, starts_at__lt=end + timedelta(days=1))
        found = slots.free(found, theirs.order_by().values_list("starts_at", "ends_at"))
    return Offer(doctor, hospital, found, free.reason, free.next_one)

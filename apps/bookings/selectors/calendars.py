"""Reads over hours, leave and appointments together: what a doctor offers, what of it is free, and when next."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.bookings import querysets, rules, slots
from apps.bookings.models import Appointment, TimeOff
from apps.common.exceptions import NotFound
from apps.hospitals.models import Affiliation, Doctor, Hospital

_COLUMNS = (
    "id", "licensed_until",
    "schedules__weekly_hours__id", "schedules__weekly_hours__weekday",
    "schedules__weekly_hours__starts", "schedules__weekly_hours__ends",
    "schedules__weekly_hours__effective_from", "schedules__weekly_hours__effective_until",
    "schedules__hospital_id", "schedules__hospital__time_zone",
    "schedules__slot_minutes", "schedules__minimum_notice_minutes", "schedules__horizon_days",
)  # fmt: skip


@dataclass(frozen=True)
class Hours:
    """One weekly opening as people read it: at which hospital, in that hospital's wall time."""

    id: UUID
    hospital_id: UUID
    hospital_name: str
    zone: str
    slot_minutes: int
    opening: slots.Opening
    takes_bookings: bool


@dataclass(frozen=True)
class Calendar:
    """A doctor's hours, and the plans of those hospitals at which appointments can be booked now."""

    doctor_id: UUID
    hours: tuple[Hours, ...] = ()
    plans: tuple[slots.Plan, ...] = ()

    def plan_at(self, hospital_id: UUID) -> slots.Plan | None:
        return next((plan for plan in self.plans if plan.hospital_id == hospital_id), None)

    def at(self, hospital_id: UUID | None) -> "Calendar":
        """The same doctor's calendar at one hospital only; at all of them for None."""
        if hospital_id is None:
            return self
        return Calendar(
            self.doctor_id,
            tuple(hours for hours in self.hours if hours.hospital_id == hospital_id),
            tuple(plan for plan in self.plans if plan.hospital_id == hospital_id),
        )


@dataclass(frozen=True)
class FreeSlots:
    """The free slots of a period; where there are none, why, and the next one outside the period."""

    calendar: Calendar
    found: Sequence[slots.Slot] = ()
    reason: slots.NoSlots | None = None
    next_one: slots.Slot | None = None


@functools.lru_cache(maxsize=16)
def _calendars(today: date, language: str) -> Any:
    """The rows of `calendar_of` for every doctor, never evaluated itself: built once, narrowed by each request."""
    listed = Doctor.objects.listed(today).filter(pk=OuterRef("pk"))
    affiliation = Affiliation.objects.active().filter(
        doctor=OuterRef("pk"), hospital=OuterRef("schedules__hospital"), hospital__in=Hospital.objects.listed()
    )
    return Doctor.objects.order_by(
        "pk", "schedules__hospital_id", "schedules__weekly_hours__weekday", "schedules__weekly_hours__starts"
    ).values(
        *_COLUMNS,
        hospital_name=querysets.in_language("schedules__hospital__name"),
        is_listed=Exists(listed),
        practises=Subquery(affiliation.raw_values(days=JSONObject(first="starts_on", last="ends_on"))[:1]),
    )


def calendar_of(doctor_id: UUID, *, now: datetime, viewer: Any = None) -> Calendar:
    """A doctor's hours and plans. One query.

    The public finds listed doctors only, and their hours where they can be booked; whoever keeps the doctor's hours
    (`visible_to`) finds all of them. Raises NotFound.
    """
    found = _calendars(now.date(), get_language()).filter(pk=doctor_id)
    if viewer is not None and viewer.is_authenticated:
        found = found.annotate(is_insider=Exists(Doctor.objects.visible_to(viewer).filter(pk=OuterRef("pk"))))
    rows: list[Any] = list(found)
    if not rows or not (rows[0]["is_listed"] or rows[0].get("is_insider")):
        raise NotFound()
    return Calendar(doctor_id, tuple(_hours(rows)), tuple(_plans(rows)))


def outlooks(doctor_ids: Collection[UUID], *, now: datetime) -> dict[UUID, slots.Outlook]:
    """What each of these doctors' calendars says at `now` to the public. Two queries, whatever their number."""
    calendars = calendars_of(doctor_ids, now=now)
    plans = [plan for calendar in calendars.values() for plan in calendar.plans]
    busy: dict[UUID, list[slots.Interval]] = {}
    if plans:
        until = slots.horizon_of(plans, now) + 2 * slots.ONE_DAY
        appointments = Appointment.objects.occupying().overlapping(now, until).filter(doctor__in=calendars)
        leave = TimeOff.objects.filter(doctor__in=calendars, starts_at__lt=until, ends_at__gt=now)
        rows = appointments.order_by().values_list("doctor", "starts_at", "busy_until")
        away = leave.order_by().values_list("doctor", "starts_at", "ends_at")
        for doctor_id, starts_at, ends_at in rows.union(away, all=True):
            busy.setdefault(doctor_id, []).append((starts_at, ends_at))
    return {
        doctor_id: slots.outlook(calendar.plans, busy.get(doctor_id, []), now)
        for doctor_id, calendar in calendars.items()
    }


def calendars_of(doctor_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Calendar]:
    """The calendars of these doctors as they can be booked now; without plans for one who is not listed. One query."""
    by_doctor: dict[UUID, list[dict[str, Any]]] = {}
    for row in _calendars(now.date(), get_language()).filter(pk__in=doctor_ids):
        by_doctor.setdefault(row["id"], []).append(row)
    return {
        doctor_id: Calendar(doctor_id, tuple(_hours(rows)), tuple(_plans(rows)))
        for doctor_id, rows in by_doctor.items()
    }


def free_slots(
    doctor_id: UUID,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    hospital_id: UUID | None = None,
    viewer: Any = None,
) -> FreeSlots:
    """The free slots of a doctor that start in [start, end), at one hospital or at all.

    Two queries, three when there are none.
    """
    calendar = calendar_of(doctor_id, now=now, viewer=viewer).at(hospital_id)
    busy = busy_of(doctor_id, start, end)
    free = slots.free(slots.offered(calendar.plans, start, end, now), busy.all)
    if free:
        return FreeSlots(calendar, free)
    reason = slots.why_none(calendar.plans, start, end, now=now, leave=busy.leave)
    later = next_free(calendar, start, count=1, now=now) if calendar.plans else []
    return FreeSlots(calendar, reason=reason, next_one=later[0] if later else None)


def next_free(
    calendar: Calendar, start: datetime, *, count: int, now: datetime, patient_id: UUID | None = None
) -> list[slots.Slot]:
    """The first `count` free slots from `start`; where fewer follow, the earliest from now. Those a patient could
    come to. One query."""
    until = slots.horizon_of(calendar.plans, now)
    busy = busy_of(calendar.doctor_id, now, until, patient_id=patient_id).all
    found = slots.first_free(calendar.plans, max(start, now), until, busy, count=count, now=now)
    if len(found) < count and start > now:
        found += slots.first_free(calendar.plans, now, start, busy, count=count - len(found), now=now)
    return sorted(found)


def alternatives(
    doctor_id: UUID, hospital_id: UUID, starts_at: datetime, *, patient_id: UUID, now: datetime
) -> list[slots.Slot]:
    """The doctor's next free slots at that hospital for someone who came too late. Two queries."""
    try:
        calendar = calendar_of(doctor_id, now=now).at(hospital_id)
    except NotFound:
        return []
    return next_free(calendar, starts_at, count=rules.ALTERNATIVES, now=now, patient_id=patient_id)


def busy_of(
    doctor_id: UUID,
    start: datetime,
    end: datetime,
    *,
    patient_id: UUID | None = None,
    apart_from: UUID | None = None,
) -> slots.Busy:
    """The doctor's appointments and leave, and a patient's appointments, that meet [start, end). One query."""
    # A slot that starts just before `end` reaches beyond it, and its neighbours count.
    end += timedelta(days=1)
    whose = Q(doctor=doctor_id) | Q(patient=patient_id) if patient_id else Q(doctor=doctor_id)
    appointments = Appointment.objects.occupying().overlapping(start, end).filter(whose)
    if apart_from:
        appointments = appointments.exclude(pk=apart_from)
    leave = TimeOff.objects.filter(doctor=doctor_id, starts_at__lt=end, ends_at__gt=start)
    busy = slots.Busy()
    whom = Case(When(doctor=doctor_id, then=Value("doctor")), default=Value("patient"))
    until = Case(When(doctor=doctor_id, then=F("busy_until")), default=F("ends_at"))
    rows = (
        appointments.order_by()
        .values_list(whom, "starts_at", until)
        .union(leave.order_by().values_list(Value("leave"), "starts_at", "ends_at"), all=True)
    )
    for list_name, busy_from, busy_until in rows:
        getattr(busy, list_name).append((busy_from, busy_until))
    return busy


def time_off_of(doctor_id: UUID, *, reader: User, now: datetime) -> list[TimeOff]:
    """The doctor's leave that is not over. One query."""
    return list(TimeOff.objects.visible_to(reader).filter(doctor=doctor_id, ends_at__gt=now))


def _hours(rows: Iterable[dict[str, Any]]) -> Iterable[Hours]:
    for row in rows:
        takes_bookings = _takes_bookings(row)
        if row["schedules__weekly_hours__id"] and (takes_bookings or row.get("is_insider")):
            yield Hours(
                id=row["schedules__weekly_hours__id"],
                hospital_id=row["schedules__hospital_id"],
                hospital_name=row["hospital_name"],
                zone=row["schedules__hospital__time_zone"],
                slot_minutes=row["schedules__slot_minutes"],
                opening=_opening(row),
                takes_bookings=takes_bookings,
            )


def _plans(rows: Iterable[dict[str, Any]]) -> Iterable[slots.Plan]:
    by_hospital: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if row["schedules__weekly_hours__id"] and _takes_bookings(row):
            by_hospital.setdefault(row["schedules__hospital_id"], []).append(row)
    for hospital_id, of_hospital in by_hospital.items():
        first = of_hospital[0]
        yield slots.Plan(
            hospital_id=hospital_id,
            zone=first["schedules__hospital__time_zone"],
            openings=tuple(_opening(row) for row in of_hospital),
            length=timedelta(minutes=first["schedules__slot_minutes"]),
            notice=timedelta(minutes=first["schedules__minimum_notice_minutes"]),
            horizon=timedelta(days=first["schedules__horizon_days"]),
            first_day=_day(first["practises"]["first"]),
            last_day=_day(first["practises"]["last"]),
            licensed_until=first["licensed_until"],
        )


def _takes_bookings(row: dict[str, Any]) -> bool:
    """A listed doctor takes bookings at a listed hospital where the affiliation is active."""
    return bool(row["is_listed"] and row["practises"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _opening(row: dict[str, Any]) -> slots.Opening:
    prefix = "schedules__weekly_hours__"
    return slots.Opening(
        weekday=row[prefix + "weekday"],
        starts=row[prefix + "starts"],
        ends=row[prefix + "ends"],
        effective_from=row[prefix + "effective_from"],
        effective_until=row[prefix + "effective_until"],
    )

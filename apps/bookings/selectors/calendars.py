"""Reads over hours, leave and appointments together: what a doctor offers, what of it is free, and when next."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.bookings import querysets, rules, slots
from apps.bookings.models import Appointment, Closure, DoctorSchedule, ExtraHours, PublicHoliday, TimeOff, WeeklyHours
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import NotFound
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.selectors import rows as hospital_rows

#: A hospital's day may be yesterday's by UTC.
_DAY = slots.ONE_DAY
#: Where holidays are shown they are looked for so far ahead: the longest horizon, and the longest period from its end.
_SHOWN_AHEAD = timedelta(days=400)
#: Most doctors have a free time so soon: the first two looks of `slots.first_free`.
_SOON = 3 * slots.FIRST_LOOK
#: Beyond its horizon a calendar is looked through for a day more, which touches three of a hospital's.
_BEYOND_HORIZON = 3
#: A day of a hospital's calendar, at its longest, lies within so far of any instant of it.
_LONGEST_DAY = timedelta(days=2)
_COLUMNS = (
    "id", "licensed_until", "schedules__hospital_id", "schedules__hospital__time_zone",
    "schedules__slot_minutes", "schedules__minimum_notice_minutes", "schedules__horizon_days",
    "schedules__buffer_minutes", "schedules__daily_cap", "schedules__works_on_holidays",
)  # fmt: skip
_NOWHERE = Cast(Value(None), UUIDField())
_HELD_UNTIL = Case(When(status=AppointmentStatus.HELD, then=F("held_until")))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A doctor's hours at one hospital, as people read them and as a plan; extra hours with their ids, and the public
    holidays on which the doctor does not work, by name. Of days that differ from the week only those to come."""

    hospital_name: str
    plan: slots.Plan
    takes_bookings: bool
    extra: tuple[tuple[UUID, slots.ExtraOpening], ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class Calendar:
    """A doctor's hours at each hospital where the asker may know them."""

    doctor_id: UUID
    places: tuple[Place, ...] = ()

    @property
    def plans(self) -> tuple[slots.Plan, ...]:
        """The plans of those hospitals at which appointments can be booked now."""
        return tuple(place.plan for place in self.places if place.takes_bookings)

    def plan_at(self, hospital_id: UUID) -> slots.Plan | None:
        return next((plan for plan in self.plans if plan.hospital_id == hospital_id), None)

    def at(self, hospital_id: UUID | None) -> "Calendar":
        """The same doctor's calendar at one hospital only; at all of them for None."""
        if hospital_id is None:
            return self
        return Calendar(self.doctor_id, tuple(place for place in self.places if place.plan.hospital_id == hospital_id))


@dataclass(frozen=True)
class FreeSlots:
    """The free slots of a period; where there are none, why, and the next one outside the period."""

    calendar: Calendar
    found: Sequence[slots.Slot] = ()
    reason: slots.NoSlots | None = None
    next_one: slots.Slot | None = None


@functools.lru_cache(maxsize=32)
def _calendars(today: date, language: str, *, is_shown: bool) -> Any:
    """The rows of `calendar_of` for every doctor, one a hospital, never evaluated itself: built once, narrowed by each
    request. Unless it is shown, with the holidays that matter to what can be booked."""
    listed = Doctor.objects.listed(today).filter(pk=OuterRef("pk"))
    affiliation = Affiliation.objects.active().filter(
        doctor=OuterRef("pk"), hospital=OuterRef("schedules__hospital"), hospital__in=Hospital.objects.listed()
    )
    hours = WeeklyHours.objects.filter(schedule=OuterRef("schedules"))
    extra = ExtraHours.objects.filter(schedule=OuterRef("schedules"), day__gte=today - _DAY)
    closures = Closure.objects.filter(
        Q(doctor=None) | Q(doctor=OuterRef("pk")), hospital=OuterRef("schedules__hospital"), ends_on__gte=today - _DAY
    )
    holidays = PublicHoliday.objects.filter(
        country=OuterRef("schedules__hospital__country"),
        is_observed=True,
        day__gte=today - _DAY,
        day__lte=today + _SHOWN_AHEAD if is_shown else _days_after(today, OuterRef("schedules__horizon_days")),
    )
    return Doctor.objects.order_by("pk", "schedules__hospital_id").values(
        *_COLUMNS,
        hospital_name=querysets.in_language("schedules__hospital__name"),
        is_listed=Exists(listed),
        practises=hospital_rows.written_once(
            Doctor, Subquery(affiliation.raw_values(days=JSONObject(first="starts_on", last="ends_on"))[:1])
        ),
        week=_gathered(hours, "schedule", "weekday", "starts", "ends", "effective_from", "effective_until"),
        extra=_gathered(extra, "schedule", "day", "starts", "ends", "id"),
        closed=_gathered(closures, "hospital", "starts_on", "ends_on"),
        holidays=_gathered(holidays, "country", "day", "name"),
    )


def _gathered(rows: QuerySet, by: str, *columns: str) -> RawSQL:
    """The columns of all these rows, which have one `by` in common, as lists in a list; in order of the first two."""
    listed = Func(*columns, function="jsonb_build_array", output_field=JSONField())
    found = rows.order_by().values(by).annotate(gathered=JSONBAgg(listed, order_by=columns[:2]))
    return hospital_rows.written_once(Doctor, Subquery(found.values("gathered")))


def _days_after(today: date, days: Any) -> Func:
    return Func(
        Cast(Value(today), DateField()),
        days,
        Value(_BEYOND_HORIZON),
        template="(%(expressions)s)",
        arg_joiner=" + ",
        output_field=DateField(),
    )


def _taken(until: Any, held_until: Any = None) -> JSONBAgg:
    """Rows gathered as lists of start, end and, where asked for, the end of the hold: in integers, which are read ten
    times as fast as timestamps."""
    columns = [F("starts_at"), until] + ([held_until] if held_until else [])
    return JSONBAgg(Func(*map(_microseconds, columns), function="jsonb_build_array", output_field=JSONField()))


def _microseconds(at: Any) -> Func:
    """Since 1970, exact for this century: a double holds it. `EXTRACT` gives a numeric, half as dear again."""
    template = "(date_part('epoch', %(expressions)s) * 1000000)::bigint"
    return Func(at, template=template, output_field=BigIntegerField())


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def calendar_of(doctor_id: UUID, *, now: datetime, viewer: Any = None) -> Calendar:
    """A doctor's hours and plans. One query.

    The public finds listed doctors only, and their hours where they can be booked; whoever keeps the doctor's hours
    (`visible_to`) finds all of them. Raises NotFound.
    """
    found = _calendars(now.date(), get_language(), is_shown=True).filter(pk=doctor_id)
    if viewer is not None and viewer.is_authenticated:
        found = found.annotate(is_insider=Exists(Doctor.objects.visible_to(viewer).filter(pk=OuterRef("pk"))))
    rows: list[Any] = list(found)
    if not rows or not (rows[0]["is_listed"] or rows[0].get("is_insider")):
        raise NotFound()
    return Calendar(doctor_id, tuple(_places(rows)))


def outlooks(doctor_ids: Collection[UUID], *, now: datetime) -> dict[UUID, slots.Outlook]:
    """What each of these doctors' calendars says at `now` to the public. Three queries at most, whatever their number:
    of a doctor who has a free time in the coming days, as most have, no later ones are read."""
    waiting = {doctor_id: calendar.plans for doctor_id, calendar in calendars_of(doctor_ids, now=now).items()}
    said: dict[UUID, slots.Outlook] = {}
    for ahead in (_SOON, timedelta.max):
        plans = [plan for of_doctor in waiting.values() for plan in of_doctor]
        # The horizon uncovers one more day.
        last = slots.horizon_of(plans, now) + _DAY
        until = now + min(ahead, last - now)
        busy = _busy_of_each(waiting, now, until, plans) if plans else {}
        for doctor_id, of_doctor in waiting.items():
            outlook = slots.outlook(of_doctor, busy.get(doctor_id, slots.Busy()), now)
            if until == last or (outlook.next_free_at and outlook.next_free_at < until):
                said[doctor_id] = outlook
        waiting = {doctor_id: of_doctor for doctor_id, of_doctor in waiting.items() if doctor_id not in said}
        if not waiting:
            break
    return said


def _busy_of_each(
    doctor_ids: Collection[UUID], start: datetime, end: datetime, plans: Sequence[slots.Plan]
) -> dict[UUID, slots.Busy]:
    """What stands against slots of these plans that start in [start, end], which is from now on. One query."""
    since, until = _around(start, end, plans)
    appointments = Appointment.objects.occupying(start).overlapping(since, until).filter(doctor__in=doctor_ids)
    leave = TimeOff.objects.filter(doctor__in=doctor_ids, starts_at__lt=until, ends_at__gt=start)
    rows = appointments.order_by().values("doctor", "hospital").annotate(times=_taken(F("busy_until"), _HELD_UNTIL))
    away = leave.order_by().values("doctor", nowhere=_NOWHERE).annotate(times=_taken(F("ends_at")))
    found: dict[UUID, slots.Busy] = {}
    for doctor_id, hospital_id, times in (
        rows.values_list("doctor", "hospital", "times").union(away.values_list("doctor", "nowhere", "times"), all=True)
    ):  # fmt: skip
        _add(found.setdefault(doctor_id, slots.Busy()), "doctor" if hospital_id else "leave", hospital_id, times)
    return found


def calendars_of(doctor_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Calendar]:
    """The calendars of these doctors as they can be booked now; without plans for one who is not listed. One query."""
    by_doctor: dict[UUID, list[dict[str, Any]]] = {}
    for row in _calendars(now.date(), get_language(), is_shown=False).filter(pk__in=doctor_ids):
        by_doctor.setdefault(row["id"], []).append(row)
    return {doctor_id: Calendar(doctor_id, tuple(_places(rows))) for doctor_id, rows in by_doctor.items()}


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
    plans = calendar.plans
    busy = busy_of(doctor_id, start, end, plans=plans, now=now)
    free = slots.available(plans, slots.offered(plans, start, end, now), busy)
    if free:
        return FreeSlots(calendar, free)
    reason = slots.why_none(plans, start, end, now=now, leave=busy.leave)
    later = next_free(calendar, start, count=1, now=now) if plans else []
    return FreeSlots(calendar, reason=reason, next_one=later[0] if later else None)


def next_free(
    calendar: Calendar,
    start: datetime,
    *,
    count: int,
    now: datetime,
    patient_id: UUID | None = None,
    apart_from: UUID | None = None,
) -> list[slots.Slot]:
    """The first `count` free slots from `start`; where fewer follow, the earliest from now. Those a patient could
    come to, `apart_from` what is given up for it. One query."""
    plans = calendar.plans
    until = slots.horizon_of(plans, now)
    busy = busy_of(calendar.doctor_id, now, until, plans=plans, now=now, patient_id=patient_id, apart_from=apart_from)
    found = slots.first_free(plans, max(start, now), until, busy, count=count, now=now)
    if len(found) < count and start > now:
        found += slots.first_free(plans, now, start, busy, count=count - len(found), now=now)
    return sorted(found)


def alternatives(
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    now: datetime,
    apart_from: UUID | None = None,
) -> list[slots.Slot]:
    """The doctor's next free slots at that hospital for someone who came too late. Two queries."""
    try:
        there = calendar_of(doctor_id, now=now).at(hospital_id)
    except NotFound:
        return []
    return next_free(there, starts_at, count=rules.ALTERNATIVES, now=now, patient_id=patient_id, apart_from=apart_from)


def busy_of(
    doctor_id: UUID,
    start: datetime,
    end: datetime,
    *,
    plans: Sequence[slots.Plan],
    now: datetime,
    patient_id: UUID | None = None,
    apart_from: UUID | None = None,
) -> slots.Busy:
    """The doctor's appointments and leave, and a patient's appointments, that meet a slot of these plans which starts
    in [start, end], and all of the local days of one whose appointments a plan counts. Those whose hold is over by
    `now` do not count. One query."""
    since, until = _around(start, end, plans)
    whose = Q(doctor=doctor_id) | Q(patient=patient_id) if patient_id else Q(doctor=doctor_id)
    appointments = Appointment.objects.occupying(now).overlapping(since, until).filter(whose)
    if apart_from:
        appointments = appointments.exclude(pk=apart_from)
    leave = TimeOff.objects.filter(doctor=doctor_id, starts_at__lt=until, ends_at__gt=start)
    busy = slots.Busy()
    whom = Case(When(doctor=doctor_id, then=Value("doctor")), default=Value("patient"))
    taken_until = Case(When(doctor=doctor_id, then=F("busy_until")), default=F("ends_at"))
    rows = appointments.order_by().values_list(
        whom, "hospital", _microseconds(F("starts_at")), _microseconds(taken_until)
    )
    away = leave.order_by().values_list(
        Value("leave"), _NOWHERE, _microseconds(F("starts_at")), _microseconds(F("ends_at"))
    )
    for list_name, hospital_id, *times in rows.union(away, all=True):
        _add(busy, list_name, hospital_id, [times])
    return busy


def _add(busy: slots.Busy, list_name: str, hospital_id: UUID | None, times: Iterable[Any]) -> None:
    intervals: list[slots.Interval] = getattr(busy, list_name)
    for starts_at, ends_at, *held_until in times:
        start = _instant(starts_at)
        intervals.append((start, _instant(ends_at)))
        if hospital_id is not None and list_name == "doctor":
            busy.booked.append((hospital_id, start))
        busy.held_until += [_instant(until) for until in held_until if until is not None]


def time_off_of(doctor_id: UUID, *, reader: User, now: datetime) -> list[TimeOff]:
    """The doctor's leave that is not over. One query."""
    return list(TimeOff.objects.visible_to(reader).filter(doctor=doctor_id, ends_at__gt=now))


def extra_hours_of(schedule: DoctorSchedule, *, now: datetime) -> list[ExtraHours]:
    """The schedule's extra hours that are not past. One query."""
    return list(ExtraHours.objects.filter(schedule=schedule, day__gte=now.date() - _DAY))


def _around(start: datetime, end: datetime, plans: Iterable[slots.Plan]) -> slots.Interval:
    """What a slot that starts in [start, end] can meet, and the local days of it where a plan counts what is on them.
    A slot that starts just before the end reaches beyond it, and its neighbours count."""
    if any(plan.daily_cap is not None for plan in plans):
        return start - _LONGEST_DAY, end + _LONGEST_DAY
    return start, end + _DAY


def _places(rows: Iterable[dict[str, Any]]) -> Iterable[Place]:
    """The hospitals with hours, week's or extra, that can be booked; for who keeps the hours also the others."""
    for row in rows:
        takes_bookings = _takes_bookings(row)
        if (row["week"] or row["extra"]) and (takes_bookings or row.get("is_insider")):
            yield _place(row, takes_bookings)


def _place(row: dict[str, Any], takes_bookings: bool) -> Place:
    practises = row["practises"] or {"first": None, "last": None}
    extra = tuple((UUID(key), _extra(day, starts, ends)) for day, starts, ends, key in row["extra"] or ())
    holidays = () if row["schedules__works_on_holidays"] else row["holidays"] or ()
    days_off = tuple((date.fromisoformat(day), name) for day, name in holidays)
    plan = slots.Plan(
        hospital_id=row["schedules__hospital_id"],
        zone=row["schedules__hospital__time_zone"],
        openings=tuple(_opening(*opening) for opening in row["week"] or ()),
        length=timedelta(minutes=row["schedules__slot_minutes"]),
        buffer=timedelta(minutes=row["schedules__buffer_minutes"]),
        notice=timedelta(minutes=row["schedules__minimum_notice_minutes"]),
        horizon=timedelta(days=row["schedules__horizon_days"]),
        daily_cap=row["schedules__daily_cap"],
        extra=tuple(opening for _key, opening in extra),
        closures=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in row["closed"] or ()),
        holidays=tuple(day for day, _name in days_off),
        first_day=_day(practises["first"]),
        last_day=_day(practises["last"]),
        licensed_until=row["licensed_until"],
    )
    return Place(row["hospital_name"], plan, takes_bookings, extra, days_off)


def _takes_bookings(row: dict[str, Any]) -> bool:
    """A listed doctor takes bookings at a listed hospital where the affiliation is active."""
    return bool(row["is_listed"] and row["practises"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _opening(weekday: int, starts: str, ends: str, first: str | None, last: str | None) -> slots.Opening:
    return slots.Opening(weekday, time.fromisoformat(starts), time.fromisoformat(ends), _day(first), _day(last))


def _extra(day: str, starts: str, ends: str) -> slots.ExtraOpening:
    return slots.ExtraOpening(date.fromisoformat(day), time.fromisoformat(starts), time.fromisoformat(ends))

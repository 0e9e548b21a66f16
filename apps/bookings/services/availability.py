"""When a doctor takes appointments: weekly hours at a hospital, and time off."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import rules, slots
from apps.bookings.models import DoctorSchedule, ExtraHours, TimeOff, WeeklyHours
from apps.common.exceptions import Forbidden, NotFound, raise_if
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AffiliationStatus

from . import calendars, displacement, next_free


@transaction.atomic
def change_availability(
    doctor_id: UUID,
    hospital_id: UUID,
    *,
    by: User,
    time_off: Sequence[Mapping[str, Any]] = (),
    remove_time_off: Sequence[UUID] = (),
    **hours: Any,
) -> DoctorSchedule:
    """Hours and settings at one hospital, as `set_availability` takes them, leave added and leave removed: all of it or
    nothing.

    Each of `time_off` has `starts_at`, `ends_at`, `reason`. Raises what its parts raise.
    """
    schedule = set_availability(doctor_id, hospital_id, by=by, **hours)
    for time_off_id in remove_time_off:
        end_time_off(doctor_id, time_off_id, by=by)
    for away in time_off:
        add_time_off(doctor_id, by=by, **away)
    return schedule


@transaction.atomic
def set_availability(
    doctor_id: UUID,
    hospital_id: UUID,
    *,
    by: User,
    weekly_hours: Sequence[slots.Opening] | None = None,
    settings: Mapping[str, int | None] | None = None,
    extra_hours: Sequence[slots.ExtraOpening] = (),
    remove_extra_hours: Collection[UUID] = (),
) -> DoctorSchedule:
    """The doctor's schedule at the hospital has these weekly hours, replacing all earlier ones, and these settings; the
    extra hours come to those that it has, those to be removed are gone.

    None leaves hours and settings as they are; `settings` are of `rules.SCHEDULE_SETTINGS`. Appointments that exist
    stay. Raises NotFound, Forbidden, HoursOverlap, ExtraHoursOverlap, Invalid.
    """
    doctor = _doctor_kept_by(by, doctor_id)
    hospital = _hospital_kept_by(by, doctor, hospital_id)
    calendars.lock(doctor.pk)
    raise_if(rules.why_not_hours(weekly_hours or ()))
    schedule, _is_new = DoctorSchedule.objects.get_or_create(doctor=doctor, hospital=hospital)
    for name in rules.SCHEDULE_SETTINGS:
        setattr(schedule, name, (settings or {}).get(name, getattr(schedule, name)))
    schedule.save()
    if weekly_hours is not None:
        WeeklyHours.objects.filter(schedule=schedule).delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(
                schedule=schedule,
                weekday=opening.weekday,
                starts=opening.starts,
                ends=opening.ends,
                effective_from=opening.effective_from,
                effective_until=opening.effective_until,
            )
            for opening in weekly_hours
        )
    if weekly_hours is not None or extra_hours or remove_extra_hours:
        _change_extra_hours(schedule, extra_hours, remove_extra_hours)
    next_free.refresh_bookable([doctor.pk])
    return schedule


@transaction.atomic
def add_time_off(
    doctor_id: UUID,
    *,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    now: datetime | None = None,
) -> TimeOff:
    """The doctor takes no new appointments anywhere from `starts_at` to `ends_at` (UTC, end exclusive).

    Appointments in the way are displaced: their patients choose what becomes of them. Raises NotFound, Forbidden,
    LeaveOfSharedDoctor, Invalid.
    """
    now = now or timezone.now()
    doctor = _doctor_on_leave_by(by, doctor_id)
    raise_if(rules.why_not_leave(starts_at, ends_at))
    calendars.lock(doctor.pk)
    away = TimeOff.objects.create(doctor=doctor, starts_at=starts_at, ends_at=ends_at, reason=reason)
    displacement.note_displaced(start=starts_at, end=ends_at, doctor_ids=[doctor.pk], time_off=away, by=by, now=now)
    return away


@transaction.atomic
def change_time_off(
    doctor_id: UUID,
    time_off_id: UUID,
    *,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    now: datetime | None = None,
) -> TimeOff:
    """The leave has this period and reason. Appointments that it meets now are displaced; those that it no longer
    meets, and whose patients have not chosen yet, stand after all. Raises NotFound, Forbidden, Invalid."""
    now = now or timezone.now()
    doctor = _doctor_on_leave_by(by, doctor_id)
    raise_if(rules.why_not_leave(starts_at, ends_at))
    calendars.lock(doctor.pk)
    away = TimeOff.objects.filter(doctor=doctor, pk=time_off_id).first()
    if away is None:
        raise NotFound()
    away.starts_at, away.ends_at, away.reason = starts_at, ends_at, reason
    away.save()
    displacement.withdraw(time_off=away, is_removed=False, now=now)
    displacement.note_displaced(start=starts_at, end=ends_at, doctor_ids=[doctor.pk], time_off=away, by=by, now=now)
    return away


@transaction.atomic
def end_time_off(doctor_id: UUID, time_off_id: UUID, *, by: User, now: datetime | None = None) -> None:
    """The doctor is not away then. Appointments whose patients have not chosen yet stand after all. Raises NotFound,
    Forbidden."""
    now = now or timezone.now()
    doctor = _doctor_on_leave_by(by, doctor_id)
    calendars.lock(doctor.pk)
    away = TimeOff.objects.filter(doctor=doctor, pk=time_off_id).first()
    if away is None:
        raise NotFound()
    displacement.withdraw(time_off=away, now=now)
    away.delete()


def _change_extra_hours(
    schedule: DoctorSchedule, added: Sequence[slots.ExtraOpening], removed: Collection[UUID]
) -> None:
    """Also where only the week has changed: what is to come still has to fit into it."""
    every = ExtraHours.objects.filter(schedule=schedule)
    _count, by_model = every.filter(pk__in=removed).delete()
    if by_model.get(ExtraHours._meta.label, 0) != len(set(removed)):
        raise NotFound()
    to_come = Q(day__gte=timezone.now().date() - slots.ONE_DAY)
    beside = every.filter(to_come | Q(day__in={opening.day for opening in added}))
    kept = [slots.ExtraOpening(extra.day, extra.starts, extra.ends) for extra in beside]
    weekly = [
        slots.Opening(hours.weekday, hours.starts, hours.ends, hours.effective_from, hours.effective_until)
        for hours in WeeklyHours.objects.filter(schedule=schedule)
    ]
    raise_if(rules.why_not_extra_hours([*kept, *added], weekly))
    ExtraHours.objects.bulk_create(
        ExtraHours(schedule=schedule, day=opening.day, starts=opening.starts, ends=opening.ends) for opening in added
    )


def _raise_unless_keeper(by: User) -> None:
    if by.role not in rules.HOURS_KEEPERS:
        raise Forbidden()


def _doctor_kept_by(by: User, doctor_id: UUID) -> Doctor:
    _raise_unless_keeper(by)
    doctor: Doctor | None = Doctor.objects.visible_to(by).filter(pk=doctor_id).first()
    if doctor is None:
        raise NotFound()
    return doctor


def _doctor_on_leave_by(by: User, doctor_id: UUID) -> Doctor:
    doctor = _doctor_kept_by(by, doctor_id)
    elsewhere = Affiliation.objects.active().filter(doctor=doctor).exclude(hospital__staff_links__user=by)
    raise_if(rules.why_not_keep_leave(by.role, practises_elsewhere=elsewhere.exists()))
    return doctor


def _hospital_kept_by(by: User, doctor: Doctor, hospital_id: UUID) -> Hospital:
    """The hospital, where the doctor practises or is proposed for, and which is the hospital staff's own."""
    links: dict[str, Any] = {
        "doctor": doctor,
        "status__in": [AffiliationStatus.PENDING, AffiliationStatus.ACTIVE],
    }
    affiliated = Affiliation.objects.visible_to(by).filter(**links)
    hospital: Hospital | None = Hospital.objects.filter(pk=hospital_id, pk__in=affiliated.values("hospital_id")).first()
    if hospital is None:
        raise NotFound()
    return hospital

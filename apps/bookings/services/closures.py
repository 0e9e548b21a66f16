"""Days on which a hospital takes no appointments, or one of its doctors there."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings import rules, selectors, slots
from apps.bookings.models import Closure
from apps.common.exceptions import NotFound, raise_if
from apps.hospitals.models import Affiliation, Doctor, Hospital

from . import calendars, displacement


@transaction.atomic
def add_closure(
    hospital_id: UUID,
    *,
    by: User,
    starts_on: date,
    ends_on: date,
    doctor_id: UUID | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Closure:
    """From the first to the last of these local days the hospital offers no time, or this doctor none there.

    Appointments that lie in these days are displaced: their patients choose what becomes of them. Raises NotFound,
    Forbidden, Invalid.
    """
    now = now or timezone.now()
    hospital = _hospital_kept_by(by, hospital_id, doctor_id)
    raise_if(rules.why_not_closure(starts_on, ends_on))
    doctors = _lock(hospital.pk, doctor_id)
    closure = Closure.objects.create(
        hospital=hospital, doctor_id=doctor_id, starts_on=starts_on, ends_on=ends_on, reason=reason
    )
    _displace(closure, doctors, by=by, now=now)
    return closure


@transaction.atomic
def change_closure(
    closure_id: UUID, *, by: User, starts_on: date, ends_on: date, reason: str = "", now: datetime | None = None
) -> Closure:
    """The closure has these days and this reason. Appointments that it meets now are displaced; those that it no longer
    meets, and that nobody has chosen for yet, stand after all. Raises NotFound, Forbidden, Invalid."""
    now = now or timezone.now()
    closure = _closure_kept_by(by, closure_id)
    raise_if(rules.why_not_closure(starts_on, ends_on))
    doctors = _lock(closure.hospital_id, closure.doctor_id)
    closure = _present(closure.pk)
    closure.starts_on, closure.ends_on, closure.reason = starts_on, ends_on, reason
    closure.save()
    displacement.withdraw(closure=closure, now=now, is_removed=False)
    _displace(closure, doctors, by=by, now=now)
    return closure


@transaction.atomic
def remove_closure(closure_id: UUID, *, by: User, now: datetime | None = None) -> None:
    """The days are as all others. Appointments that nobody has chosen for yet stand after all. Raises NotFound,
    Forbidden."""
    now = now or timezone.now()
    closure = _closure_kept_by(by, closure_id)
    _lock(closure.hospital_id, closure.doctor_id)
    closure = _present(closure.pk)
    displacement.withdraw(closure=closure, now=now)
    closure.delete()


def _displace(closure: Closure, doctors: Collection[UUID], *, by: User, now: datetime) -> None:
    start, end = slots.day_bounds(closure.starts_on, closure.ends_on, closure.hospital.time_zone)
    displacement.note_displaced(
        start=start, end=end, doctor_ids=doctors, hospital_id=closure.hospital_id, closure=closure, by=by, now=now
    )


def _lock(hospital_id: UUID, doctor_id: UUID | None) -> list[UUID]:
    """Nobody books with these doctors until the closure is committed: the one, or all who practise at the hospital, or
    are about to, or have hours there."""
    doctors = [doctor_id] if doctor_id else selectors.doctors_at(hospital_id)
    if doctors:
        calendars.lock(*doctors)
    return doctors


def _hospital_kept_by(by: User, hospital_id: UUID, doctor_id: UUID | None) -> Hospital:
    raise_if(rules.why_not_keep_closure(by.role, is_of_own_doctor=doctor_id is not None))
    hospitals = Hospital.objects.filter(pk=hospital_id)
    if by.role == Role.HOSPITAL_ADMIN:
        hospitals = hospitals.staffed_by(by)
    if doctor_id:
        doctors = Doctor.objects.visible_to(by).filter(pk=doctor_id)
        there = Affiliation.objects.live().filter(doctor__in=doctors)
        hospitals = hospitals.filter(pk__in=there.values("hospital"))
    hospital: Hospital | None = hospitals.first()
    if hospital is None:
        raise NotFound()
    return hospital


def _closure_kept_by(by: User, closure_id: UUID) -> Closure:
    closure: Closure | None = Closure.objects.visible_to(by).filter(pk=closure_id).first()
    if closure is None:
        raise NotFound()
    raise_if(rules.why_not_keep_closure(by.role, is_of_own_doctor=closure.doctor_id is not None))
    return closure


def _present(closure_id: UUID) -> Closure:
    """Read again under the calendars' locks: someone else may have removed it meanwhile."""
    closure: Closure | None = (
        Closure.objects.select_related("hospital").select_for_update(of=("self",)).filter(pk=closure_id).first()
    )
    if closure is None:
        raise NotFound()
    return closure

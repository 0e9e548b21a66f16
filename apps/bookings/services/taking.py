"""Taking time from two calendars: what booking, holding, moving and a payment that comes late have in common."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error, transaction

from apps.accounts.models import User
from apps.bookings import exceptions, rules, selectors, slots
from apps.bookings.models import Appointment, AppointmentEvent
from apps.common.exceptions import DomainError, NotFound, raise_if
from apps.hospitals.models import Doctor

from . import calendars, lapsing, quota
from .people import patient_for

#: Refusals that a fresh choice of free slots helps with.
_HELPED_BY_ALTERNATIVES = (exceptions.SlotTaken, exceptions.DayFull, exceptions.SlotNotOffered, exceptions.SlotTooSoon)


@contextlib.contextmanager
def under_both_calendars(
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    by: User,
    now: datetime,
    apart_from: UUID | None = None,
) -> Iterator[Appointment | None]:
    """One transaction that holds both calendars, in which what was held too long (but `apart_from`) has lapsed; gives
    the hold that the patient has yet. What the database refuses becomes our refusal; one that a fresh choice helps with
    gets the doctor's next free slots, read after the locks are gone."""
    try:
        with transaction.atomic():
            calendars.lock(doctor_id, patient_id)
            yield lapsing.clear_expired(doctor_id, patient_id, now=now, apart_from=apart_from)
    except DomainError as refusal:
        if isinstance(refusal, exceptions.MonthFull):
            quota.tell_of_full(doctor_id, hospital_id, starts_at, now=now)
        _add_alternatives(refusal, doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now)
        raise
    except Error as error:
        read = calendars.refusal_of(error)
        if read is None:
            raise
        _add_alternatives(read, doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now)
        raise read from error


def claim(
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    now: datetime,
    apart_from: UUID | None = None,
    held: Appointment | None = None,
    by: User | None = None,
) -> slots.Slot:
    """The offered slot, read again under the lock and found free for both. What the patient has `held` is never in
    their own way: it lapses, as `by` wants it, where it meets the slot. Raises why not."""
    plan = selectors.calendar_of(doctor_id, now=now).plan_at(hospital_id)
    slot = slots.find(plan, starts_at) if plan else None
    if held and slot and rules.is_for((held.starts_at, held.ends_at), slot.starts_at, slot.ends_at):
        lapsing.lapse([held.pk], by=by, now=now)
    busy = selectors.busy_of(
        doctor_id,
        starts_at,
        starts_at,
        plans=[plan] if plan else [],
        now=now,
        patient_id=patient_id,
        apart_from=apart_from,
    )
    refusal = rules.why_not_book(plan, slot, starts_at, now=now, busy=busy)
    if slot is None or refusal:
        raise refusal or exceptions.SlotNotOffered()
    return slot


def doctor_for(doctor_id: UUID, kind: str, *, now: datetime) -> Doctor:
    """The doctor, who may see patients, and in this way. Raises NotFound, NotLicensedThen, NoTeleconsult."""
    doctor: Doctor | None = Doctor.objects.select_related("user").filter(pk=doctor_id).first()
    if doctor is None:
        raise NotFound()
    raise_if(rules.why_not_licensed(doctor, now.date()))
    raise_if(rules.why_not_kind(kind, offers_teleconsult=doctor.offers_teleconsult))
    return doctor


def take(
    doctor: Doctor,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    by: User,
    now: datetime,
    status: str,
    **more: Any,
) -> Appointment:
    """The slot is the patient's, in this status, with an event of who took it. Under both calendars. Raises what
    claiming it raises, MonthFull, and NotFound for a patient whose account has been closed while we waited."""
    patient = patient_for(by, patient_id)
    slot = claim(doctor.pk, hospital_id, starts_at, patient_id=patient.pk, now=now)
    quota.refuse_if_full(doctor.pk, hospital_id, starts_at, now=now)
    appointment = Appointment.objects.create(
        patient=patient,
        doctor=doctor,
        hospital_id=hospital_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        busy_until=slot.busy_until,
        status=status,
        agreed_at=now,
        fee=doctor.consultation_fee,
        currency=doctor.currency if doctor.consultation_fee is not None else "",
        booked_by=by,
        **more,
    )
    AppointmentEvent.objects.create(appointment=appointment, to_status=status, by=by, at=now)
    return appointment


def _add_alternatives(
    refusal: DomainError,
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    by: User,
    now: datetime,
) -> None:
    if isinstance(refusal, _HELPED_BY_ALTERNATIVES):
        found = selectors.alternatives(doctor_id, hospital_id, starts_at, patient_id=patient_id, now=now)
        refusal.data = {"alternatives": [slots.show(slot, by.time_zone) for slot in found]}

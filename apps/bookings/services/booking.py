"""Taking time: booking a slot, and moving an appointment to another one."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import Error, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import exceptions, notifications, rules, selectors, slots
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import DomainError, NotFound, raise_if
from apps.hospitals.models import Doctor

from . import calendars, care
from .people import patient_for

#: Refusals that a fresh choice of free slots helps with.
_HELPED_BY_ALTERNATIVES = (exceptions.SlotTaken, exceptions.DayFull, exceptions.SlotNotOffered, exceptions.SlotTooSoon)


def book_appointment(
    *,
    by: User,
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    patient_id: UUID | None = None,
    kind: str = Appointment.Kind.IN_PERSON,
    complaint: str = "",
    now: datetime | None = None,
) -> Appointment:
    """The slot that starts at `starts_at` is requested for the patient; patient and doctor are told.

    A patient books for themself; coordinators and admins name `patient_id`. `now` is the clock's unless history is
    loaded.

    Raises Forbidden, NotFound, DoctorNotBookable, NotLicensedThen, SlotNotOffered, SlotTooSoon, SlotBeyondHorizon,
    NoTeleconsult, PatientBusy, and SlotTaken; what a fresh choice helps with carries the doctor's next free slots as
    `alternatives`.
    """
    now = now or timezone.now()
    patient = patient_for(by, patient_id)
    with _taking_time(doctor_id, hospital_id, starts_at, patient_id=patient.pk, by=by, now=now):
        patient = patient_for(by, patient.pk)  # read again under the lock: the account may have been closed
        doctor = Doctor.objects.select_related("user").filter(pk=doctor_id).first()
        if doctor is None:
            raise NotFound()
        raise_if(rules.why_not_licensed(doctor, now.date()))
        raise_if(rules.why_not_kind(kind, offers_teleconsult=doctor.offers_teleconsult))
        slot = _claim(doctor_id, hospital_id, starts_at, patient_id=patient.pk, now=now)
        appointment = Appointment.objects.create(
            patient=patient,
            doctor=doctor,
            hospital_id=hospital_id,
            kind=kind,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            busy_until=slot.busy_until,
            agreed_at=now,
            complaint=complaint,
            fee=doctor.consultation_fee,
            currency=doctor.currency if doctor.consultation_fee is not None else "",
            booked_by=by,
        )
        AppointmentEvent.objects.create(appointment=appointment, to_status=AppointmentStatus.REQUESTED, by=by, at=now)
        care.begin_care(appointment, by=by, now=now)
        notifications.appointment_requested(appointment)
        return appointment


def reschedule_appointment(
    appointment_id: UUID,
    *,
    by: User,
    starts_at: datetime,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """The same appointment, with its payment and history, is at another free slot of the same doctor and hospital.

    Both sides are told, and its version goes up by one. Raises NotFound, StaleVersion, NotReschedulable,
    AlreadyStarted, RescheduleTooLate, RescheduledTooOften, SameTime, and whatever booking that slot would raise.
    """
    now = now or timezone.now()
    seen = Appointment.objects.visible_to(by).filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound()
    with _taking_time(seen.doctor_id, seen.hospital_id, starts_at, patient_id=seen.patient_id, by=by, now=now):
        appointment = Appointment.objects.visible_to(by).lock(appointment_id)
        raise_if(rules.why_not_version(appointment.version, version))
        raise_if(
            rules.why_not_reschedule(
                appointment.status,
                appointment.starts_at,
                times_moved=appointment.times_moved,
                role=by.role,
                now=now,
            )
        )
        if starts_at == appointment.starts_at:
            raise exceptions.SameTime(errors={"starts_at": [exceptions.SameTime.message]})
        raise_if(rules.why_not_licensed(appointment.doctor, now.date()))
        slot = _claim(
            appointment.doctor_id,
            appointment.hospital_id,
            starts_at,
            patient_id=appointment.patient_id,
            apart_from=appointment.pk,
            now=now,
        )
        before = appointment.starts_at
        appointment.move_time(slot.starts_at, slot.ends_at, slot.busy_until, by=by, at=now, note=note)
        care.move_care(appointment, now=now)
        notifications.appointment_rescheduled(appointment, before=before)
        return appointment


@contextlib.contextmanager
def _taking_time(
    doctor_id: UUID, hospital_id: UUID, starts_at: datetime, *, patient_id: UUID, by: User, now: datetime
) -> Iterator[None]:
    """One transaction that holds both calendars. What the database refuses becomes our refusal; one that a fresh choice
    helps with gets the doctor's next free slots, read after the locks are gone."""
    try:
        with transaction.atomic():
            calendars.lock(doctor_id, patient_id)
            yield
    except DomainError as refusal:
        _add_alternatives(refusal, doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now)
        raise
    except Error as error:
        read = calendars.refusal_of(error)
        if read is None:
            raise
        _add_alternatives(read, doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now)
        raise read from error


def _claim(
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    *,
    patient_id: UUID,
    now: datetime,
    apart_from: UUID | None = None,
) -> slots.Slot:
    """The offered slot, read again under the lock and found free for both. Raises why not."""
    plan = selectors.calendar_of(doctor_id, now=now).plan_at(hospital_id)
    slot = slots.find(plan, starts_at) if plan else None
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

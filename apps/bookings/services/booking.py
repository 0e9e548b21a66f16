"""Booking a slot, held before or not, and moving an appointment to another one."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.billing import selectors as billing_selectors
from apps.bookings import exceptions, notifications, querysets, rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import UNASKED, AppointmentStatus
from apps.common.exceptions import NotFound, raise_if

from . import care, displacement, holds, lapsing, money, quota, taking, video
from .people import patient_for


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

    A patient books for themself; coordinators and admins name `patient_id`. What the patient holds becomes this very
    appointment when it is for the same slot, and lapses when it is not. `now` is the clock's unless history is loaded.

    Raises Forbidden, NotFound, DoctorNotBookable, NotLicensedThen, SlotNotOffered, SlotTooSoon, SlotBeyondHorizon,
    DayFull, MonthFull, NoTeleconsult, PatientBusy, and SlotTaken; what a fresh choice helps with carries the doctor's
    next free slots as `alternatives`.
    """
    now = now or timezone.now()
    patient_id = patient_for(by, patient_id).pk
    with taking.under_both_calendars(doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now) as held:
        doctor = taking.doctor_for(doctor_id, kind, now=now)
        if held and (held.doctor_id, held.hospital_id, held.starts_at) == (doctor_id, hospital_id, starts_at):
            return holds.book_held(held, kind=kind, complaint=complaint, by=by, now=now)
        if held:
            lapsing.lapse([held.pk], by=by, now=now)
        appointment = taking.take(
            doctor, hospital_id, starts_at, patient_id=patient_id, by=by, now=now,
            status=AppointmentStatus.REQUESTED, kind=kind, complaint=complaint,
        )  # fmt: skip
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

    Both sides are told, and its version goes up by one. A hold that lapsed before it was paid becomes a request there.
    Raises NotFound, StaleVersion, OnlyHeld, HoldLapsed, NotReschedulable, AlreadyStarted, RescheduleTooLate,
    RescheduledTooOften, SameTime, and whatever booking that slot would raise.
    """
    now = now or timezone.now()
    seen = Appointment.objects.visible_to(by).filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound()
    with taking.under_both_calendars(
        seen.doctor_id, seen.hospital_id, starts_at, patient_id=seen.patient_id, by=by, now=now
    ) as held:
        appointment = Appointment.objects.visible_to(by).lock(appointment_id)
        raise_if(rules.why_not_version(appointment.version, version))
        _raise_unless_movable(appointment, starts_at, by=by, now=now)
        raise_if(rules.why_not_licensed(appointment.doctor, now.date()))
        slot = taking.claim(
            appointment.doctor_id,
            appointment.hospital_id,
            starts_at,
            patient_id=appointment.patient_id,
            apart_from=appointment.pk,
            held=held,
            by=by,
            now=now,
        )
        before = appointment.starts_at
        if appointment.status not in UNASKED and not rules.is_same_month(before, starts_at, slot.zone):
            quota.refuse_if_full(appointment.doctor_id, appointment.hospital_id, starts_at, now=now)
        if starts_at != before:
            appointment.move_time(slot.starts_at, slot.ends_at, slot.busy_until, by=by, at=now, note=note)
        if appointment.status == AppointmentStatus.LAPSED:
            # A slot at the very same time may be a shorter one by now.
            appointment.ends_at, appointment.busy_until = slot.ends_at, slot.busy_until
            money.move_bill(appointment, now=now)
            return holds.request(appointment, by=by, now=now)
        displacement.settle(appointment, by=by, now=now)
        care.move_care(appointment, now=now)
        video.follow(appointment, now=now)
        money.move_bill(appointment, now=now)
        notifications.appointment_rescheduled(appointment, before=before)
        return appointment


def _raise_unless_movable(appointment: Appointment, starts_at: datetime, *, by: User, now: datetime) -> None:
    if appointment.status in UNASKED:
        is_paid = billing_selectors.is_paid(querysets.PAID_AS, appointment.billed_as)
        raise_if(rules.why_not_take_up(appointment.status, role=by.role, is_paid=is_paid))
        return
    raise_if(
        rules.why_not_reschedule(
            appointment.status, appointment.starts_at, times_moved=appointment.times_moved, role=by.role, now=now
        )
    )
    if starts_at == appointment.starts_at:
        raise exceptions.SameTime(errors={"starts_at": [exceptions.SameTime.message]})

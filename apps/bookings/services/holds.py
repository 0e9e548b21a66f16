"""Holding a time while its patient pays, booking it, and what a payment does that arrives in time or too late."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import exceptions, notifications, rules, selectors
from apps.bookings.models import Appointment
from apps.bookings.workflow import UNASKED, AppointmentStatus
from apps.common.exceptions import DomainError, NotFound

from . import care, lapsing, taking
from .people import patient_for


def hold_slot(
    *,
    by: User,
    doctor_id: UUID,
    hospital_id: UUID,
    starts_at: datetime,
    patient_id: UUID | None = None,
    kind: str = Appointment.Kind.IN_PERSON,
    now: datetime | None = None,
) -> Appointment:
    """The slot that starts at `starts_at` is kept for the patient for ten minutes; what they held before is free again.

    Nobody is told, and nobody but the patient and Medivoy's staff sees it. Raises what booking that slot would raise.
    """
    now = now or timezone.now()
    patient_id = patient_for(by, patient_id).pk
    with taking.under_both_calendars(doctor_id, hospital_id, starts_at, patient_id=patient_id, by=by, now=now) as held:
        doctor = taking.doctor_for(doctor_id, kind, now=now)
        if held:
            lapsing.lapse([held.pk], by=by, now=now)
        return taking.take(
            doctor, hospital_id, starts_at, patient_id=patient_id, by=by, now=now,
            status=AppointmentStatus.HELD, held_until=now + rules.HOLD_FOR, kind=kind,
        )  # fmt: skip


def book_held(held: Appointment, *, kind: str, complaint: str, by: User, now: datetime) -> Appointment:
    """What the patient holds is requested, in the way and with the complaint that they say now; it was claimed when it
    was held. Under both calendars. Raises NotFound, DoctorNotBookable."""
    if selectors.calendar_of(held.doctor_id, now=now).plan_at(held.hospital_id) is None:
        raise exceptions.DoctorNotBookable()
    patient_for(by, held.patient_id)  # the account may have been closed while we waited
    held.kind, held.complaint = kind, complaint
    return request(held, by=by, now=now)


def request(appointment: Appointment, *, by: User | None, now: datetime) -> Appointment:
    """What was held, now or once, is requested: the care of it begins, patient and doctor are told."""
    appointment.agreed_at = now
    fields = ("kind", "complaint", "ends_at", "busy_until", "agreed_at")
    appointment.move_to(AppointmentStatus.REQUESTED, by=by, at=now, fields=fields)
    care.begin_care(appointment, by=by, now=now)
    notifications.appointment_requested(appointment)
    return appointment


def payment_arrived(appointment_id: UUID, *, now: datetime | None = None) -> None:
    """What was held is requested now that it is paid for. A hold that has lapsed meanwhile is requested all the same
    where its time is still free; where it is not, the patient reads which times are, and the payment stays with the
    hold until the patient or a coordinator has chosen one of them.

    Never refuses: the money is here. Does nothing for an appointment that is no hold.
    """
    now = now or timezone.now()
    seen = Appointment.objects.filter(pk=appointment_id, status__in=UNASKED).select_related("patient__user").first()
    if seen is None:
        return
    doctor_id, hospital_id, starts_at, patient_id = seen.doctor_id, seen.hospital_id, seen.starts_at, seen.patient_id
    try:
        with taking.under_both_calendars(
            doctor_id, hospital_id, starts_at,
            patient_id=patient_id, by=seen.patient.user, now=now, apart_from=appointment_id,
        ) as held:  # fmt: skip
            _book_paid(appointment_id, held, now=now)
    except DomainError:
        found = selectors.alternatives(doctor_id, hospital_id, starts_at, patient_id=patient_id, now=now)
        notifications.paid_without_time(seen, [slot.starts_at for slot in found])


def _book_paid(appointment_id: UUID, held: Appointment | None, *, now: datetime) -> None:
    """Under both calendars. Raises why its time cannot be taken again."""
    appointment: Appointment = Appointment.objects.select_related("patient__user").lock(appointment_id)
    if appointment.status not in UNASKED:
        return  # somebody booked it while we waited
    if appointment.status == AppointmentStatus.LAPSED:
        if not appointment.patient.user.is_active:
            raise NotFound()
        taking.doctor_for(appointment.doctor_id, appointment.kind, now=now)
        slot = taking.claim(
            appointment.doctor_id, appointment.hospital_id, appointment.starts_at,
            patient_id=appointment.patient_id, held=held, now=now,
        )  # fmt: skip
        appointment.ends_at, appointment.busy_until = slot.ends_at, slot.busy_until
    request(appointment, by=None, now=now)

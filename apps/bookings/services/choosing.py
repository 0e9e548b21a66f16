"""What becomes of an appointment that leave stands in the way of: another time, a colleague, or a refund.

The patient chooses, in the app or by the link, or somebody for them. None of it counts as the patient's doing: no limit
and no cut-off, and the payer pays no more.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import exceptions, notifications, rules, selectors, slots
from apps.bookings.models import Appointment, AppointmentEvent, Displacement
from apps.bookings.workflow import AppointmentStatus, DisplacementChoice, DisplacementStatus
from apps.common.exceptions import DomainError, NotFound, raise_if
from apps.hospitals.models import Doctor

from . import care, displacement, money, progress, taking, video

#: Refusals after which the patient chooses again, from what is free now.
_CHOOSE_AGAIN = (
    exceptions.SlotTaken, exceptions.DayFull, exceptions.SlotNotOffered, exceptions.SlotTooSoon,
    exceptions.SlotBeyondHorizon, exceptions.PatientBusy, exceptions.DoctorNotBookable, exceptions.NotLicensedThen,
    exceptions.ColleagueNotOffered,
)  # fmt: skip


def choose(appointment_id: UUID, choice: str, *, by: User, **given: Any) -> Appointment:
    """One of the three verbs below, `given` what it needs; gives and raises what it does."""
    verbs: dict[DisplacementChoice, Callable[..., Appointment]] = {
        DisplacementChoice.TIME: choose_time,
        DisplacementChoice.COLLEAGUE: choose_colleague,
        DisplacementChoice.REFUND: choose_refund,
    }
    return verbs[DisplacementChoice(choice)](appointment_id, by=by, **given)


def choose_time(appointment_id: UUID, *, by: User, starts_at: datetime, now: datetime | None = None) -> Appointment:
    """The appointment is at another free time of its doctor at its hospital, as after a move; both sides are told.

    Raises NotFound, Forbidden, DisplacementSettled, DisplacementOverdue, and whatever booking that time would raise,
    with what is offered now in `data.offers`.
    """
    now = now or timezone.now()
    seen = _seen(appointment_id, by)
    with _taking_time(seen, seen.doctor_id, starts_at, by=by, now=now) as held:
        appointment, _waiting = _locked(appointment_id, by, now)
        raise_if(rules.why_not_licensed(appointment.doctor, now.date()))
        slot = _claim(appointment, appointment.doctor_id, starts_at, held=held, by=by, now=now)
        before = appointment.starts_at
        displacement.settle(appointment, by=by, now=now, status=DisplacementStatus.MOVED)
        appointment.move_time(slot.starts_at, slot.ends_at, slot.busy_until, by=by, at=now, is_excused=True)
        care.move_care(appointment, now=now)
        video.follow(appointment, now=now)
        money.move_bill(appointment, now=now)
        notifications.appointment_rescheduled(appointment, before=before)
        return appointment


def choose_colleague(
    appointment_id: UUID, *, by: User, doctor_id: UUID, starts_at: datetime, now: datetime | None = None
) -> Appointment:
    """A colleague is asked for in the doctor's place: a new appointment replaces the old one, which is cancelled on
    the doctor's side, and keeps its kind, complaint, fee and payment. Patient and colleague are told. Gives the new
    one.

    Raises NotFound, Forbidden, DisplacementSettled, DisplacementOverdue, ColleagueNotOffered, and whatever booking that
    time would raise, with what is offered now in `data.offers`.
    """
    now = now or timezone.now()
    seen = _seen(appointment_id, by)
    with _taking_time(seen, doctor_id, starts_at, by=by, now=now) as held:
        former, waiting = _locked(appointment_id, by, now)
        colleague: Doctor | None = selectors.colleagues_of(former, now).filter(pk=doctor_id).first()
        if colleague is None:
            raise exceptions.ColleagueNotOffered(errors={"doctor_id": [exceptions.ColleagueNotOffered.message]})
        slot = _claim(former, doctor_id, starts_at, held=held, by=by, now=now)
        progress.call_off(former, cancelled_by=_whose_doing(waiting), by=by, now=now)
        displacement.settle(former, by=by, now=now, status=DisplacementStatus.COLLEAGUE)
        appointment = Appointment.objects.create(
            patient=former.patient, doctor=colleague, hospital=former.hospital, kind=former.kind,
            starts_at=slot.starts_at, ends_at=slot.ends_at, busy_until=slot.busy_until, agreed_at=now,
            complaint=former.complaint, fee=former.fee, currency=former.currency, booked_by=by, replaces=former,
            origin_id=former.billed_as,
        )  # fmt: skip
        AppointmentEvent.objects.create(appointment=appointment, to_status=AppointmentStatus.REQUESTED, by=by, at=now)
        care.begin_care(appointment, by=by, now=now)
        money.move_bill(appointment, now=now)
        notifications.colleague_instead(appointment, former=former)
        return appointment


@transaction.atomic
def choose_refund(appointment_id: UUID, *, by: User, now: datetime | None = None) -> Appointment:
    """The appointment is cancelled on the doctor's side, the patient is told, and what was paid goes back.

    Raises NotFound, Forbidden, DisplacementSettled, DisplacementOverdue."""
    now = now or timezone.now()
    _seen(appointment_id, by)
    appointment, waiting = _locked(appointment_id, by, now)
    progress.call_off(appointment, cancelled_by=_whose_doing(waiting), by=by, now=now)
    displacement.settle(appointment, by=by, now=now, status=DisplacementStatus.REFUND)
    notifications.appointment_cancelled(appointment)
    money.give_back(appointment, called_off_by=appointment.cancelled_by, by=by, now=now)
    return appointment


def _seen(appointment_id: UUID, by: User) -> Appointment:
    return selectors.displacement_of(appointment_id, reader=by).appointment


def _locked(appointment_id: UUID, by: User, now: datetime) -> tuple[Appointment, Displacement]:
    """The appointment and what waits for the choice, read again under the lock: somebody may have been quicker."""
    appointment: Appointment = Appointment.objects.visible_to(by).select_related("doctor").lock(appointment_id)
    waiting: Displacement | None = (
        Displacement.objects.filter(appointment=appointment, version=appointment.version)
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if waiting is None:
        raise exceptions.DisplacementSettled()
    raise_if(rules.why_not_choose(waiting.status, waiting.respond_by, role=by.role, now=now))
    return appointment, waiting


def _claim(
    appointment: Appointment,
    doctor_id: UUID,
    starts_at: datetime,
    *,
    held: Appointment | None,
    by: User,
    now: datetime,
) -> slots.Slot:
    """A free time that the patient can come to; neither what is given up nor what the patient holds is in its way."""
    try:
        return taking.claim(
            doctor_id, appointment.hospital_id, starts_at, patient_id=appointment.patient_id,
            apart_from=appointment.pk, held=held, by=by, now=now,
        )  # fmt: skip
    except NotFound:
        raise exceptions.DoctorNotBookable() from None


def _whose_doing(waiting: Displacement) -> str:
    """The hospital closed, or the doctor is away."""
    return Appointment.CancelledBy.HOSPITAL if waiting.closure_id else Appointment.CancelledBy.DOCTOR


@contextlib.contextmanager
def _taking_time(
    seen: Appointment, doctor_id: UUID, starts_at: datetime, *, by: User, now: datetime
) -> Iterator[Appointment | None]:
    """Both calendars; gives what the patient holds. What a fresh choice helps with carries what is offered now, read
    after the locks are gone."""
    place = (doctor_id, seen.hospital_id, starts_at)
    try:
        with taking.under_both_calendars(*place, patient_id=seen.patient_id, by=by, now=now) as held:
            yield held
    except DomainError as refusal:
        if isinstance(refusal, _CHOOSE_AGAIN):
            refusal.data = {"offers": selectors.offers_for(seen, now=now).show(by.time_zone)}
        raise

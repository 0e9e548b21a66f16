"""Moving an appointment through its statuses, cancelling it, and writing what is said about it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import notifications, rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import NotFound, raise_if

from . import care, displacement, lapsing, money, video


@transaction.atomic
def move_appointment(
    appointment_id: UUID,
    to: str,
    *,
    by: User,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """The appointment has status `to`, with an event of who and when. A confirmation tells both, and asks for the fee
    if that has not been paid yet; a refusal tells the patient (and the coordinators where a colleague was to take
    another's place); that the doctor did not come, the other side and the coordinators. After these two the payer gets
    back all that was paid.

    Raises NotFound, StaleVersion, MoveNotAllowed, Forbidden, AlreadyStarted, TooEarly, NotYetStarted, AbsenceTooEarly,
    AbsenceTooLate, StillDisplaced, and when `to` is cancelled what `cancel_appointment` raises.
    """
    if to == AppointmentStatus.CANCELLED:
        return cancel_appointment(appointment_id, by=by, reason=note, version=version, now=now)
    now = now or timezone.now()
    appointment = _locked(appointment_id, by)
    raise_if(rules.why_not_version(appointment.version, version))
    is_displaced = to == AppointmentStatus.CONFIRMED and displacement.is_waiting(appointment.pk)
    raise_if(
        rules.why_not_move(
            appointment.status, to, appointment.starts_at, role=by.role, now=now, is_displaced=is_displaced
        )
    )
    if to == AppointmentStatus.CONFIRMED:
        appointment.agreed_at = now  # only now have both sides agreed on it
    appointment.move_to(to, by=by, at=now, note=note, fields=("agreed_at",))
    displacement.settle(appointment, by=by, now=now)
    care.move_care(appointment, now=now)
    video.follow(appointment, now=now)
    if to == AppointmentStatus.CONFIRMED:
        notifications.appointment_confirmed(appointment)
        money.ask_for_fee(appointment, by=by, now=now)
    elif to == AppointmentStatus.REJECTED:
        notifications.appointment_declined(appointment)
        if appointment.replaces_id:
            notifications.colleague_declined(appointment)
    elif to == AppointmentStatus.DOCTOR_ABSENT:
        notifications.doctor_did_not_come(appointment, by=by)
    if to in rules.NOT_HELD:
        money.give_back(appointment, called_off_by=Appointment.CancelledBy.HOSPITAL, by=by, now=now)
    return appointment


@transaction.atomic
def cancel_appointment(
    appointment_id: UUID,
    *,
    by: User,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """The appointment is cancelled, and says by whom, when and why; its time is free again, and what was paid for it
    goes back by the terms of its bill.

    The other side is told. What is only held is let go, and nobody is told.
    Raises NotFound, StaleVersion, MoveNotAllowed, Forbidden, AlreadyStarted, CancellationTooLate.
    """
    now = now or timezone.now()
    appointment = _locked(appointment_id, by)
    raise_if(rules.why_not_version(appointment.version, version))
    if appointment.status == AppointmentStatus.HELD:
        return lapsing.let_go(appointment, by=by, now=now)
    raise_if(rules.why_not_cancel(appointment.status, appointment.starts_at, role=by.role, now=now))
    call_off(appointment, cancelled_by=rules.cancelled_by(by.role), by=by, reason=reason, now=now)
    displacement.settle(appointment, by=by, now=now)
    notifications.appointment_cancelled(appointment)
    money.give_back(appointment, called_off_by=appointment.cancelled_by, by=by, now=now)
    return appointment


def call_off(appointment: Appointment, *, cancelled_by: str, by: User, now: datetime, reason: str = "") -> None:
    """The appointment, whose row the caller has locked, is cancelled on `cancelled_by`'s side, and its care is over."""
    appointment.cancelled_by, appointment.cancelled_at, appointment.cancellation_reason = cancelled_by, now, reason
    changed = ("cancelled_by", "cancelled_at", "cancellation_reason")
    appointment.move_to(AppointmentStatus.CANCELLED, by=by, at=now, note=reason, fields=changed)
    care.move_care(appointment, now=now)
    video.follow(appointment, now=now)


@transaction.atomic
def edit_appointment(
    appointment_id: UUID,
    *,
    by: User,
    complaint: str | None = None,
    notes: str | None = None,
    version: int | None = None,
) -> Appointment:
    """The complaint or the doctor's notes say what is given; None leaves them.

    Raises NotFound, StaleVersion, OnlyHeld, HoldLapsed, Forbidden, ComplaintClosed.
    """
    appointment = _locked(appointment_id, by)
    changes = {name: text for name, text in {"complaint": complaint, "notes": notes}.items() if text is not None}
    raise_if(rules.why_not_version(appointment.version, version))
    raise_if(rules.why_not_while_held(appointment.status))
    raise_if(rules.why_not_edit(appointment.status, changes, role=by.role))
    for name, text in changes.items():
        setattr(appointment, name, text)
    if changes:
        appointment.save(update_fields=[*changes, "updated_at"])
    return appointment


def _locked(appointment_id: UUID, by: User) -> Appointment:
    appointments = Appointment.objects.visible_to(by)
    try:
        appointment: Appointment = appointments.lock(appointment_id)
    except Appointment.DoesNotExist:
        raise NotFound() from None
    return appointment

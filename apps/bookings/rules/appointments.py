"""Appointments: who books, moves and cancels them, until when, and how often."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from apps.accounts.roles import Role
from apps.bookings import exceptions, slots, workflow
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import DomainError, Forbidden
from apps.common.workflow import Edge
from apps.hospitals.models import Doctor
from apps.hospitals.workflow import Verification

#: Until so long before the start a patient may cancel or move.
PATIENT_NOTICE = timedelta(hours=2)
#: So often may the time of one appointment be changed.
MAX_RESCHEDULES = 3
#: A patient's arrival is noted at the earliest so long before the start.
EARLIEST_ARRIVAL = timedelta(hours=12)
#: Fresh free slots offered to whoever came too late for one.
ALTERNATIVES = 3
#: The care of an appointment goes on for so long after its end.
CARE_AFTERWARDS = timedelta(days=90)
#: From so long after the start, and until then, it is said that the doctor did not come.
ABSENT_FROM, ABSENT_UNTIL = timedelta(minutes=15), timedelta(days=7)
CARE_OVER = frozenset(
    {
        AppointmentStatus.REJECTED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.DOCTOR_ABSENT,
    }
)
BOOKERS = frozenset({Role.PATIENT, Role.COORDINATOR, Role.ADMIN})
MOVERS = frozenset({Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN})
#: Statuses before the consultation, in which time and complaint are still open.
OPEN = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED})


def may_book(role: str) -> bool:
    """Patients book for themselves; coordinators and platform admins book for a patient. Nobody else books."""
    return role in BOOKERS


def may_read_complaint(role: str) -> bool:
    """The patient, the doctor, the hospital and the coordinator read the complaint; support agents do not."""
    return role in MOVERS


def may_read_notes(role: str) -> bool:
    """The doctor's notes are read by the doctor, the patient, the coordinator and the platform admin."""
    return role in {Role.PATIENT, Role.DOCTOR, Role.COORDINATOR, Role.ADMIN}


def why_not_book(
    plan: slots.Plan | None, slot: slots.Slot | None, starts_at: datetime, *, now: datetime, busy: slots.Busy
) -> DomainError | None:
    """A time is booked when the doctor offers exactly it, neither too soon nor too far ahead, and is not away; whoever
    comes first gets it; and neither the doctor nor the patient is ever in two appointments at once. The doctor is kept
    free for the buffer after each, and takes no more on a day of the hospital's calendar than the cap says. The last
    day on which one is booked is the last day of the doctor's licence, by the hospital's calendar."""
    if plan is None:
        return exceptions.DoctorNotBookable()
    if plan.licence_ends_at and starts_at >= plan.licence_ends_at:
        return exceptions.NotLicensedThen()
    if slot is None:
        return exceptions.SlotNotOffered()
    earliest, latest = plan.bookable(now)
    if slot.starts_at < earliest:
        return exceptions.SlotTooSoon()
    if slot.starts_at >= latest:
        return exceptions.SlotBeyondHorizon()
    if not slots.free([slot], busy.leave):
        return exceptions.SlotNotOffered()
    if not slots.free([slot], busy.doctor, with_buffer=True):
        return exceptions.SlotTaken()
    if slots.is_day_full(plan, slot.starts_at, busy):
        return exceptions.DayFull()
    if not slots.free([slot], busy.patient):
        return exceptions.PatientBusy()
    return None


def why_not_licensed(doctor: Doctor, today: date) -> DomainError | None:
    """A doctor of the directory whose licence has lapsed takes no appointments until the renewed one is approved."""
    is_of_directory = doctor.verification == Verification.APPROVED and doctor.is_active and doctor.is_account_active
    has_lapsed = doctor.licensed_until is not None and doctor.licensed_until < today
    return exceptions.NotLicensedThen() if is_of_directory and has_lapsed else None


def why_not_kind(kind: str, *, offers_teleconsult: bool) -> DomainError | None:
    """A consultation by video is booked only with a doctor who offers them."""
    if kind == "teleconsult" and not offers_teleconsult:
        return exceptions.NoTeleconsult(errors={"kind": [exceptions.NoTeleconsult.message]})
    return None


def why_not_cancel(status: str, starts_at: datetime, *, role: str, now: datetime) -> DomainError | None:
    """A patient cancels until two hours before the start, anyone else until the start."""
    refusal = workflow.APPOINTMENT.why_not_move(status, AppointmentStatus.CANCELLED, role)
    if refusal:
        return refusal
    if now >= starts_at:
        return exceptions.AlreadyStarted()
    if role == Role.PATIENT and now > starts_at - PATIENT_NOTICE:
        return exceptions.CancellationTooLate(hours=PATIENT_NOTICE // timedelta(hours=1))
    return None


def why_not_move(
    status: str, to: str, starts_at: datetime, *, role: str, now: datetime, is_displaced: bool = False
) -> DomainError | None:
    """Requests are confirmed before their time, unless the doctor is away then; arrivals are noted from twelve hours
    before. That a patient did not come is said after the start; that the doctor did not, from fifteen minutes after
    it, and for seven days."""
    if to == AppointmentStatus.CANCELLED:
        return why_not_cancel(status, starts_at, role=role, now=now)
    refusal = workflow.APPOINTMENT.why_not_move(status, to, role)
    if refusal:
        return refusal
    if to == AppointmentStatus.CONFIRMED:
        if now >= starts_at:
            return exceptions.AlreadyStarted()
        if is_displaced:
            return exceptions.StillDisplaced()
    if to == AppointmentStatus.AWAITING and now < starts_at - EARLIEST_ARRIVAL:
        return exceptions.TooEarly(hours=EARLIEST_ARRIVAL // timedelta(hours=1))
    if to == AppointmentStatus.NO_SHOW and now < starts_at:
        return exceptions.NotYetStarted()
    if to == AppointmentStatus.DOCTOR_ABSENT and now < starts_at + ABSENT_FROM:
        return exceptions.AbsenceTooEarly(minutes=ABSENT_FROM // timedelta(minutes=1))
    if to == AppointmentStatus.DOCTOR_ABSENT and now > starts_at + ABSENT_UNTIL:
        return exceptions.AbsenceTooLate(days=ABSENT_UNTIL.days)
    return None


def why_not_reschedule(
    status: str, starts_at: datetime, *, times_moved: int, role: str, now: datetime
) -> DomainError | None:
    """An appointment is moved at most three times and before its start; by the patient until two hours before it."""
    if role not in MOVERS:
        return Forbidden()
    if status not in OPEN:
        return exceptions.NotReschedulable(status=AppointmentStatus(status).label)
    if now >= starts_at:
        return exceptions.AlreadyStarted()
    if times_moved >= MAX_RESCHEDULES:
        return exceptions.RescheduledTooOften(times=MAX_RESCHEDULES)
    if role == Role.PATIENT and now > starts_at - PATIENT_NOTICE:
        return exceptions.RescheduleTooLate(hours=PATIENT_NOTICE // timedelta(hours=1))
    return None


def why_not_edit(status: str, fields: Iterable[str], *, role: str) -> DomainError | None:
    """The complaint is the patient's, or the coordinator's for them, until the consultation; notes are the doctor's."""
    for field in fields:
        if field == "complaint":
            if role not in BOOKERS:
                return Forbidden()
            if status not in OPEN:
                return exceptions.ComplaintClosed()
        elif role != Role.DOCTOR:
            return Forbidden()
    return None


def why_not_version(current: int, expected: int | None) -> DomainError | None:
    """Whoever acts on an appointment they read earlier acts on the time they read, or not at all."""
    return exceptions.StaleVersion() if expected is not None and expected != current else None


def cancelled_by(role: str) -> str:
    """Who cancelled, as the terms of cancellation will ask: the patient, the doctor, the hospital or the platform."""
    return {Role.PATIENT: "patient", Role.DOCTOR: "doctor", Role.HOSPITAL_ADMIN: "hospital"}.get(Role(role), "platform")


def told_of_cancelling(by: str) -> frozenset[str]:
    """Whoever cancels, the other side is told; when the hospital or the platform does, both sides are."""
    return {"patient": frozenset({"doctor"}), "doctor": frozenset({"patient"})}.get(
        by, frozenset({"patient", "doctor"})
    )


def moves_for(
    status: str, starts_at: datetime, *, role: str, now: datetime, is_displaced: bool = False
) -> list[tuple[Edge, DomainError | None]]:
    """The moves declared for this role from the present status, each with what stands against it now, or None."""
    return [
        (edge, why_not_move(status, edge.to, starts_at, role=role, now=now, is_displaced=is_displaced))
        for edge in workflow.APPOINTMENT.moves_from(status, role)
    ]


def care_ends_at(status: str, ends_at: datetime, *, now: datetime) -> datetime:
    """The doctor of an appointment cares for the patient until 90 days after its end; declined, cancelled or not come
    to, no longer than now. It ends by itself, whether or not anybody marks the consultation as completed."""
    return now if status in CARE_OVER else ends_at + CARE_AFTERWARDS


def why_not_close_patient(to_come: int) -> DomainError | None:
    """A patient's account is closed when no appointment is to come any more."""
    return exceptions.AppointmentsToCome(count=to_come) if to_come else None


def why_not_prescribe(status: str) -> DomainError | None:
    """A prescription is written for a consultation that is agreed on, takes place, or took place."""
    called_off = {
        AppointmentStatus.REQUESTED,
        AppointmentStatus.REJECTED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.DOCTOR_ABSENT,
    }
    return exceptions.NoConsultation() if status in called_off else None

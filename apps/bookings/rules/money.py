"""Money of appointments: when they are paid for, until when, and whose cancelling it is by the terms."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.bookings import exceptions
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import DomainError

#: Statuses in which a fee may be asked for and paid.
PAYABLE = frozenset({AppointmentStatus.HELD, AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED})
#: Called off by somebody else than the patient, before or after the confirmation: the payer gets all of it back.
NOT_HELD = frozenset({AppointmentStatus.REJECTED, AppointmentStatus.DOCTOR_ABSENT})
#: Nothing more is owed for these, and what was paid goes back by the bill's terms.
GIVEN_BACK = frozenset({*NOT_HELD, AppointmentStatus.CANCELLED})
#: The fee is due on the day before the appointment, by the payer's calendar.
DUE_BEFORE = timedelta(days=1)


def why_not_pay(
    status: str, held_until: datetime | None, fee: Decimal | None, *, is_paid: bool, now: datetime
) -> DomainError | None:
    """A fee is paid for what is held, requested or confirmed; a hold, before it is over."""
    if status == AppointmentStatus.LAPSED or (
        status == AppointmentStatus.HELD and held_until is not None and held_until <= now
    ):
        return exceptions.HoldLapsed()
    if status not in PAYABLE:
        return exceptions.NotPayable(status=AppointmentStatus(status).label)
    if not fee:
        return exceptions.NothingToPay()
    return exceptions.AlreadyPaid() if is_paid else None


def fee_due_on(status: str, starts_on: date, *, today: date) -> date:
    """What is held is paid for at once; a fee that is asked for later is due the day before, and never before today."""
    return today if status == AppointmentStatus.HELD else max(today, starts_on - DUE_BEFORE)


def terms_actor(called_off_by: str) -> str:
    """Whose cancelling it is by the terms: a doctor's is the hospital's."""
    return "hospital" if called_off_by == "doctor" else called_off_by

"""The safety net below the signals of money: what they should have brought about, found in the rows and done."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from apps.bookings import rules, selectors
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus

from . import holds, money

log = structlog.get_logger(__name__)

#: So many of each kind at a time; the rest follow with the next run.
MOST = 500


def follow_money(now: datetime | None = None) -> int:
    """What is held and paid for is requested; what was paid for an appointment that was called off goes back; bills of
    holds that lapsed, and that nobody is paying any more, are cancelled. Each in a transaction of its own, looked at
    again under its lock, so that two runs do everything once. Gives how many there were."""
    now = now or timezone.now()
    found = selectors.unfinished_money(now=now, most=MOST)
    for appointment_id in found.paid_holds:
        _one(holds.payment_arrived, appointment_id, now)
    for appointment_id in found.called_off:
        _one(_give_back, appointment_id, now)
    let_go = 0
    with transaction.atomic():
        lapsed = Appointment.objects.filter(pk__in=found.lapsed, status=AppointmentStatus.LAPSED).order_by("pk")
        locked = list(lapsed.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
        if locked:
            let_go = money.let_bills_go(locked, by=None, now=now)
    return len(found.paid_holds) + len(found.called_off) + let_go


def _one(do: Callable[..., None], appointment_id: UUID, now: datetime) -> None:
    """One that cannot be done must not stop the others: it is found again with the next run."""
    try:
        do(appointment_id, now=now)
    except (OperationalError, InterfaceError):
        raise  # the database's doing
    except Exception as error:  # noqa: BLE001
        log.warning("money_not_followed", appointment=str(appointment_id), error=type(error).__name__)


@transaction.atomic
def _give_back(appointment_id: UUID, *, now: datetime) -> None:
    appointment: Appointment = Appointment.objects.lock(appointment_id)
    if appointment.status in rules.GIVEN_BACK:
        by_whom = appointment.cancelled_by or Appointment.CancelledBy.HOSPITAL
        money.give_back(appointment, called_off_by=by_whom, by=None, now=now)

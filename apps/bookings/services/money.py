"""The money of appointments: the bill of a fee, and what becomes of it when the appointment moves or is called off.

Whoever calls these has locked the appointment: bills come after it in the order of locks. Bills name the first
appointment of those that took each other's place, so a colleague's keeps the payment.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.billing import rules as billing_rules
from apps.billing import selectors as billing_selectors
from apps.billing import services as billing_services
from apps.billing.models import Bill, Instalment
from apps.bookings import notifications, querysets, rules
from apps.bookings.models import Appointment, Booking
from apps.common.exceptions import Forbidden, NotFound, raise_if

#: How billing's rows name a request for a treatment.
PAID_AS_BOOKING = "booking"
#: What the history of a bill says in whose place another is, with a coupon.
WITH_COUPON = "Billed anew, with a coupon."


@transaction.atomic
def bill_for_appointment(appointment_id: UUID, *, by: User, coupon_code: str = "", now: datetime | None = None) -> Bill:
    """The bill of the appointment's fee, for whoever wants to pay it now: the patient, or a coordinator for them. With
    a coupon, a bill that stands without it is opened anew, unless somebody has begun to pay it.

    Raises NotFound, Forbidden, HoldLapsed, NotPayable, NothingToPay, AlreadyPaid, a coupon's refusals.
    """
    now = now or timezone.now()
    if not rules.may_book(by.role):
        raise Forbidden()
    try:
        appointment: Appointment = Appointment.objects.visible_to(by).lock(appointment_id)
    except Appointment.DoesNotExist:
        raise NotFound() from None
    known = billing_selectors.open_bill_of(querysets.PAID_AS, appointment.billed_as)
    is_paid = known is None and billing_selectors.is_paid(querysets.PAID_AS, appointment.billed_as)
    raise_if(rules.why_not_pay(appointment.status, appointment.held_until, appointment.fee, is_paid=is_paid, now=now))
    code = billing_rules.coupon_code(coupon_code)
    if known and code and billing_selectors.coupon_code_of(known) != code:
        which = [appointment.billed_as]
        if billing_services.cancel_idle_bills(querysets.PAID_AS, which, by=by, reason=WITH_COUPON, now=now):
            known = None
    return known or _open(appointment, by=by, coupon_code=code, now=now)


def ask_for_fee(appointment: Appointment, *, by: User, now: datetime) -> None:
    """The fee of an appointment that has just been confirmed is asked for, and the patient reads until when; nothing
    happens where it was paid before, or has its bill."""
    if not appointment.fee or billing_selectors.open_bill_of(querysets.PAID_AS, appointment.billed_as):
        return
    if not billing_selectors.is_paid(querysets.PAID_AS, appointment.billed_as):
        notifications.fee_due(appointment, _open(appointment, by=by, now=now))


def move_bill(appointment: Appointment, *, now: datetime) -> None:
    """What a cancellation gives back, and when an unpaid fee is due, follow the appointment's new time; payment and
    price stay."""
    bill = billing_selectors.open_bill_of(querysets.PAID_AS, appointment.billed_as)
    if bill:
        billing_services.move_bill(bill.pk, appointment.starts_at, due_on=_due_on(appointment, now), now=now)


def give_back(appointment: Appointment, *, called_off_by: str, by: User | None, now: datetime) -> None:
    """Nothing more is owed for the appointment, and what was paid goes back by the terms of its bill: how much, says
    who called it off. The reason is not passed on: it may be medical."""
    reason = f"{appointment.number}: {appointment.get_status_display()}"
    _give_back(querysets.PAID_AS, appointment.billed_as, reason, called_off_by, by, now)


def give_back_booking(booking: Booking, *, called_off_by: str, by: User, now: datetime) -> None:
    """The same for a request for a treatment."""
    _give_back(PAID_AS_BOOKING, booking.pk, f"{booking.number}: {booking.get_status_display()}", called_off_by, by, now)


def let_bills_go(appointment_ids: Collection[UUID], *, by: User | None, now: datetime) -> int:
    """Nothing is owed for these holds, which have lapsed, but where somebody is just paying: that bill stays until it
    is known what came of it. Gives how many bills there were. One query where there is none."""
    return billing_services.cancel_idle_bills(
        querysets.PAID_AS, appointment_ids, by=by, reason=_("The time is held no longer."), now=now
    )


def _give_back(
    subject_type: str, subject_id: UUID, reason: str, called_off_by: str, by: User | None, now: datetime
) -> None:
    bill = billing_selectors.open_bill_of(subject_type, subject_id)
    if bill:
        actor = rules.terms_actor(called_off_by)
        billing_services.cancel_and_refund(bill.pk, actor=actor, by=by, reason=reason, now=now)


def _due_on(appointment: Appointment, now: datetime) -> date:
    zone = ZoneInfo(appointment.patient.user.time_zone)
    return rules.fee_due_on(
        appointment.status, appointment.starts_at.astimezone(zone).date(), today=now.astimezone(zone).date()
    )


def _open(appointment: Appointment, *, by: User, coupon_code: str = "", now: datetime) -> Bill:
    payer, hospital = appointment.patient.user, appointment.hospital
    due_on = _due_on(appointment, now)
    with translation.override(payer.language):
        # Neither the day, which may change, nor the doctor, whose specialty says something of the patient.
        what = _("Consultation %(number)s at %(hospital)s") % {
            "number": appointment.number, "hospital": hospital.name,
        }  # fmt: skip
    fee: Any = appointment.fee
    return billing_services.open_bill(
        payer=payer,
        currency=appointment.currency,
        lines=[billing_rules.NewLine(what, unit_price=fee)],
        subject_type=querysets.PAID_AS,
        subject_id=appointment.billed_as,
        subject_label=appointment.number,
        hospital=hospital,
        instalments=[billing_rules.NewInstalment(Instalment.Kind.WHOLE, None, due_on)],
        begins_at=appointment.starts_at,
        policy_version=billing_selectors.policy_version_for(querysets.PAID_AS, hospital.pk, now),
        coupon_code=coupon_code,
        by=by,
        now=now,
    )

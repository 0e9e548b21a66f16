"""Every decision about payments that staff record. Pure."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.models import Bill, GatewayCode, Payment
from apps.billing.workflow import RECORDERS, PaymentStatus
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid

#: A payment is entered at the latest so long after it arrived.
ENTERED_WITHIN = timedelta(days=366)


def why_not_record(*, role: str) -> DomainError | None:
    """Coordinators and admins enter what they saw arrive."""
    return None if role in RECORDERS else Forbidden()


def why_wrong_amount(amount: Decimal, currency: str) -> DomainError | None:
    """More than nothing, and no more places than the currency has (ISO 4217): it is refused, not rounded."""
    if amount <= 0:
        return Invalid(errors={"amount": [_("Give an amount above zero.")]})
    if money.quantize(amount, currency) != amount:
        return Invalid(errors={"amount": [_("This currency has fewer decimal places.")]})
    return None


def why_not_received_on(day: date, *, today: date) -> DomainError | None:
    """Money that has arrived arrived today or before, and within a year."""
    if today - ENTERED_WITHIN <= day <= today:
        return None
    return Invalid(errors={"received_on": [_("Give today or an earlier day, within a year.")]})


def why_not_for_bill(bill: Bill, *, payer_id: UUID, currency: str) -> DomainError | None:
    """A bill is paid by its payer, in its currency. Whatever has become of it: the money is here."""
    if bill.payer_id != payer_id:
        return Invalid(errors={"bill": [_("This bill is another person's.")]})
    if bill.currency != currency:
        return Invalid(errors={"currency": [_("This bill is in another currency.")]})
    return None


def why_not_reverse(payment: Payment, *, reason: str) -> DomainError | None:
    """What staff entered is reversed once, with a reason, while nothing of it was given back or is to be."""
    if payment.status == PaymentStatus.CANCELLED:
        return exceptions.AlreadyReversed()
    if payment.gateway != GatewayCode.OFFLINE or payment.status != PaymentStatus.COMPLETED or payment.refunding:
        return exceptions.NotReversible()
    if not reason.strip():
        return Invalid(errors={"reason": [_("Say why.")]})
    return None

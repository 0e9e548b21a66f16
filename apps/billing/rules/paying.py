"""Every decision about paying through a gateway: who, how much, and when the gateway is asked how it stands. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.billing import exceptions, gateways
from apps.billing.models import Payment
from apps.billing.workflow import OWING, PaymentStage
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.common.money import Money

#: How long a gateway's page is open. Counted from the payment's own time, so that the same call asks for the same.
PAGE_OPEN_FOR = timedelta(hours=2)
#: A payment whose call never reached the gateway has failed after so long.
PAGE_EXPECTED_WITHIN = timedelta(hours=1)
#: Waits before the gateway is asked how a payment stands, at first; daily afterwards.
_SOON = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
_DAYS = 14
#: What failed or expired may yet be captured; asked about for so long.
LATE_WITHIN = timedelta(days=4)
#: Somebody who looks at a payment asks the gateway anew after so long, not oftener.
LOOK_AGAIN_AFTER = timedelta(seconds=5)

#: Attempts to apply a webhook, and for how long one waits for what it is about to become known.
MOST_ATTEMPTS = 8
PARKED_FOR = timedelta(days=3)

_PAYERS = frozenset({Role.PATIENT, Role.COORDINATOR, Role.ADMIN})


def why_not_pay(*, role: str) -> DomainError | None:
    """A payer pays their own bills; coordinators and admins open the page for them."""
    return None if role in _PAYERS else Forbidden()


def due_now(owed: Sequence[Money], balance: Money) -> Money:
    """What a payer is asked for who does not say how much: the earliest instalment of which something is owed."""
    nothing = Money.zero(balance.currency)
    return min(next((part for part in owed if part > nothing), balance), balance)


def why_not_owed(status: str, balance: Money) -> DomainError | None:
    """Only what is owed is paid: nobody is led to a page for a bill that is paid or cancelled."""
    if status not in OWING or balance <= Money.zero(balance.currency):
        return exceptions.NothingOwed()
    return None


def why_wrong_part(amount: Decimal, balance: Money, *, due: Money, role: str | None) -> DomainError | None:
    """A part is more than nothing, in whole units of the currency, and not more than is owed. Payers pay at least what
    is due now, as the first money counts as paid for what was sold; staff may agree on less."""
    if amount <= 0 or money.quantize(amount, balance.currency) != amount:
        return Invalid(errors={"amount": [_("Give an amount above zero, in the bill's currency.")]})
    if amount > balance.amount:
        return Invalid(errors={"amount": [_("Less than this is owed.")]})
    if role == Role.PATIENT and amount < due.amount:
        return Invalid(errors={"amount": [_("More than this is due now.")]})
    return None


def why_not_return_to(url: str, origins: Sequence[str]) -> DomainError | None:
    """Nobody is sent on to a page that is not ours or the app's."""
    parts = urlsplit(url)
    if not url or f"{parts.scheme}://{parts.netloc}" in origins:
        return None
    return Invalid(errors={"return_url": [_("This address is not allowed.")]})


def is_live(payment: Payment, now: datetime) -> bool:
    """Whether somebody may be at its page, or on the way there: another page would let them pay twice."""
    if payment.captured or payment.stage not in {PaymentStage.OPEN, PaymentStage.FAILED}:
        return False
    if payment.stage == PaymentStage.FAILED and not payment.checkout_reference:
        return False
    return payment.checkout_expires_at is None or payment.checkout_expires_at > now


def wants_page(payment: Payment) -> bool:
    """Whether the gateway has still to be asked for the page: it never was, or it did not answer."""
    return payment.stage == PaymentStage.OPEN and not payment.checkout_url and payment.mandate_id is None


def next_look_up(payment: Payment, now: datetime) -> datetime | None:
    """When the gateway is asked next how a payment stands, after `look_ups` times; None when it is asked no more.

    Soon at first, and when its page closes; then daily, so that what a lost webhook would have told (a refund made
    there, a dispute) is found.
    """
    if payment.stage in {PaymentStage.EXPIRED, PaymentStage.FAILED} and now > payment.created_at + LATE_WITHIN:
        return None
    if payment.stage == PaymentStage.CANCELLED:
        return None
    times = payment.look_ups
    if payment.captured or payment.stage == PaymentStage.EXPIRED:
        times = max(times, len(_SOON))
    if times < len(_SOON):
        ask = now + _SOON[times]
    elif times < len(_SOON) + _DAYS or payment.withheld:
        ask = now + timedelta(days=1)
    else:
        return None
    ends = payment.checkout_expires_at if payment.stage == PaymentStage.OPEN else None
    return min(ask, ends + _SOON[0]) if ends and ends > now else ask


def retried_at(attempts: int, now: datetime) -> datetime | None:
    """When a webhook that could not be applied is tried again: eight times in all, within some two hours."""
    return None if attempts >= MOST_ATTEMPTS else now + timedelta(seconds=30) * 2 ** (attempts - 1)


def parked_until(attempts: int, *, received_at: datetime, now: datetime) -> datetime | None:
    """News of what we do not know is tried again for three days, less and less often; then it stays for a person."""
    if now - received_at > PARKED_FOR:
        return None
    return now + min(timedelta(minutes=1) * 2 ** min(attempts - 1, 12), timedelta(hours=6))


def why_not_replay(*, sender: str, has_body: bool) -> DomainError | None:
    """What a gateway sent is applied again while we still have it."""
    if sender not in gateways.ONLINE or not has_body:
        return exceptions.NotReplayable()
    return None

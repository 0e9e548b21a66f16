"""Every decision about giving money back. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.models import GatewayCode, Payment, Refund
from apps.billing.workflow import RECORDERS, RefundStatus
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.common.money import Money

#: What is waited before a gateway that did not answer, or has not finished, is asked again; the last one for ever. The
#: first is longer than a call can take, so that no second worker calls beside a first that is still waiting.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (2, 2, 5, 15, 60, 360, 1440))
#: After so many unanswered questions a person is told. Asking goes on.
TOLD_AFTER = 6
#: Whoever gives money back enters it at the latest so long after.
ENTERED_WITHIN = timedelta(days=366)

Row = TypeVar("Row")


def why_not_give_back(*, role: str) -> DomainError | None:
    """Coordinators and admins give money back; what a cancellation gives back follows from its terms."""
    return None if role in RECORDERS else Forbidden()


def why_not_refund(payment: Payment, amount: Money) -> DomainError | None:
    """Money is given back in the payment's own currency, of what was captured and is not given back, on its way back,
    or lost; and none of it while a bank withholds any."""
    if amount.currency != payment.currency:
        return Invalid(errors={"amount": [_("Give an amount in the payment's own currency.")]})
    if amount <= Money.zero(amount.currency):
        return Invalid(errors={"amount": [_("Give an amount above zero.")]})
    if payment.withheld:
        return exceptions.PaymentDisputed()
    left = left_of(payment)
    if amount > left:
        return exceptions.RefundTooLarge(
            data={"left": str(left.amount), "currency": left.currency},
            amount=left.format(translation.get_language() or "en"),
        )
    return None


def left_of(payment: Payment) -> Money:
    """What a refund may take yet: never less than nothing, and nothing while the payment is disputed."""
    nothing = Money.zero(payment.currency)
    return nothing if payment.withheld else max(payment.refundable, nothing)


def why_not_paid_out_by_staff(gateway: str) -> DomainError | None:
    """Staff pay out what no gateway gives back."""
    return None if gateway == GatewayCode.OFFLINE else exceptions.NotPaidOutByStaff()


def why_not_confirm(refund: Refund, *, paid_out_on: date, reference: str, today: date) -> DomainError | None:
    """Staff confirm what they have paid out themselves: on which day, and under which reference."""
    if refusal := why_not_paid_out_by_staff(refund.gateway):
        return refusal
    errors = {}
    if not today - ENTERED_WITHIN <= paid_out_on <= today:
        errors["paid_out_on"] = [_("Give today or an earlier day, within a year.")]
    if not reference.strip():
        errors["reference"] = [_("Give the reference under which it was paid out.")]
    return Invalid(errors=errors) if errors else None


def why_not_finish(*, is_done: bool, outcome: str) -> DomainError | None:
    """A task is done once, by saying what was done."""
    if is_done:
        return exceptions.TaskDone()
    if not outcome.strip():
        return Invalid(errors={"outcome": [_("Say what was done.")]})
    return None


def ask_again_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return _WAITS[min(attempts, len(_WAITS)) - 1]


def spread_refund(amount: Money, left: Iterable[tuple[Row, Money]]) -> list[tuple[Row, Money]]:
    """Which payment gives how much of the amount back: those named first give first. Less than the amount where they
    have less."""
    shares = []
    for row, has in left:
        share = min(has, amount)
        if share:
            shares.append((row, share))
            amount -= share
    return shares


def not_covered(refunds: Sequence[Refund], room: Money) -> list[Refund]:
    """Of refunds under way those that there is no money for any more, as the gateway gave it away otherwise (at its own
    page, or in a dispute): what was never sent goes first, then what it has not confirmed, the newest first. What it
    has confirmed stands."""
    order = sorted(
        refunds, key=lambda refund: (refund.status != RefundStatus.REQUESTED, -refund.created_at.timestamp())
    )
    over = Money.total((refund.value for refund in refunds), room.currency) - room
    dropped = []
    for refund in order:
        if over <= Money.zero(room.currency):
            break
        if not refund.gateway_reference:
            dropped.append(refund)
            over -= refund.value
    return dropped

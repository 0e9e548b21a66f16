"""Cancelling what was sold: the bill falls to what is kept of the money, and the rest goes back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import rules, selectors
from apps.billing.models import Bill, BillEvent, LedgerKind, MoneyTask, Payment, Refund
from apps.billing.workflow import BillStatus, Canceller
from apps.common.exceptions import NotFound
from apps.common.money import Money

from . import bills, ledger, refunds, tasks


@transaction.atomic
def cancel_and_refund(
    bill_id: UUID, *, actor: str, by: User | None, reason: str = "", now: datetime | None = None
) -> list[Refund]:
    """Nothing more is owed; of what was paid, so much is on its way back as the bill's own terms give for a
    cancellation by `actor` (a `Canceller`) now, the newest payments first, each at its gateway; the rest is kept, and
    the bill amounts to just that. Nothing is kept of a bill of which nothing was paid.

    Said again, by whomever, it answers the same refunds and changes nothing. What cannot be refunded now, as a payment
    is disputed, is a task. Whoever sold the subject decides who may cancel, and calls within its own transaction.

    Raises NotFound.
    """
    now = now or timezone.now()
    try:
        bill: Bill = Bill.objects.lock(bill_id)
    except Bill.DoesNotExist:
        raise NotFound() from None
    if bill.cancelled_at:
        return list(Refund.objects.filter(payment__bill=bill, cause=Refund.Cause.CANCELLATION).order_by("created_at"))
    quote = selectors.cancellation_preview(bill, actor, now)
    _reduce(bill, quote.kept, actor=actor, by=by, reason=reason, now=now)
    return _give_back(bill, quote.refund, by=by, reason=reason, now=now)


def _reduce(bill: Bill, kept: Money, *, actor: str, by: User | None, reason: str, now: datetime) -> None:
    """The bill is cancelled; or, where something is kept, credited down to that."""
    bill.cancelled_at, bill.cancelled_as = now, actor
    bill.save(update_fields=["cancelled_at", "cancelled_as", "updated_at"])
    said = reason.strip() or str(Canceller(actor).label)
    if bill.status == BillStatus.CANCELLED:
        return
    if not kept:
        bills.cancel_bill(bill.pk, by=by, reason=said, now=now)
        return
    less = bill.figure("total") - bill.figure("credited") - kept
    if less:
        ledger.enter(LedgerKind.CREDITED, less, key=f"bill:{bill.pk}:reduced", bill=bill, by=by, now=now)
    BillEvent.objects.create(bill=bill, from_status=bill.status, to_status=bill.status, by=by, at=now, note=said)
    ledger.settle_bill(bill, by=by, now=now)


def _give_back(bill: Bill, amount: Money, *, by: User | None, reason: str, now: datetime) -> list[Refund]:
    if not amount:
        return []
    locked = Payment.objects.filter(bill=bill).order_by("pk").select_for_update(of=("self",), no_key=True)
    newest = sorted(locked, key=lambda payment: payment.pk, reverse=True)
    shares = rules.spread_refund(amount, [(payment, rules.left_of(payment)) for payment in newest])
    made = [
        refunds.request_refund(payment.pk, share, by=by, cause=Refund.Cause.CANCELLATION, reason=reason, now=now)
        for payment, share in shares
    ]
    # Money that a dispute withholds: a person gives it back when the dispute is won.
    missing = amount - Money.total((share for _payment, share in shares), amount.currency)
    if missing:
        tasks.open_task(
            MoneyTask.Kind.OVERPAYMENT, key=f"bill:{bill.pk}:cancelled:rest", bill=bill, payment=newest[0],
            amount=missing, now=now,
        )  # fmt: skip
    return made

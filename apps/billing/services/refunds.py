"""Verbs on refunds: ask for one, give it up, confirm what staff paid out, take the gateway's refusal.

A refund speaks for its amount from the moment it is asked for: `payment.refundable` is without it. The worker calls the
gateway (`sending`); what the gateway says of it is applied by `refund_facts`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, notifications, rules
from apps.billing.models import Bill, GatewayCode, LedgerKind, MoneyTask, Payment, Refund
from apps.billing.workflow import REFUND, RefundStatus, Source
from apps.common.exceptions import NotFound, raise_if
from apps.common.money import Money

from . import ledger, tasks

MAX_REASON = 300


@transaction.atomic
def request_refund(
    payment_id: Any, amount: Money, *, by: User | None, cause: str, reason: str = "", now: datetime | None = None
) -> Refund:
    """So much of the payment is on its way back, and the payer is told. A gateway's is sent by the worker within
    seconds; what came outside any gateway waits for staff to pay it out and say so.

    `amount` is in the payment's currency. `by` is whoever cancelled where the cause is a cancellation, which anybody
    may bring about; otherwise a coordinator or admin.

    Raises NotFound, Forbidden, Invalid, PaymentDisputed, RefundTooLarge (with what is left).
    """
    now = now or timezone.now()
    if by is not None and cause != Refund.Cause.CANCELLATION:
        raise_if(rules.why_not_give_back(role=by.role))
    payment = locked_payment(payment_id)
    raise_if(rules.why_not_refund(payment, amount))
    refund = Refund.objects.create(
        payment=payment, gateway=payment.gateway, amount=amount.amount, currency=amount.currency, cause=cause,
        reason=reason.strip()[:MAX_REASON], requested_by=by,
        next_attempt_at=None if payment.gateway == GatewayCode.OFFLINE else now,
    )  # fmt: skip
    source = Source.STAFF if by else Source.SYSTEM
    ledger.settle_payment(payment, code="refund_requested", source=source, by=by, now=now)
    notifications.refund_on_its_way(refund)
    return refund


@transaction.atomic
def refund_payment(
    payment_id: Any,
    amount: Decimal | None,
    *,
    by: User,
    reason: str,
    cause: str = Refund.Cause.STAFF,
    left: Money | None = None,
    task_id: UUID | None = None,
    now: datetime | None = None,
) -> Refund:
    """As `request_refund`, by a person: `amount` in the payment's currency, all that is left where it is None. `left`
    is what they were shown as left: where it is another amount by now, nothing happens. A task that it settles is done.

    Raises NotFound, Forbidden, Invalid, PaymentDisputed, RefundTooLarge, PreviewStale, TaskDone.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_give_back(role=by.role))
    raise_if(rules.why_no_reason(reason))
    payment = locked_payment(payment_id)
    now_left = rules.left_of(payment)
    if left is not None and left != now_left:
        raise exceptions.PreviewStale()
    if amount is None and not now_left:
        raise_if(rules.why_not_refund(payment, Money.from_minor(1, payment.currency)))
    if amount is not None:
        raise_if(rules.why_wrong_amount(amount, payment.currency))
    asked = now_left if amount is None else Money(amount, payment.currency)
    refund = request_refund(payment_id, asked, by=by, cause=cause, reason=reason, now=now)
    if task_id is not None:
        tasks.finish_task(task_id, by=by, outcome=f"{refund.number}: {refund.value}", now=now)
    return refund


@transaction.atomic
def cancel_refund(refund_id: UUID, *, by: User, reason: str, now: datetime | None = None) -> Refund:
    """A refund that was not sent yet is given up; its amount may be refunded again.

    Raises NotFound, Forbidden, Invalid, MoveNotAllowed (it is with the gateway, or done).
    """
    now = now or timezone.now()
    refund = _locked(refund_id, by)
    raise_if(REFUND.why_not_move(refund.status, RefundStatus.CANCELLED, by.role))
    raise_if(rules.why_no_reason(reason))
    refund.next_attempt_at = None
    refund.move_to(RefundStatus.CANCELLED, by=by, at=now, note=reason.strip(), fields=["next_attempt_at"])
    ledger.settle_payment(refund.payment, code="refund_cancelled", source=Source.STAFF, by=by, now=now)
    return refund


@transaction.atomic
def confirm_refund(
    refund_id: UUID, *, by: User, reference: str, paid_out_on: date, note: str = "", now: datetime | None = None
) -> Refund:
    """Staff have paid out what no gateway gives back, on this day (in UTC) and under this reference; the payer is told.

    Raises NotFound, Forbidden, Invalid, NotPaidOutByStaff, MoveNotAllowed (it is done, or was given up).
    """
    now = now or timezone.now()
    refund = _locked(refund_id, by)
    raise_if(rules.why_not_confirm(refund, paid_out_on=paid_out_on, reference=reference, today=now.date()))
    raise_if(REFUND.why_not_move(refund.status, RefundStatus.SUCCEEDED))
    refund.reference, refund.paid_out_on = reference.strip(), paid_out_on
    give_back(refund, by=by, note=note.strip(), now=now, fields=("reference", "paid_out_on"))
    ledger.settle_payment(refund.payment, code="refunded", source=Source.STAFF, by=by, now=now)
    return refund


@transaction.atomic
def refuse_refund(refund_id: UUID, *, code: str, now: datetime) -> Refund:
    """The gateway said no, for good: the amount may be refunded again, and staff have a task. Nothing happens where it
    has said otherwise meanwhile."""
    refund = _locked(refund_id)
    if refund.status != RefundStatus.SENT or refund.gateway_reference:
        return refund
    fail(refund, code=code, now=now)
    ledger.settle_payment(refund.payment, code="refund_failed", source=Source.CALL, note=refund.failure_code, now=now)
    return refund


def give_back(
    refund: Refund, *, by: User | None = None, note: str = "", now: datetime, fields: tuple[str, ...] = ()
) -> None:
    """The money is with the payer: into the ledger, and the payer is told. The caller holds the locks and settles."""
    ledger.enter(
        LedgerKind.REFUNDED, refund.value, key=f"refund:{refund.pk}:succeeded:1", payment=refund.payment,
        refund=refund, by=by, now=now,
    )  # fmt: skip
    refund.next_attempt_at, refund.failure_code = None, ""
    saved = ["next_attempt_at", "failure_code", "gateway_reference", *fields]
    refund.move_to(RefundStatus.SUCCEEDED, by=by, at=now, note=note, fields=saved)
    notifications.refund_given_back(refund)


def fail(refund: Refund, *, code: str, now: datetime) -> None:
    """It has failed: what was given back is here again, and staff have a task. The caller locks and settles."""
    if refund.status == RefundStatus.SUCCEEDED:
        ledger.enter(
            LedgerKind.REFUND_RETURNED, refund.value, key=f"refund:{refund.pk}:returned:1", payment=refund.payment,
            refund=refund, now=now,
        )  # fmt: skip
    refund.next_attempt_at, refund.failure_code = None, code[:60]
    refund.move_to(
        RefundStatus.FAILED, by=None, at=now, fields=["next_attempt_at", "failure_code", "gateway_reference"]
    )
    tasks.open_task(
        MoneyTask.Kind.REFUND_FAILED, key=f"refund:{refund.pk}:failed", payment=refund.payment, refund=refund,
        amount=refund.value, now=now,
    )  # fmt: skip


def locked_payment(payment_id: Any) -> Payment:
    """The payment under its own lock and its bill's, in that order. Raises NotFound."""
    found = Payment.objects.filter(pk=payment_id).values_list("bill", flat=True)
    try:
        [bill_id] = found[:1]
    except ValueError:
        raise NotFound() from None
    if bill_id is not None:
        Bill.objects.lock(bill_id)
    payment: Payment = Payment.objects.lock(payment_id)
    return payment


def _locked(refund_id: UUID, by: User | None = None) -> Refund:
    """The refund after its payment, which is the one that it carries. Raises NotFound, Forbidden."""
    if by is not None:
        raise_if(rules.why_not_give_back(role=by.role))
    payment_id = Refund.objects.filter(pk=refund_id).values_list("payment", flat=True).first()
    if payment_id is None:
        raise NotFound()
    payment = locked_payment(payment_id)
    refund: Refund = Refund.objects.lock(refund_id)
    refund.payment = payment
    return refund

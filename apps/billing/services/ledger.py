"""Entering facts into the ledger, and writing what follows from it onto payments and bills.

Whoever enters holds the bill's lock, then the payment's. Sums are taken from the ledger each time, never counted up, so
that every figure is what its entries add up to.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, DecimalField, F, Q, Sum, Value, When

from apps.accounts.models import User
from apps.billing import rules, signals
from apps.billing.models import Account, Bill, Dispute, LedgerEntry, LedgerKind, Payment, Refund
from apps.billing.workflow import IN_FLIGHT, OWING, BillStatus
from apps.common.money import Money

from . import coupons, invoicing

#: The accounts from which and to which each kind moves money: (to, from). `PAYERS` stands for the payer's side: what
#: is owed by the bill, or the payer's credit where there is no bill.
PAYERS = "payers"
SIDES: dict[str, tuple[str, str]] = {
    LedgerKind.BILLED: (Account.RECEIVABLE, Account.SALES),
    LedgerKind.CREDITED: (Account.SALES, Account.RECEIVABLE),
    LedgerKind.CAPTURED: (Account.GATEWAY, PAYERS),
    LedgerKind.REVERSED: (PAYERS, Account.GATEWAY),
    LedgerKind.REFUNDED: (PAYERS, Account.GATEWAY),
    LedgerKind.REFUND_RETURNED: (Account.GATEWAY, PAYERS),
    LedgerKind.DISPUTED: (Account.WITHHELD, Account.GATEWAY),
    LedgerKind.DISPUTE_WON: (Account.GATEWAY, Account.WITHHELD),
    LedgerKind.DISPUTE_LOST: (PAYERS, Account.WITHHELD),
    LedgerKind.COMMISSION: (Account.SALES, Account.COMMISSION),
    LedgerKind.COMMISSION_BACK: (Account.COMMISSION, Account.SALES),
    LedgerKind.SETTLED: (Account.SALES, Account.HOSPITAL),
    LedgerKind.PAID_OUT: (Account.HOSPITAL, Account.GATEWAY),
}
#: What adds to each of a payment's columns, and what takes from it.
_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "captured": ((LedgerKind.CAPTURED,), (LedgerKind.REVERSED,)),
    "refunded": ((LedgerKind.REFUNDED,), (LedgerKind.REFUND_RETURNED,)),
    "withheld": ((LedgerKind.DISPUTED,), (LedgerKind.DISPUTE_WON, LedgerKind.DISPUTE_LOST)),
    "lost": ((LedgerKind.DISPUTE_LOST,), ()),
}


def enter(
    kind: str,
    amount: Money,
    *,
    key: str,
    bill: Bill | None = None,
    payment: Payment | None = None,
    refund: Refund | None = None,
    dispute: Dispute | None = None,
    hospital_id: UUID | None = None,
    by: User | None = None,
    now: datetime,
) -> bool:
    """The fact stands in the ledger, once for its key; False where it stood there before. The caller holds the locks,
    and calls `settle_payment` (which settles its bill) or `settle_bill` afterwards."""
    if LedgerEntry.objects.filter(key=key).exists():
        return False
    bill = bill or (payment.bill if payment else None)
    payers = Account.RECEIVABLE if bill else Account.CREDIT
    debit, credit = (payers if side == PAYERS else side for side in SIDES[kind])
    LedgerEntry.objects.create(
        at=now, kind=kind, key=key, amount=amount.amount, currency=amount.currency, debit=debit, credit=credit,
        bill=bill, payment=payment, refund=refund, dispute=dispute, by=by,
        hospital_id=hospital_id or (bill.hospital_id if bill else payment.hospital_id if payment else None),
    )  # fmt: skip
    invoicing.note(kind, bill=bill, payment=payment, now=now)
    return True


def settle_payment(
    payment: Payment, *, code: str, source: str, by: User | None = None, note: str = "", now: datetime
) -> Payment:
    """The payment's columns and status, and its bill's, are what the ledger says. An event says what happened (`code`);
    whoever sold the subject hears of the first money (`payment_received`). The caller has locked bill and payment, and
    set other fields on the instance, which are saved with it."""
    had = payment.captured
    sums = rules.Sums(**{name: Money(value, payment.currency) for name, value in sums_of(payment).items()})
    payment.captured, payment.refunded = sums.captured.amount, sums.refunded.amount
    payment.withheld, payment.lost = sums.withheld.amount, sums.lost.amount
    flying = payment.refunds.filter(status__in=IN_FLIGHT).aggregate(sum=Sum("amount", default=Value(0)))["sum"]
    payment.refunding = Money(flying, payment.currency).amount
    status = rules.payment_status(payment.stage, sums)
    payment.stand_at(status, code=code, source=source, by=by, at=now, note=note)
    if payment.bill:
        settle_bill(payment.bill, by=by, now=now)
    if not had and payment.captured and payment.subject_type and payment.subject_id:
        signals.payment_received.send(Payment, payment=payment, now=now)
    return payment


def settle_bill(bill: Bill, *, by: User | None = None, now: datetime) -> Bill:
    """What was credited and paid, what is owed of each instalment, when it is due next, and the status, are what the
    ledger says; whoever sold the subject hears of a new status (`bill_moved`). The caller has locked the bill."""
    side = Q(debit=Account.RECEIVABLE)
    paid = Case(When(side, then=-F("amount")), default=F("amount"), output_field=DecimalField())
    sums = (
        LedgerEntry.objects.filter(bill=bill)
        .filter(side | Q(credit=Account.RECEIVABLE))
        .aggregate(
            credited=Sum("amount", filter=Q(kind=LedgerKind.CREDITED), default=Value(0)),
            paid=Sum(paid, filter=~Q(kind__in=[LedgerKind.BILLED, LedgerKind.CREDITED]), default=Value(0)),
        )
    )
    due = bill.figure("total") - Money(sums["credited"], bill.currency)
    paid_in = Money(sums["paid"], bill.currency)
    bill.credited, bill.paid = Money(sums["credited"], bill.currency).amount, paid_in.amount
    status = rules.bill_status(bill.status, due=due, paid=paid_in)
    parts = list(bill.instalments.order_by("position"))
    is_owing = status in OWING
    owed = rules.still_owed([Money(part.amount, bill.currency) for part in parts], due=due, paid=paid_in)
    for part, left in zip(parts, owed, strict=True):
        amount = left.amount if is_owing else Decimal(0)
        if part.owed != amount:
            part.owed = amount
            part.save(update_fields=["owed", "updated_at"])
    bill.due_on = next((part.due_on for part in parts if part.owed), None)
    before = bill.status
    if status != before:
        bill.move_to(status, by=by, at=now, fields=["credited", "paid", "due_on"])
        coupons.follow(bill, now=now)
        signals.bill_moved.send(Bill, bill=bill, from_status=before, to_status=status, by=by, now=now)
    else:
        bill.save(update_fields=["credited", "paid", "due_on", "updated_at"])
    return bill


def cancel_what_is_owed(bill: Bill, *, by: User | None, note: str = "", now: datetime) -> Bill:
    """Nothing of the bill is owed any more: what was not credited yet is, and it is cancelled. What was paid for it
    stands against it as a negative balance until it is refunded. The caller has locked the bill."""
    left = bill.figure("total") - bill.figure("credited")
    if left:
        enter(LedgerKind.CREDITED, left, key=f"bill:{bill.pk}:cancelled", bill=bill, by=by, now=now)
    before = bill.status
    bill.move_to(BillStatus.CANCELLED, by=by, at=now, note=note)
    coupons.follow(bill, now=now)
    settle_bill(bill, by=by, now=now)
    signals.bill_moved.send(Bill, bill=bill, from_status=before, to_status=bill.status, by=by, now=now)
    return bill


def sums_of(payment: Payment) -> dict[str, Any]:
    """What the ledger's entries of this payment add up to, by column. One query."""
    return LedgerEntry.objects.filter(payment=payment).aggregate(
        **{
            column: Sum(
                Case(When(kind__in=takes, then=-F("amount")), default=F("amount"), output_field=DecimalField()),
                filter=Q(kind__in=[*adds, *takes]),
                default=Value(0),
            )
            for column, (adds, takes) in _COLUMNS.items()
        }
    )

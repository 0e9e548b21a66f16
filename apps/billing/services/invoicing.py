"""What is issued by itself: a paid bill's invoice, an advance payment's receipt, the credit note of what went back.

News of money is written with the ledger's entry, in its transaction (`note`); a job looks at each, and issues what is
lacking. It can be run at any time and side by side: it works out what is lacking under the bill's lock.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from apps.billing import rules, selectors
from apps.billing.models import Bill, Invoice, InvoiceKind, InvoicingNews, LedgerKind, Payment
from apps.common.exceptions import DomainError
from apps.common.money import Money

from . import invoices

log = structlog.get_logger(__name__)

#: News that one run takes at a time.
BATCH = 100
#: How long claimed news are one run's own.
CLAIMED_FOR = timedelta(minutes=5)
#: The longest wait until what was refused (no issuer yet) is looked at again.
MAX_WAIT = timedelta(hours=6)
_MOVES_MONEY = frozenset(
    {
        LedgerKind.CREDITED, LedgerKind.CAPTURED, LedgerKind.REVERSED, LedgerKind.REFUNDED, LedgerKind.REFUND_RETURNED,
        LedgerKind.DISPUTE_LOST,
    }
)  # fmt: skip


def note(kind: str, *, bill: Bill | None, payment: Payment | None, now: datetime) -> None:
    """An entry was made: the job will look at its bill, or at its payment without one."""
    if kind in _MOVES_MONEY and (bill or payment):
        InvoicingNews.objects.create(bill=bill, payment=None if bill else payment, look_at=now)


def issue_due_invoices(*, now: datetime | None = None) -> int:
    """Whatever is paid, received in advance, credited or given back has its paper; gives how many were issued. What
    cannot be issued yet waits, longer each time, and stops nothing else."""
    now = now or timezone.now()
    issued = 0
    while claimed := _claim(now):
        for (bill_id, payment_id), news in _by_subject(claimed).items():
            try:
                issued += _bring_up_to_date(bill_id, payment_id, [one.pk for one in news], now)
            except (OperationalError, InterfaceError):
                raise  # the database's doing: the claims run out
            except DomainError as refusal:
                _put_off(news, refusal.code, now)
            except Exception as error:  # noqa: BLE001  one that is broken must not stop the others
                _put_off(news, type(error).__name__, now)
    return issued


@transaction.atomic
def _claim(now: datetime) -> list[InvoicingNews]:
    due = InvoicingNews.objects.filter(look_at__lte=now).order_by("look_at", "id")
    claimed = list(due.select_for_update(skip_locked=True)[:BATCH])
    InvoicingNews.objects.filter(pk__in=[one.pk for one in claimed]).update(look_at=now + CLAIMED_FOR)
    return claimed


def _by_subject(claimed: list[InvoicingNews]) -> dict[tuple[UUID | None, UUID | None], list[InvoicingNews]]:
    grouped: dict[tuple[UUID | None, UUID | None], list[InvoicingNews]] = {}
    for one in claimed:
        grouped.setdefault((one.bill_id, one.payment_id), []).append(one)
    return grouped


def _bring_up_to_date(bill_id: UUID | None, payment_id: UUID | None, news: list[int], now: datetime) -> int:
    """Paper after paper, each in its own transaction, until none is lacking; then the news are done with. Whoever moves
    money holds the same lock, so nothing comes in between."""
    issued = 0
    while True:
        with transaction.atomic():
            if bill_id is not None:
                made = _next_of_bill(Bill.objects.lock(bill_id), now)
            elif payment_id is not None:
                made = _next_of_payment(Payment.objects.lock(payment_id), now)
            if made is None:
                InvoicingNews.objects.filter(pk__in=news).delete()
                return issued
            issued += 1


def _next_of_bill(bill: Bill, now: datetime) -> Invoice | None:
    """The next paper that is lacking for a bill whose lock is held."""
    invoice = Invoice.objects.filter(bill=bill, kind=InvoiceKind.INVOICE).first()
    due, paid = bill.figure("total") - bill.figure("credited"), bill.figure("paid")
    if invoice is not None:
        credited, _groups = selectors.credited_of(invoice)
        too_much = rules.credit_due_on_invoice(
            invoiced=invoice.figure("total"), credited=credited, due=due, paid=paid,
            refunded_since=selectors.refunded_since(invoice),
        )  # fmt: skip
        return _credit(invoice, too_much, now)
    if due and paid >= due:
        return invoices.issue_invoice(bill.pk, by=None, now=now)
    for payment in Payment.objects.filter(bill=bill, captured__gt=0).order_by("created_at", "id"):
        if made := _next_of_payment(payment, now):
            return made
    return None


def _next_of_payment(payment: Payment, now: datetime) -> Invoice | None:
    """The receipt of a payment without a final invoice, or the credit note of what is not here of it any more."""
    receipt = payment.receipts.filter(kind=InvoiceKind.ADVANCE_RECEIPT).first()
    kept = selectors.kept_of(payment)
    if receipt is None:
        return invoices.issue_advance_receipt(payment.pk, by=None, now=now) if kept else None
    credited, _groups = selectors.credited_of(receipt)
    too_much = rules.credit_due_on_receipt(received=receipt.figure("total"), credited=credited, kept=kept)
    return _credit(receipt, too_much, now)


def _credit(invoice: Invoice, amount: Money, now: datetime) -> Invoice | None:
    return invoices.issue_credit_note(invoice.pk, amount, by=None, reason="", now=now) if amount else None


def _put_off(news: list[InvoicingNews], failure: str, now: datetime) -> None:
    """Looked at again later; said once in the log, with ids only."""
    for one in news:
        wait = min(timedelta(minutes=2 ** min(one.attempts, 12)), MAX_WAIT)
        InvoicingNews.objects.filter(pk=one.pk).update(
            look_at=now + wait, attempts=one.attempts + 1, failure=failure[:60]
        )
    if not news[0].attempts:
        log.warning("invoice_not_issued", news=news[0].pk, failure=failure)

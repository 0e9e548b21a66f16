"""A balance explained: every entry of the ledger in order, what each changed, and whether the figures that are shown
elsewhere are what the entries add up to. The sums are worked out here once more, and not by what wrote the figures."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When, Window

from apps.accounts.models import User
from apps.billing.models import Account, Bill, LedgerEntry, LedgerKind, Payment, PaymentEvent, WebhookEvent
from apps.billing.workflow import OWING
from apps.common.money import Money

#: So many entries, and so many of a payer's bills and payments, are shown: the newest. Balances count all.
MOST = 300
#: The payer's own side: what is owed by bills, and money that is not for any.
PAYERS = (Account.RECEIVABLE, Account.CREDIT)
_DECIMAL = DecimalField(max_digits=20, decimal_places=3)
_PARTS = ("bill", "payment", "refund", "dispute", "by")
#: Which kinds make up each figure of a payment: what adds to it, and what takes from it.
_OF_PAYMENT = {
    "captured": ({LedgerKind.CAPTURED}, {LedgerKind.REVERSED}),
    "refunded": ({LedgerKind.REFUNDED}, {LedgerKind.REFUND_RETURNED}),
    "withheld": ({LedgerKind.DISPUTED}, {LedgerKind.DISPUTE_WON, LedgerKind.DISPUTE_LOST}),
    "lost": ({LedgerKind.DISPUTE_LOST}, set()),
}
_OF_BILL = {
    "total": ({LedgerKind.BILLED}, set()),
    "credited": ({LedgerKind.CREDITED}, set()),
    "paid": (
        {LedgerKind.CAPTURED, LedgerKind.REFUND_RETURNED},
        {LedgerKind.REVERSED, LedgerKind.REFUNDED, LedgerKind.DISPUTE_LOST},
    ),
}


@dataclass(frozen=True)
class Step:
    """One entry: by how much it changed what is owed, and what was owed after it."""

    entry: LedgerEntry
    change: Money
    balance: Money
    webhooks: Sequence[WebhookEvent]


@dataclass(frozen=True)
class Figure:
    """A figure that is shown elsewhere (`column` of `of`), beside what its entries add up to."""

    of: Any
    column: str
    shown: Money
    entered: Money

    @property
    def differs(self) -> bool:
        return self.shown != self.entered


@dataclass(frozen=True)
class Story:
    """`bills` and `payments` are those that it tells of, `is_cut` that there are more."""

    steps: Sequence[Step]
    figures: Sequence[Figure]
    bills: Sequence[Bill]
    payments: Sequence[Payment]
    events: Sequence[PaymentEvent]
    is_cut: bool

    @property
    def differing(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.differs]

    @property
    def balances(self) -> list[Money]:
        """What is owed now, a currency each; below zero what is to be given back."""
        last = {step.balance.currency: step.balance for step in self.steps}
        return [last[currency] for currency in sorted(last)]


def story_of_bill(bill: Bill) -> Story:
    """Of everything that was entered for one bill. Six queries."""
    payments = list(Payment.objects.filter(bill=bill).order_by("created_at", "pk")[:MOST])
    return _story(LedgerEntry.objects.filter(bill=bill), [bill], payments)


def story_of_payer(payer: User) -> Story:
    """Of everything that was entered for what one person owes and pays, bills and payments without one. Seven
    queries."""
    bills = list(Bill.objects.filter(payer=payer).order_by("-created_at", "-pk")[:MOST])
    payments = list(Payment.objects.filter(payer=payer).order_by("-created_at", "-pk")[:MOST])
    entries = LedgerEntry.objects.filter(Q(bill__payer=payer) | Q(bill=None, payment__payer=payer))
    return _story(entries, bills, payments)


def _story(entries: QuerySet[LedgerEntry], bills: Sequence[Bill], payments: Sequence[Payment]) -> Story:
    change = Case(
        When(debit__in=PAYERS, then=F("amount")),
        When(credit__in=PAYERS, then=-F("amount")),
        default=Value(Decimal(0)),
        output_field=_DECIMAL,
    )
    running = Window(Sum("change"), partition_by=F("currency"), order_by=[F("at"), F("id")])
    rows: Any = entries.select_related(*_PARTS).annotate(change=change).annotate(balance=running)
    newest = list(rows.order_by("-at", "-id")[: MOST + 1])
    webhooks = _webhooks(payments)
    steps = [
        Step(
            entry=row,
            change=Money(row.change, row.currency),
            balance=Money(row.balance, row.currency),
            webhooks=[each for each in webhooks[row.payment_id] if each.applied_at == row.at],
        )
        for row in reversed(newest[:MOST])
    ]
    events = PaymentEvent.objects.filter(payment__in=payments).select_related("payment", "by")
    return Story(
        steps=steps,
        figures=[*_figures_of_bills(bills), *_figures_of_payments(payments)],
        bills=bills,
        payments=payments,
        events=list(events.order_by("at", "id")[:MOST]),
        is_cut=len(newest) > MOST or MOST in {len(bills), len(payments)},
    )


def _webhooks(payments: Iterable[Payment]) -> dict[Any, list[WebhookEvent]]:
    """By payment: those that were applied, without their bodies."""
    found: dict[Any, list[WebhookEvent]] = defaultdict(list)
    applied = WebhookEvent.objects.filter(payment__in=payments, applied_at__isnull=False).defer("body")
    for webhook in applied.order_by("applied_at", "pk")[: 4 * MOST]:
        found[webhook.payment_id].append(webhook)
    return found


def _figures_of_bills(bills: Sequence[Bill]) -> list[Figure]:
    sums = _sums_by_kind("bill", bills)
    owed = dict(
        Bill.objects.filter(pk__in=[bill.pk for bill in bills]).values_list("pk").annotate(Sum("instalments__owed"))
    )
    figures = [_figure(bill, column, sums[bill.pk], *kinds) for bill in bills for column, kinds in _OF_BILL.items()]
    # What is owed of a bill is what is owed of its instalments.
    return figures + [
        Figure(bill, "owed", Money(owed.get(bill.pk) or Decimal(0), bill.currency), bill.balance)
        for bill in bills
        if bill.status in OWING
    ]


def _figures_of_payments(payments: Sequence[Payment]) -> list[Figure]:
    sums = _sums_by_kind("payment", payments)
    return [_figure(row, column, sums[row.pk], *kinds) for row in payments for column, kinds in _OF_PAYMENT.items()]


def _figure(row: Any, column: str, sums: dict[str, Decimal], adds: Iterable[str], takes: Iterable[str]) -> Figure:
    entered = sum((sums[kind] for kind in adds), Decimal(0)) - sum((sums[kind] for kind in takes), Decimal(0))
    return Figure(row, column, row.figure(column), Money(entered, row.currency))


def _sums_by_kind(of: str, rows: Sequence[Any]) -> dict[Any, dict[str, Decimal]]:
    """By row: what the entries of each kind add up to. One query."""
    found: dict[Any, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    entries = LedgerEntry.objects.filter(**{f"{of}__in": rows}).order_by()
    for pk, kind, amount in entries.values_list(of, "kind").annotate(Sum("amount")):
        found[pk][kind] += amount
    return found

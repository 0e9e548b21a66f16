"""Our books beside the gateways': what was entered a day and gateway, and what is not as it should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate

from apps.billing.models import GatewayCode, LedgerEntry, LedgerKind, MoneyTask, Payment, WebhookEvent
from apps.billing.workflow import WebhookStatus
from apps.common.money import Money

#: A report tells of so many days at most.
MOST_DAYS = 92
#: What is not as it should be is counted so far.
MOST_COUNTED = 1_000
#: A payment that was due to be asked about so long ago should have been.
ASKED_WITHIN = timedelta(hours=1)
WRONG_WEBHOOKS = (WebhookStatus.PARKED, WebhookStatus.QUARANTINED, WebhookStatus.FAILED)
WRONG_TASKS = (MoneyTask.Kind.MISMATCH, MoneyTask.Kind.UNKNOWN, MoneyTask.Kind.EXTERNAL_REFUND)
#: What adds to each figure of a day, and what takes from it; what was lost is withheld no more.
_FIGURES = {
    "captured": (LedgerKind.CAPTURED, LedgerKind.REVERSED),
    "refunded": (LedgerKind.REFUNDED, LedgerKind.REFUND_RETURNED),
    "withheld": (LedgerKind.DISPUTED, LedgerKind.DISPUTE_WON, LedgerKind.DISPUTE_LOST),
    "lost": (LedgerKind.DISPUTE_LOST,),
}
_KINDS = {kind for kinds in _FIGURES.values() for kind in kinds}


@dataclass(frozen=True)
class Day:
    """What was entered on a day (UTC) of one gateway in one currency."""

    on: date
    gateway: str
    figures: dict[str, Money]


@dataclass(frozen=True)
class Wrong:
    """So many rows of a kind that somebody should look at."""

    what: str
    kind: str
    count: int


@dataclass(frozen=True)
class Asking:
    """Of the payments of a period: how many there are that a gateway can be asked about, and how many are to be asked
    yet."""

    payments: int
    waiting: int


def days_of(first: date, last: date) -> list[Day]:
    """The newest day first. One query."""
    rows: Any = (
        entries_of(first, last)
        .annotate(on=TruncDate("at", tzinfo=UTC))
        .order_by("-on", "payment__gateway", "currency")
        .values("on", "currency", "payment__gateway")
        .annotate(**{name: _sum(adds, takes) for name, (adds, *takes) in _FIGURES.items()})
    )
    return [
        Day(row["on"], row["payment__gateway"], {name: Money(row[name], row["currency"]) for name in _FIGURES})
        for row in rows
    ]


def entries_of(first: date, last: date) -> QuerySet[LedgerEntry]:
    """What was entered of payments from the first day to the last, both included (UTC)."""
    start, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    return LedgerEntry.objects.filter(at__gte=start, at__lt=end, kind__in=_KINDS, payment__isnull=False)


def payments_to_ask(first: date, last: date) -> QuerySet[Payment]:
    """Payments of these entries that a gateway knows."""
    entered = entries_of(first, last).values("payment")
    return Payment.objects.filter(pk__in=entered).exclude(gateway=GatewayCode.OFFLINE)


def asking(first: date, last: date, *, now: datetime) -> Asking:
    rows = payments_to_ask(first, last)
    return Asking(payments=rows.count(), waiting=rows.filter(look_up_at__lte=now).count())


def wrong(*, now: datetime) -> Sequence[Wrong]:
    """Everything between the gateways and us that somebody should look at, but nothing that is well."""
    found = [Wrong("webhook", status, _count(WebhookEvent.objects.filter(status=status))) for status in WRONG_WEBHOOKS]
    open_tasks = MoneyTask.objects.filter(done_at=None)
    found += [Wrong("task", kind, _count(open_tasks.filter(kind=kind))) for kind in WRONG_TASKS]
    known = Payment.objects.filter(look_up_at__isnull=False)
    found.append(Wrong("payment", "unknown", _count(known.filter(is_unknown=True))))
    found.append(Wrong("payment", "not_asked", _count(known.filter(look_up_at__lt=now - ASKED_WITHIN))))
    return [each for each in found if each.count]


def _count(rows: QuerySet[Any]) -> int:
    return len(rows.order_by().values_list("pk")[:MOST_COUNTED])


def _sum(adds: str, takes: Sequence[str]) -> Sum:
    amount = Case(When(kind__in=takes, then=-F("amount")), default=F("amount"), output_field=DecimalField())
    return Sum(amount, filter=Q(kind__in=[adds, *takes]), default=Value(0))

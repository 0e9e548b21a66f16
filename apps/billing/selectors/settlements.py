"""What is not settled yet with a hospital."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.billing import rules
from apps.billing.models import CommissionRate, LedgerEntry, LedgerKind
from apps.common.money import Money
from apps.hospitals.models import Hospital


def unsettled(until: datetime) -> QuerySet[LedgerEntry]:
    """The entries of hospitals' bills before an instant that no settlement holds. Those of a payment that is disputed
    wait until that is decided."""
    return LedgerEntry.objects.filter(
        hospital__isnull=False, bill__isnull=False, kind__in=[*rules.COLLECTS, *rules.RETURNS], at__lt=until,
        settled=None, payment__withheld=0,
    ).exclude(bill__subject_type__in=rules.SOLD_BY_MEDIVOY)  # fmt: skip


def counted(hospital: Hospital, currency: str, until: datetime) -> list[rules.Counted]:
    """The hospital's, in the order in which they came about."""
    of_payment = LedgerEntry.objects.filter(payment=OuterRef("payment"), kind=LedgerKind.CAPTURED).order_by("at", "id")
    rows = unsettled(until).filter(hospital=hospital, currency=currency)
    rows = rows.annotate(paid_at=Coalesce(Subquery(of_payment.values("at")[:1]), "at")).order_by("at", "id")
    zone = ZoneInfo(hospital.time_zone)
    return [
        rules.Counted(pk, bill_id, kind, Money(amount, currency), paid_at.astimezone(zone).date())
        for pk, bill_id, kind, amount, paid_at in rows.values_list("pk", "bill_id", "kind", "amount", "paid_at")
    ]


def rates_of(hospital: Hospital) -> Sequence[rules.Rate]:
    """In the order in which they were entered."""
    rows = CommissionRate.objects.filter(hospital=hospital).order_by("created_at", "pk")
    return [rules.Rate(percent, from_on) for percent, from_on in rows.values_list("percent", "from_on")]


def unsettled_sum(hospital: Hospital, currency: str, until: datetime) -> Money:
    """Collected less returned, of what no settlement holds."""
    rows = unsettled(until).filter(hospital=hospital, currency=currency)
    sums = {True: Money.zero(currency), False: Money.zero(currency)}
    for kind, amount in rows.values_list("kind").annotate(sum=Sum("amount")).order_by():
        sums[kind in rules.COLLECTS] += Money(amount, currency)
    return sums[True] - sums[False]

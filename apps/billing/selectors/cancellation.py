"""What a cancellation would give back, and which terms hold for what is sold now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from apps.billing import rules
from apps.billing.models import Bill, CancellationPolicyVersion
from apps.common.money import Money


@dataclass(frozen=True)
class CancellationPreview:
    """What comes back of what was paid, and what is kept; up to and including `steps_down_at` (None: for good), a
    moment after which it is `then_refund`."""

    paid: Money
    refund: Money
    kept: Money
    percent: int
    steps_down_at: datetime | None
    then_percent: int | None
    then_refund: Money | None


def cancellation_preview(bill: Bill, actor: str, now: datetime) -> CancellationPreview:
    """By the bill's frozen terms, for a cancellation by `actor` now. The terms apply to what was paid of the price;
    what was paid beyond it comes back whole, and what is on its way back counts as given back. One query."""
    flying = bill.payments.aggregate(sum=Sum("refunding"))["sum"] or Decimal(0)
    nothing = Money.zero(bill.currency)
    paid = max(bill.figure("paid") - Money(flying, bill.currency), nothing)
    price = bill.figure("total") - bill.figure("credited")
    of_price = min(paid, price)
    beyond = paid - of_price
    quote = rules.refund_due(bill.terms, actor, bill.begins_at, now, of_price)
    return CancellationPreview(
        paid=paid,
        refund=beyond + quote.amount,
        kept=of_price - quote.amount,
        percent=quote.percent,
        steps_down_at=quote.steps_down_at,
        then_percent=quote.then_percent,
        then_refund=None if quote.then_amount is None else beyond + quote.then_amount,
    )


def policy_version_for(subject_type: str, hospital_id: Any, now: datetime) -> CancellationPolicyVersion | None:
    """The newest published version of the hospital's policy for this, else of the platform's; None where none was ever
    published. What is sold now freezes its snapshot on the bill. Two queries."""
    published = CancellationPolicyVersion.objects.filter(
        policy__subject_type=subject_type, published_at__lte=now
    ).select_related("policy")
    own = published.filter(policy__hospital=hospital_id) if hospital_id else published.none()
    default = published.filter(policy__hospital=None)
    newest = (own | default).order_by(F("policy__hospital").asc(nulls_last=True), "-number")
    return newest.prefetch_related("tiers").first()

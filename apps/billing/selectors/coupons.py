"""Coupons and what they are worth, as they are asked for."""

from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.billing import rules
from apps.billing.models import Bill, Coupon, CouponRedemption, RedemptionStatus
from apps.common.exceptions import DomainError
from apps.common.money import Money


def with_uses(coupons: QuerySet[Coupon]) -> QuerySet[Coupon]:
    """Of each how often it is `redeemed`, and `held` by an unpaid bill."""

    def counted(status: str) -> Coalesce:
        uses = CouponRedemption.objects.filter(coupon=OuterRef("pk"), status=status).order_by()
        return Coalesce(Subquery(uses.values("coupon").annotate(count=Count("pk")).values("count")), 0)

    return coupons.annotate(redeemed=counted(RedemptionStatus.REDEEMED), held=counted(RedemptionStatus.HELD))


def coupon_rows(user: User) -> QuerySet[Coupon]:
    """The coupons that this person keeps or looks at, with how often each is used."""
    return with_uses(Coupon.objects.visible_to(user))


def coupon_offer(
    code: str, price: Money, *, subject_type: str, payer: User, now: datetime
) -> tuple[Coupon | None, Money, DomainError | None]:
    """The coupon with this code, what it takes off the price, and why it does not; None where there is none. Two
    queries."""
    nothing = Money.zero(price.currency)
    code = rules.coupon_code(code)
    found = Coupon.objects.filter(code=code).first() if rules.is_coupon_code(code) else None
    if found is None:
        return None, nothing, None
    refusal = rules.why_not_coupon(found, price=price, subject_type=subject_type, now=now)
    if refusal is None:
        used, own = coupon_uses(found, payer)
        refusal = rules.why_used_up(found, used=used, used_by_payer=own)
    return found, nothing if refusal else rules.coupon_discount(found, price), refusal


def coupon_code_of(bill: Bill) -> str:
    """The code of the coupon that was taken with the bill; empty without one. One query."""
    return CouponRedemption.objects.filter(bill=bill).values_list("coupon__code", flat=True).first() or ""


def coupon_uses(coupon: Coupon, payer: User) -> tuple[int, int]:
    """How often it is used, in all and by this person: what unpaid bills hold counts. One query."""
    counts = CouponRedemption.objects.filter(
        coupon=coupon, status__in=[RedemptionStatus.HELD, RedemptionStatus.REDEEMED]
    ).aggregate(all=Count("pk"), own=Count("pk", filter=Q(payer=payer)))
    return counts["all"], counts["own"]

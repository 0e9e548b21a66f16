"""A coupon: its note is for whoever keeps coupons and for coordinators; whoever knows its code may try it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from apps.billing.models import Coupon, CouponRedemption

_COUPON = "/api/v1/coupons/{coupon}"

BODIES: dict[tuple[str, str], Callable[[Any, str], Any]] = {
    ("POST", "/api/v1/coupons"): lambda world, actor: {"kind": "percent", "percent": "10"},
    ("PATCH", _COUPON): lambda world, actor: {"total_limit": 5},
}


def build_shared(world: Any, *, desk: frozenset[str]) -> None:
    note = world.canary(desk)
    world.rows["coupon"] = Coupon.objects.create(code="WORLD10", note=note, kind="percent", percent=10)
    for side in "ab":
        bill = world.rows[f"uninvoiced_bill_{side}"]
        CouponRedemption.objects.create(
            coupon=world.rows["coupon"], bill=bill, payer=bill.payer, amount=1, currency=bill.currency
        )
    world.rows["coupon_code"] = SimpleNamespace(pk="WORLD10?amount=10&currency=USD")


def multiply(count: int) -> None:
    Coupon.objects.bulk_create(Coupon(kind="percent", percent=10) for _number in range(count))

"""Verbs on coupons: make one, change it, end it; and take it with a bill, redeem it, give it back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.billing import exceptions, rules, selectors
from apps.billing.models import Bill, Coupon, CouponRedemption, RedemptionStatus, new_coupon_code
from apps.common.exceptions import Conflict, NotFound, raise_if
from apps.common.money import Money

#: All that a coupon says; what is not given when it is made is as the model has it.
COLUMNS = (
    "code", "note", "kind", "percent", "amount", "currency", "minimum", "cap", "valid_from", "valid_until",
    "total_limit", "user_limit", "applies_to", "is_active",
)  # fmt: skip
#: What may change once a coupon has been used.
_STILL_OPEN = frozenset({"note", "valid_from", "valid_until", "total_limit", "user_limit", "is_active"})


@transaction.atomic
def create_coupon(*, by: User, **given: Any) -> Coupon:
    """A coupon as `given` says (see COLUMNS); without a code it gets one that nobody guesses.

    Raises Forbidden, Invalid, CouponCodeTaken.
    """
    raise_if(rules.why_not_keep_coupons(is_platform_admin=by.is_platform_admin))
    coupon = Coupon(**{"code": new_coupon_code(), **_tidy(given)})
    raise_if(rules.why_wrong_coupon(_said(coupon)))
    try:
        with transaction.atomic():
            coupon.save(force_insert=True)
    except IntegrityError:
        if Coupon.objects.filter(code=coupon.code).exists():
            raise exceptions.CouponCodeTaken() from None
        raise
    return coupon


@transaction.atomic
def update_coupon(coupon_id: UUID, *, by: User, **changes: Any) -> Coupon:
    """What a used coupon takes off, and its code, stay; when and how often it is good may change.

    Raises NotFound, Forbidden, Invalid, CouponInUse, CouponCodeTaken.
    """
    raise_if(rules.why_not_keep_coupons(is_platform_admin=by.is_platform_admin))
    coupon = _locked(coupon_id)
    before = _said(coupon)
    for name, value in _tidy(changes).items():
        setattr(coupon, name, value)
    changed = {name for name, value in _said(coupon).items() if value != before[name]}
    if changed - _STILL_OPEN and coupon.redemptions.exists():
        raise exceptions.CouponInUse()
    raise_if(rules.why_wrong_coupon(_said(coupon)))
    try:
        with transaction.atomic():
            coupon.save(update_fields=[*changed, "updated_at"])
    except IntegrityError:
        if Coupon.objects.exclude(pk=coupon.pk).filter(code=coupon.code).exists():
            raise exceptions.CouponCodeTaken() from None
        raise
    return coupon


@transaction.atomic
def remove_coupon(coupon_id: UUID, *, by: User) -> None:
    """Nobody uses it any more: it is gone if nobody ever did, otherwise it stays, inactive.

    Raises NotFound, Forbidden.
    """
    raise_if(rules.why_not_keep_coupons(is_platform_admin=by.is_platform_admin))
    coupon = _locked(coupon_id)
    if coupon.redemptions.exists():
        coupon.is_active = False
        coupon.save(update_fields=["is_active", "updated_at"])
    else:
        coupon.delete()


def by_code(code: str) -> Coupon:
    """Raises CouponUnknown."""
    code = rules.coupon_code(code)
    coupon = Coupon.objects.filter(code=code).first() if rules.is_coupon_code(code) else None
    if coupon is None:
        raise exceptions.CouponUnknown()
    return coupon


def worth(coupon: Coupon, *, price: Money, subject_type: str, now: datetime) -> Money:
    """What the coupon takes off this price, if it is good for it; its limits are looked at when it is held. Raises a
    coupon's refusals."""
    raise_if(rules.why_not_coupon(coupon, price=price, subject_type=subject_type, now=now))
    return rules.coupon_discount(coupon, price)


def hold(coupon: Coupon, bill: Bill, amount: Money, *, price: Money, now: datetime) -> CouponRedemption:
    """The bill has taken `amount` off by this coupon, which is now used once more. Decided anew under the coupon's
    lock, so that its limits hold however many come at once. The caller holds the bill.

    Raises a coupon's refusals, and Conflict where it was changed meanwhile.
    """
    coupon = _locked(coupon.pk)
    if worth(coupon, price=price, subject_type=bill.subject_type, now=now) != amount:
        raise Conflict()
    used, own = selectors.coupon_uses(coupon, bill.payer)
    raise_if(rules.why_used_up(coupon, used=used, used_by_payer=own))
    return CouponRedemption.objects.create(
        coupon=coupon, bill=bill, payer=bill.payer, amount=amount.amount, currency=amount.currency
    )


def follow(bill: Bill, *, now: datetime) -> None:
    """The bill's status has changed, and the coupon it holds is redeemed with it or given back. The caller holds the
    bill; giving back needs no lock of the coupon, as it only makes room."""
    if rules.redeems_coupon(bill.status):
        status = RedemptionStatus.REDEEMED
    elif rules.gives_coupon_back(bill.status):
        status = RedemptionStatus.RELEASED
    else:
        return
    CouponRedemption.objects.filter(bill=bill, status=RedemptionStatus.HELD).update(
        status=status, settled_at=now, updated_at=now
    )


def _tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - set(COLUMNS):
        raise TypeError(f"a coupon has no {sorted(unknown)}")
    if given.get("code"):
        return {**given, "code": rules.coupon_code(given["code"])}
    return {name: value for name, value in given.items() if name != "code"}


def _said(coupon: Coupon) -> dict[str, Any]:
    return {name: getattr(coupon, name) for name in COLUMNS}


def _locked(coupon_id: UUID) -> Coupon:
    try:
        return Coupon.objects.lock(coupon_id)
    except Coupon.DoesNotExist:
        raise NotFound() from None

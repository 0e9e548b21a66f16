"""Coupons: what one takes off, for whom, when and how often. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.models import Coupon
from apps.billing.workflow import BillStatus
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid, Text
from apps.common.money import Money

_HUNDRED = Decimal(100)
_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{1,30}[A-Z0-9])")
_SUBJECT = re.compile(r"[a-z][a-z_]{0,29}")
_MAX_KINDS = 10
Problems = Iterator[tuple[str, Text]]


def coupon_code(text: str) -> str:
    """A code is the same in capitals and small letters, with blanks around it or without."""
    return text.strip().upper()


def is_coupon_code(code: str) -> bool:
    """Whether it could be one at all: letters, digits and hyphens between them."""
    return _CODE.fullmatch(code) is not None


def coupon_discount(coupon: Coupon, price: Money) -> Money:
    """So many percent of the price, at most the cap; or the fixed amount. Never more than the price."""
    if coupon.kind == Coupon.Kind.FIXED:
        off = Money(coupon.amount or Decimal(0), price.currency)
    else:
        off = Money(price.amount * (coupon.percent or Decimal(0)) / _HUNDRED, price.currency)
        if coupon.cap is not None:
            off = min(off, Money(coupon.cap, price.currency))
    return min(off, price)


def why_not_coupon(coupon: Coupon, *, price: Money, subject_type: str, now: datetime) -> DomainError | None:
    """A coupon is good while it is active, from and through its times, for the kinds it names, in its currency, and
    from its minimum. `subject_type` "" is not asked."""
    if not coupon.is_active:
        return exceptions.CouponInactive()
    if coupon.valid_from is not None and now < coupon.valid_from:
        return exceptions.CouponNotYetValid()
    if coupon.valid_until is not None and now >= coupon.valid_until:
        return exceptions.CouponExpired()
    if subject_type and coupon.applies_to and subject_type not in coupon.applies_to:
        return exceptions.CouponForOtherThings()
    if coupon.currency and coupon.currency != price.currency:
        return exceptions.CouponInOtherCurrency(currency=coupon.currency)
    if coupon.minimum is not None and price < Money(coupon.minimum, price.currency):
        return exceptions.CouponBelowMinimum()
    return None


def why_used_up(coupon: Coupon, *, used: int, used_by_payer: int) -> DomainError | None:
    """No more often than its limits say, in all and by one person; what unpaid bills hold counts."""
    if coupon.user_limit is not None and used_by_payer >= coupon.user_limit:
        return exceptions.CouponUsedByPayer()
    if coupon.total_limit is not None and used >= coupon.total_limit:
        return exceptions.CouponUsedUp()
    return None


def gives_coupon_back(status: str) -> bool:
    """A bill that is cancelled before it was paid gives its coupon back."""
    return status == BillStatus.CANCELLED


def redeems_coupon(status: str) -> bool:
    """A coupon is used for good once its bill is paid, whatever becomes of the bill later."""
    return status in {BillStatus.PAID, BillStatus.OVERPAID}


def why_not_keep_coupons(*, is_platform_admin: bool) -> DomainError | None:
    """Platform admins make coupons and change them."""
    return None if is_platform_admin else Forbidden()


def why_wrong_coupon(given: Mapping[str, Any]) -> DomainError | None:
    """What a coupon says must be possible: a percentage or an amount, amounts in its currency's own places, an end
    after its beginning. `given` are all its columns."""
    problems = {name: [text] for name, text in _problems(given)}
    return Invalid(errors=problems) if problems else None


def _problems(given: Mapping[str, Any]) -> Problems:
    if not is_coupon_code(given["code"]):
        yield "code", _("Give 3 to 32 letters, digits and hyphens.")
    yield from _problems_of_percent(given) if given["kind"] == Coupon.Kind.PERCENT else _problems_of_fixed(given)
    yield from _problems_of_amounts(given)
    if given["valid_from"] and given["valid_until"] and given["valid_until"] <= given["valid_from"]:
        yield "valid_until", _("The end is after the beginning.")
    kinds = given["applies_to"]
    if len(kinds) > _MAX_KINDS or not all(isinstance(kind, str) and _SUBJECT.fullmatch(kind) for kind in kinds):
        yield "applies_to", _("Name kinds such as appointment, booking or subscription.")
    for limit in ("total_limit", "user_limit"):
        if given[limit] is not None and given[limit] < 1:
            yield limit, _("Allow at least one use.")


def _problems_of_percent(given: Mapping[str, Any]) -> Problems:
    if given["percent"] is None or not 0 < given["percent"] <= _HUNDRED:
        yield "percent", _("Give more than 0 and at most 100 percent.")
    if given["amount"] is not None:
        yield "amount", _("A coupon takes off percent or an amount, not both.")


def _problems_of_fixed(given: Mapping[str, Any]) -> Problems:
    if given["amount"] is None or given["amount"] <= 0:
        yield "amount", _("Give an amount above zero.")
    if given["percent"] is not None:
        yield "percent", _("A coupon takes off percent or an amount, not both.")
    if given["cap"] is not None:
        yield "cap", _("A fixed amount needs no cap.")


def _problems_of_amounts(given: Mapping[str, Any]) -> Problems:
    currency = given["currency"]
    amounts = {name: given[name] for name in ("amount", "minimum", "cap") if given[name] is not None}
    if amounts and not currency:
        yield "currency", _("Say which currency the amounts are in.")
    elif currency and not money.is_currency(currency):
        yield "currency", _("This is not a currency code.")
    elif currency:
        for name, amount in amounts.items():
            if amount < 0:
                yield name, _("Give amounts of nothing or more.")
            elif money.quantize(amount, currency) != amount:
                yield name, _("This currency has fewer decimal places.")

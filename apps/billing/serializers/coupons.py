"""Coupons as they are asked for and answered."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.billing.models import Coupon
from apps.billing.models.coupons import MAX_CODE
from apps.common import money
from apps.common.exceptions import DomainError
from apps.common.money import DECIMAL_PLACES, MAX_DIGITS, Money

_MAX_LIMIT = 1_000_000_000


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, **options)


class CouponInput(serializers.Serializer):
    """A coupon that takes off percent (up to a cap), or a fixed amount."""

    code = serializers.CharField(
        max_length=MAX_CODE, required=False, help_text="Letters, digits, hyphens; without one it gets a random code."
    )
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="Read by staff only.")
    kind = serializers.ChoiceField(choices=Coupon.Kind.choices)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2, required=False, allow_null=True)
    amount = _amount(required=False, allow_null=True)
    currency = serializers.CharField(
        max_length=3, required=False, allow_blank=True, help_text="ISO 4217 code; the coupon is then for it alone."
    )
    minimum = _amount(required=False, allow_null=True, help_text="From a bill of so much.")
    cap = _amount(required=False, allow_null=True, help_text="The most that percent take off.")
    valid_from = serializers.DateTimeField(required=False, allow_null=True)
    valid_until = serializers.DateTimeField(required=False, allow_null=True)
    total_limit = serializers.IntegerField(min_value=1, max_value=_MAX_LIMIT, required=False, allow_null=True)
    user_limit = serializers.IntegerField(min_value=1, max_value=_MAX_LIMIT, required=False, allow_null=True)
    applies_to = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=10, required=False,
        help_text="Kinds of what is sold: appointment, booking, subscription. None: all.",
    )  # fmt: skip
    is_active = serializers.BooleanField(required=False)


class CouponChanges(CouponInput):
    """What is to change of a coupon."""

    kind = serializers.ChoiceField(choices=Coupon.Kind.choices, required=False)


class CouponShown(serializers.Serializer):
    """A coupon, and how often it is used: by paid bills, and held by unpaid ones."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Coupon.Kind.choices)
    percent = serializers.CharField(allow_null=True)
    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)
    minimum = serializers.CharField(allow_null=True)
    cap = serializers.CharField(allow_null=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    total_limit = serializers.IntegerField(allow_null=True)
    user_limit = serializers.IntegerField(allow_null=True)
    applies_to = serializers.ListField(child=serializers.CharField())
    is_active = serializers.BooleanField()
    redeemed = serializers.IntegerField()
    held = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class CouponAsked(serializers.Serializer):
    """For which price a coupon is to be looked at."""

    amount = _amount(min_value=0, help_text="The price before tax is added and after other discounts.")
    currency = serializers.CharField(max_length=3, validators=[money.validate_currency], help_text="ISO 4217 code.")
    applies_to = serializers.CharField(
        max_length=30, required=False, default="", help_text="What is bought: appointment, booking, subscription."
    )


class CouponOffer(serializers.Serializer):
    """Whether the coupon is good for the caller and this price now, and what it takes off; if not, why not."""

    code = serializers.CharField()
    is_valid = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="A code such as billing.coupon_expired.")
    message = serializers.CharField(allow_blank=True, help_text="The reason in the reader's language.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    discount = serializers.CharField(help_text="Decimal in the currency's own places.")
    amount = serializers.CharField(help_text="What is left of the price.")


#: The columns of `coupon`.
COUPON_ROW = (
    "id", "code", "note", "kind", "percent", "amount", "currency", "minimum", "cap", "valid_from", "valid_until",
    "total_limit", "user_limit", "applies_to", "is_active", "redeemed", "held", "created_at",
)  # fmt: skip


def coupon(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of CouponShown, from a row with the columns of COUPON_ROW."""
    return {
        **{name: row[name] for name in COUPON_ROW},
        **{
            name: None if row[name] is None else str(Money(row[name], row["currency"]).amount)
            for name in ("amount", "minimum", "cap")
        },
        "percent": None if row["percent"] is None else f"{row['percent'].normalize():f}",
    }


def coupon_offer(code: str, price: Money, discount: Money, refusal: DomainError | None) -> dict[str, Any]:
    """The answer of CouponOffer."""
    return {
        "code": code,
        "is_valid": refusal is None,
        "reason": refusal.code if refusal else "",
        "message": refusal.text if refusal else "",
        "currency": price.currency,
        "discount": str(discount.amount),
        "amount": str((price - discount).amount),
    }

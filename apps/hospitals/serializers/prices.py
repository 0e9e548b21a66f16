"""Prices going in and out: an amount as text, so that nothing rounds it on the way, with its currency."""

from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.common import money
from apps.common.money import Money
from apps.hospitals.selectors import AskedPrices


class RateInfo(serializers.Serializer):
    """The exchange rates that a conversion used."""

    source = serializers.CharField(help_text="Whose they are, such as ECB.")
    on = serializers.DateField(help_text="Of which day: the older, if two were needed.")
    is_old = serializers.BooleanField(help_text="Longer ago than the source takes to publish new ones.")


class ConvertedPrice(serializers.Serializer):
    """A price in the currency that was asked for; what is paid is the price in its own."""

    amount = serializers.CharField()
    currency = serializers.CharField()
    rate = RateInfo()


class Price(serializers.Serializer):
    """A price in its own currency, and converted where another one was asked for and there is a rate."""

    amount = serializers.CharField(help_text="A decimal with the currency's own number of places.")
    currency = serializers.CharField()
    converted = ConvertedPrice(allow_null=True)

    @staticmethod
    def of(amount: Decimal | str, currency: str, prices: AskedPrices, today: date) -> dict[str, Any]:
        price = Money(Decimal(amount), currency)
        return {
            "amount": str(price.amount),
            "currency": price.currency,
            "converted": prices.converted(price, today),
        }


class PriceField(serializers.DecimalField):
    """An amount; that it fits its currency is looked at with it (`rules.why_wrong_price`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, **kwargs)


class CurrencyField(serializers.CharField):
    """An ISO 4217 code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=3, validators=[money.validate_currency], **kwargs)

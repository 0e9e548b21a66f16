"""Amounts with their currency: a decimal rounded to the currency's own exponent, never a float, never mixed."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel import numbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Widths of a database column that holds any amount of any currency.
MAX_DIGITS, DECIMAL_PLACES = 14, 3


def exponent(currency: str) -> int:
    """The number of decimal places of an ISO 4217 currency: JPY 0, USD 2, KWD 3 (from Unicode CLDR, by Babel)."""
    return numbers.get_currency_precision(currency)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's exponent. The one rounding function."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def validate_currency(code: str) -> None:
    if code not in numbers.list_currencies():
        raise ValidationError(_("“%(code)s” is not a currency code."), params={"code": code}, code="currency")


@dataclass(frozen=True, order=False)
class Money:
    """An amount in one currency, rounded to its exponent."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", quantize(Decimal(self.amount), self.currency))

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.amount + other.amount, self.currency)

    def format(self, language: str) -> str:
        """The amount as a reader of `language` writes it: “US$1,250.00”, “١٬٢٥٠٫٠٠ د.إ.”."""
        return numbers.format_currency(self.amount, self.currency, locale=language)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

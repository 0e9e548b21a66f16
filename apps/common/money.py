"""Amounts with their currency: a decimal rounded to the currency's own exponent, never a float, never mixed."""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from babel import numbers
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

#: Widths of a database column that holds any amount of any currency.
MAX_DIGITS, DECIMAL_PLACES = 14, 3
#: What no amount reaches.
LIMIT = Decimal(10 ** (MAX_DIGITS - DECIMAL_PLACES))
#: The exponent of most currencies.
USUAL_EXPONENT = 2
#: Unicode CLDR sets letters of a currency off from the digits (`currencySpacing`); Babel does not.
_LETTER_BY_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def exponent(currency: str) -> int:
    """The number of decimal places of an ISO 4217 currency: JPY 0, USD 2, KWD 3 (from Unicode CLDR, by Babel)."""
    return numbers.get_currency_precision(currency)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half away from zero to the currency's exponent. The one rounding function."""
    return amount.quantize(_smallest(currency), rounding=ROUND_HALF_UP)


def is_currency(code: str) -> bool:
    """Whether this is the ISO 4217 code of a currency."""
    return code in numbers.list_currencies()


def validate_currency(code: str) -> None:
    if not is_currency(code):
        raise ValidationError(_("“%(code)s” is not a currency code."), params={"code": code}, code="currency")


@functools.total_ordering
@dataclass(frozen=True, order=False)
class Money:
    """An amount in one currency, rounded to its exponent. Two currencies are never added or compared: ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", quantize(_exact(self.amount), self.currency))

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> "Money":
        """So many of the currency's smallest units: 1250 is 12.50 USD, 1250 JPY, 1.250 KWD."""
        return cls(units * _smallest(currency), currency)

    @classmethod
    def total(cls, parts: "Iterable[Money]", currency: str) -> "Money":
        """The sum of the parts, which are all of this currency; zero of it for none."""
        return sum(parts, cls.zero(currency))

    @property
    def minor(self) -> int:
        """The amount in the currency's smallest units."""
        return int(self.amount.scaleb(exponent(self.currency)))

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        self._refuse_another_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other if isinstance(other, Money) else NotImplemented

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        """Rounded once, at the end; a factor is exact, never a float."""
        if not isinstance(factor, Decimal | int):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        self._refuse_another_currency(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def split(self, weights: Sequence[Decimal | int]) -> "list[Money]":
        """Parts in proportion to the weights that add up to the whole: each is rounded towards zero, and what remains
        goes to the last part that has a weight. Raises ValueError for weights that are negative or add up to nothing.
        """
        whole = sum(Decimal(weight) for weight in weights)
        if whole <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights are not negative, and one of them is more than nothing")
        unit = _smallest(self.currency)
        parts = [
            Money((self.amount * weight / whole).quantize(unit, rounding=ROUND_DOWN), self.currency)
            for weight in weights
        ]
        last = max(index for index, weight in enumerate(weights) if weight)
        parts[last] += self - Money.total(parts, self.currency)
        return parts

    def format(self, language: str) -> str:
        """The amount as a reader of `language` writes it: “US$1,250.00”, “KWD 1,250.000”, “1.250,00 €”."""
        written = numbers.format_currency(self.amount, self.currency, locale=language)
        return _LETTER_BY_DIGIT.sub(_NO_BREAK, written)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _refuse_another_currency(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are different currencies")


def fits(name: str, *, amount: str = "amount", currency: str = "currency") -> models.CheckConstraint:
    """The constraint of a table that an amount has no more decimal places than its currency."""
    none, three = (_of_exponent(places) for places in (0, 3))
    places = models.Case(
        models.When(**{f"{currency}__in": none}, then=0),
        models.When(**{f"{currency}__in": three}, then=3),
        default=USUAL_EXPONENT,
        output_field=models.IntegerField(),
    )
    rounded = models.Func(models.F(amount), places, function="round", output_field=models.DecimalField())
    return models.CheckConstraint(condition=models.Q(**{amount: rounded}), name=name)


def _exact(amount: Any) -> Decimal:
    if isinstance(amount, float):
        raise TypeError("an amount of money is never a float")
    return Decimal(amount)


@functools.cache
def _smallest(currency: str) -> Decimal:
    return Decimal(1).scaleb(-exponent(currency))


@functools.cache
def _of_exponent(places: int) -> tuple[str, ...]:
    return tuple(sorted(code for code in numbers.list_currencies() if exponent(code) == places))

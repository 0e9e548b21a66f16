"""What every provider offers, and how it fails."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from apps.common.exchange.rates import Rate

#: Of which a currency has never been worth so little, nor so much, that one euro costs more or less.
_SMALLEST, _LARGEST = Decimal("0.00001"), Decimal(1000000000)


class ProviderFailed(Exception):
    """No rates could be had; the text says why without any secret, and is logged."""


class Provider:
    """A source of daily rates. Asked outside of any transaction, with a time limit of its own."""

    name: ClassVar[str]

    def fetch(self, *, today: date) -> list[Rate]:
        """The newest rates of all its currencies, perhaps of several days. Raises ProviderFailed."""
        raise NotImplementedError


def per_euro(text: str) -> Decimal:
    """A rate as a provider writes it. Raises ValueError for what is none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not value.is_finite() or not _SMALLEST < value < _LARGEST:
        raise ValueError("not a rate")
    return value

"""Prices of different currencies beside each other.

They are compared by what they are in euros at the newest stored rates, which the database keeps beside each price, and
shown in their own currency and, converted, in the one that the reader asked for.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from apps.common import exchange
from apps.common.money import Money

#: What the columns of prices in euros are rounded to.
_EURO_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class AskedPrices:
    """What a reader asked of prices. Without a currency there is no range: a number alone is no price."""

    currency: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    _used: list[exchange.RateInfo] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def used(self) -> exchange.RateInfo | None:
        """By whose rates prices were converted so far, and of which day the oldest is."""
        if not self._used:
            return None
        sources = {source for info in self._used for source in info["source"].split(", ")}
        return exchange.RateInfo(
            source=", ".join(sorted(sources)),
            on=min(info["on"] for info in self._used),
            is_old=any(info["is_old"] for info in self._used),
        )

    @property
    def has_range(self) -> bool:
        return self.minimum is not None or self.maximum is not None

    def lookups(self, column: str) -> dict[str, Decimal]:
        """The range for `filter`, on a column of prices in euros. Raises NoRate for a currency without a stored one."""
        asked = {f"{column}__gte": self.minimum, f"{column}__lte": self.maximum}
        return {lookup: self._in_euro(amount) for lookup, amount in asked.items() if amount is not None}

    def converted(self, price: Money, today: date) -> dict[str, Any] | None:
        """The price in the asked currency, and by whose rates of which day. None where no other currency is asked for,
        or where there is no rate: then the price in its own currency is all that is known."""
        if self.currency in (None, price.currency):
            return None
        if self.currency not in self.rates or price.currency not in self.rates:
            return None
        shown = self.rates.convert(price, self.currency)
        rate = self.rates.info(price.currency, self.currency, today=today)
        if rate is not None:
            self._used.append(rate)
        return {"amount": str(shown.amount), "currency": shown.currency, "rate": rate}

    @cached_property
    def rates(self) -> exchange.Rates:
        """The newest, looked up once for a whole page."""
        return exchange.current()

    def _in_euro(self, amount: Decimal) -> Decimal:
        currency = str(self.currency)
        try:
            per_euro = self.rates.per_euro(currency)
        except exchange.NoRate as refusal:
            raise exchange.NoRate(currency=currency, errors={"currency": [refusal.text]}) from refusal
        return (amount / per_euro).quantize(_EURO_PLACES, rounding=ROUND_HALF_UP)

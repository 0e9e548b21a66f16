"""Between `Money` and the whole numbers that a gateway counts in: exact both ways, or refused."""

from dataclasses import dataclass
from decimal import Decimal

from apps.common.money import Money

from . import base


@dataclass(frozen=True)
class Units:
    """How one gateway counts. `decimals` of the currencies that are not `usual`; `step`s are what an amount must be a
    multiple of, where not every unit will do."""

    usual: int
    decimals: dict[str, int]
    steps: dict[str, int]

    def of(self, amount: Money) -> int | None:
        """The amount in the gateway's units; None where it cannot be said in them."""
        units = amount.amount.scaleb(self._decimals(amount.currency))
        whole = int(units)
        return None if units != whole or whole % self.steps.get(amount.currency, 1) else whole

    def must(self, amount: Money) -> int:
        """As `of`. Raises Refused: an amount is never rounded on its way out."""
        units = self.of(amount)
        if units is None:
            raise base.Refused("amount_cannot_be_expressed")
        return units

    def money(self, units: int, currency: str) -> Money:
        """What a gateway said. Raises BadAmount where our currency has no such amount: it is never rounded either."""
        currency = currency.upper()
        exact = Decimal(units).scaleb(-self._decimals(currency))
        amount = Money(exact, currency)
        if amount.amount != exact:
            raise BadAmount
        return amount

    def _decimals(self, currency: str) -> int:
        return self.decimals.get(currency, self.usual)


class BadAmount(ValueError):
    """An amount that the currency has no place for."""

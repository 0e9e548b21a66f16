"""Converting between currencies over the euro, and how far a new rate may be from the last. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import TypedDict

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions
from apps.common.money import Money

BASE = "EUR"
#: An older rate is used still, and said to be old: longer than any holiday of the central bank.
OLD_AFTER = timedelta(days=10)
#: Between one day's rate and the next; more is an error of the source, until the next day's says the same.
LARGEST_JUMP = Decimal("0.30")
#: Official rates of currencies that are pegged to the US dollar: how many of them one dollar costs.
PEGGED_TO_USD = {
    "AED": Decimal("3.6725"),
    "BHD": Decimal("0.376"),
    "JOD": Decimal("0.709"),
    "OMR": Decimal("0.384497"),
    "QAR": Decimal("3.64"),
    "SAR": Decimal("3.75"),
}
PEG = "peg"


class NoRate(exceptions.DomainError):
    """An amount cannot be shown in, or compared with, a currency that no rate is stored for."""

    code = "currency.no_rate"
    message = _("There is no exchange rate for %(currency)s.")
    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True)
class Rate:
    """What one euro costs in `currency`, said by `source` for the day `on`."""

    currency: str
    on: date
    per_euro: Decimal
    source: str


class RateInfo(TypedDict):
    """Whose rates a conversion used, the day of the oldest, and whether that is long ago."""

    source: str
    on: date
    is_old: bool


class Rates:
    """The newest rate of each currency."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates = {rate.currency: rate for rate in rates}

    def __contains__(self, currency: object) -> bool:
        return currency == BASE or currency in self._rates

    def __iter__(self) -> Iterator[Rate]:
        return iter(self._rates.values())

    def per_euro(self, currency: str) -> Decimal:
        """How many of `currency` one euro costs. Raises NoRate."""
        if currency == BASE:
            return Decimal(1)
        try:
            return self._rates[currency].per_euro
        except KeyError:
            raise NoRate(currency=currency) from None

    def convert(self, money: Money, to: str) -> Money:
        """The amount in another currency, rounded to that currency's exponent. Raises NoRate."""
        if to == money.currency:
            return money
        return Money(money.amount * self.per_euro(to) / self.per_euro(money.currency), to)

    def info(self, *currencies: str, today: date) -> RateInfo | None:
        """Where the rates between these currencies come from; None where none is needed. Raises NoRate."""
        different = set(currencies) - {BASE}
        for currency in different:
            self.per_euro(currency)
        used = [self._rates[currency] for currency in different if len(set(currencies)) > 1]
        if not used:
            return None
        on = min(rate.on for rate in used)
        return RateInfo(source=", ".join(sorted({rate.source for rate in used})), on=on, is_old=today - on > OLD_AFTER)


def pegged(rates: Iterable[Rate]) -> list[Rate]:
    """The rates of currencies pegged to the dollar, for each day with a dollar and without a rate of their own."""
    rates = list(rates)
    said = {(rate.currency, rate.on) for rate in rates}
    return [
        Rate(currency, dollar.on, dollar.per_euro * per_dollar, PEG)
        for dollar in rates
        if dollar.currency == "USD"
        for currency, per_dollar in PEGGED_TO_USD.items()
        if (currency, dollar.on) not in said
    ]


def is_plausible(per_euro: Decimal, *, taken: Decimal | None, last: Decimal | None) -> bool:
    """A new rate is taken when it is within 30 % of the one taken before, or of the last day's that was kept out: what
    two days in a row say is so."""
    return any(before is not None and abs(per_euro - before) <= before * LARGEST_JUMP for before in (taken, last)) or (
        taken is None
    )

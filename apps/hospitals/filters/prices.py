"""What a query string asks of prices: the currency that a reader wants to see them in as well, and a range in it."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.common.exceptions import Invalid
from apps.hospitals.rules.prices import TOO_LARGE
from apps.hospitals.selectors import AskedPrices

from . import parameters


def asked_prices(query: Mapping[str, str], name: str = "price") -> AskedPrices:
    """What a query string asks of prices: `currency`, and `price_min`, `price_max` in it. Raises Invalid, which names
    the parameter that is wrong, or `currency` where it is missing."""
    currency, minimum, maximum = (
        parameters.read(part, parameter, query[part]) if query.get(part) else None
        for part, parameter in price_parameters(name).items()
    )
    if currency is None and (minimum is not None or maximum is not None):
        raise Invalid(errors={"currency": [_("Please name the currency of the prices, such as USD.")]})
    return AskedPrices(currency, minimum, maximum)


def amount(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise parameters.WrongValueError(_("This is not an amount.")) from error
    if not (number.is_finite() and 0 <= number < TOO_LARGE):
        raise parameters.WrongValueError(_("This is not an amount."))
    return number


def stays(rows: QuerySet, value: Any) -> QuerySet:
    """Said here for the schema and refused when wrong; the view narrows by all of them together."""
    return rows


_AMOUNT = {"type": "string", "pattern": r"^\d{1,11}(\.\d{1,3})?$", "example": "5000"}

CURRENCY_PARAMETER = parameters.Parameter(
    parameters.currency,
    stays,
    "Show prices in this currency too (ISO 4217), by the newest stored rates. Needed with a range of prices.",
    {"type": "string", "pattern": "^[A-Z]{3}$", "example": "USD"},
)


def price_parameters(name: str = "price") -> dict[str, parameters.Parameter]:
    """The currency, and the range of `name` in it."""
    return {
        "currency": CURRENCY_PARAMETER,
        f"{name}_min": parameters.Parameter(amount, stays, f"The {name} is at least this, in `currency`.", _AMOUNT),
        f"{name}_max": parameters.Parameter(amount, stays, f"The {name} is at most this, in `currency`.", _AMOUNT),
    }

"""What a price may be."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common import money
from apps.common.exceptions import Invalid
from apps.hospitals.models import Doctor, Offer, Package

#: The first amount that no column holds any more.
TOO_LARGE = Decimal(10) ** (money.MAX_DIGITS - money.DECIMAL_PLACES)


def why_wrong_price(
    amount: Decimal, currency: str, *, field: str = "price", may_be_zero: bool = False
) -> Invalid | None:
    """A price is above zero, and has no more decimal places than its currency: none in yen, two in dollars, three in
    Kuwaiti dinars. It is refused, never rounded: whoever typed it meant something else."""
    if not amount.is_finite() or amount >= TOO_LARGE:
        return Invalid(errors={field: [_("This is not an amount.")]})
    if amount < 0 or (amount == 0 and not may_be_zero):
        return Invalid(errors={field: [_("A price is more than zero.")]})
    if money.quantize(amount, currency) != amount:
        places = money.exponent(currency)
        message = ngettext(
            "An amount in %(currency)s has at most %(places)d decimal place.",
            "An amount in %(currency)s has at most %(places)d decimal places.",
            places,
        )
        return Invalid(errors={field: [message % {"currency": currency, "places": places}]})
    return None


def why_not_change_currency(
    row: Offer | Package | Doctor, changes: Mapping[str, Any], *, field: str = "price", has_seasons: bool = False
) -> Invalid | None:
    """Another currency comes with a new price or fee, and for a package with new seasons where it has some: the same
    number would be another price."""
    if changes.get("currency", row.currency) == row.currency:
        return None
    missing = [name for name in ([field, "seasons"] if has_seasons else [field]) if name not in changes]
    message = _("A new currency needs new prices.")
    return Invalid(errors={name: [message] for name in missing}) if missing else None

"""What a price may be."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common import money
from apps.common.exceptions import Invalid

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

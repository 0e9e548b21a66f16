"""How Stripe counts, and how much it takes (https://docs.stripe.com/currencies, "Minor units in API amounts", "Special
cases" and "Minimum and maximum charge amounts"; as of the copy that docs/decisions/0033-gateways.md names).

- Two decimals, but for the zero-decimal currencies. UGX stands in Stripe's list of these and is none when charged: like
  ISK it has become one, "but backwards compatibility requires you to represent it as a two-decimal value, where the
  decimal amount is always 00".
- Three decimals for BHD, JOD, KWD, OMR, TND, the last digit always 0.
- HUF and TWD are without decimals for payouts only; charges have two.
- At least the minimum of the currency that the account is paid out in; below it Stripe refuses. Only the minimums of
  the same currency are known here. At most eight digits, IDR twelve.
"""

from decimal import Decimal

from apps.common.money import Money

from .units import Units

_NO_DECIMALS = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE_DECIMALS = ("BHD", "JOD", "KWD", "OMR", "TND")
UNITS = Units(
    usual=2,
    decimals=dict.fromkeys(_NO_DECIMALS, 0) | dict.fromkeys(_THREE_DECIMALS, 3),
    steps={"ISK": 100, "UGX": 100} | dict.fromkeys(_THREE_DECIMALS, 10),
)
CURRENCIES = frozenset(
    [
        "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD",
        "BND", "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CVE", "CZK",
        "DJF", "DKK", "DOP", "DZD", "EGP", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GNF", "GTQ", "GYD",
        "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KRW",
        "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MUR",
        "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP",
        "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS",
        "SRD", "STD", "SZL", "THB", "TJS", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS",
        "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW",
    ]
)  # fmt: skip
_LEAST = {
    "USD": "0.50", "AED": "2.00", "AUD": "0.50", "BRL": "0.50", "CAD": "0.50", "CHF": "0.50", "CZK": "15.00",
    "DKK": "2.50", "EUR": "0.50", "GBP": "0.30", "HKD": "4.00", "HUF": "175.00", "INR": "0.50", "JPY": "50",
    "MXN": "10.00", "MYR": "2.00", "NOK": "3.00", "NZD": "0.50", "PLN": "2.00", "RON": "2.00", "SEK": "3.00",
    "SGD": "0.50", "THB": "10.00",
}  # fmt: skip
_MOST_UNITS, _MOST_UNITS_OF = 99_999_999, {"IDR": 999_999_999_999}


def takes(amount: Money) -> bool:
    units = UNITS.of(amount)
    if amount.currency not in CURRENCIES or units is None:
        return False
    least = Money(Decimal(_LEAST.get(amount.currency, 0)), amount.currency)
    return least <= amount and 0 < units <= _MOST_UNITS_OF.get(amount.currency, _MOST_UNITS)

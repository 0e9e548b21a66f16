"""How Razorpay counts, and what it takes (https://razorpay.com/docs/payments/international-payments and the parameter
`amount` of https://razorpay.com/docs/api/payments/payment-links/; which of it is from a copy of these pages and which
from memory stands in docs/decisions/0033-gateways.md).

- The currency's own smallest units: two decimals, none for JPY, three for KWD, BHD, OMR.
- Of three-decimal currencies the last digit is always 0: "to charge 99.991 KD ... pass 99990 and not 99991".
- At least one rupee. The most is the account's own limit, which only Razorpay's answer tells.
- International currencies have to be switched on for the account.
"""

from decimal import Decimal

from apps.common.money import Money

from .units import Units

_THREE_DECIMALS = ("BHD", "KWD", "OMR")
UNITS = Units(
    usual=2,
    decimals={"JPY": 0} | dict.fromkeys(_THREE_DECIMALS, 3),
    steps=dict.fromkeys(_THREE_DECIMALS, 10),
)
CURRENCIES = frozenset(
    [
        "AED", "ALL", "AMD", "ARS", "AUD", "AWG", "BBD", "BDT", "BHD", "BMD", "BND", "BOB", "BSD", "BWP", "BZD", "CAD",
        "CHF", "CNY", "COP", "CRC", "CZK", "DKK", "DOP", "DZD", "EGP", "ETB", "EUR", "FJD", "GBP", "GHS", "GIP", "GMD",
        "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "JMD", "JPY", "KES", "KGS", "KHR", "KWD", "KYD",
        "KZT", "LAK", "LKR", "LRD", "LSL", "MAD", "MDL", "MKD", "MMK", "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MYR",
        "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PEN", "PGK", "PHP", "PKR", "QAR", "SAR", "SCR", "SEK", "SGD",
        "SOS", "SVC", "SZL", "THB", "TTD", "TZS", "USD", "UYU", "UZS", "YER", "ZAR",
    ]
)  # fmt: skip
_LEAST = {"INR": Decimal(1)}


def takes(amount: Money) -> bool:
    units = UNITS.of(amount)
    if amount.currency not in CURRENCIES or units is None:
        return False
    return units > 0 and amount.amount >= _LEAST.get(amount.currency, 0)

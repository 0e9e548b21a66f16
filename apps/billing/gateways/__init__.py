"""Payment gateways: one small interface (`base`), one file a gateway; settings say which of them are set up.

`get(code)` is one of them, `offered(amount)` those that a payer may choose for an amount. `offline` is what staff
enter, and is offered to nobody.
"""

from collections.abc import Mapping

from apps.common.money import Money

from . import base
from .base import (
    BadNotice,
    BadSignature,
    Checkout,
    DisputeFacts,
    DisputeStage,
    Facts,
    Gateway,
    GatewayError,
    Mandate,
    NotConfigured,
    Notice,
    Order,
    RefundFacts,
    RefundOrder,
    RefundStage,
    Refused,
    Stage,
    Unknown,
)
from .offline import Offline
from .razorpay import Razorpay
from .sandbox import Sandbox
from .stripe import Stripe

_ALL: dict[str, base.Gateway] = {gateway.code: gateway for gateway in (Stripe(), Razorpay(), Sandbox(), Offline())}
OFFLINE = Offline.code
#: Gateways that are called, in the order in which a payer is offered them.
ONLINE: tuple[str, ...] = tuple(code for code in _ALL if code != OFFLINE)
CODES: tuple[str, ...] = (*ONLINE, OFFLINE)
#: By which header each signs its webhooks.
_SIGNATURES = {"Stripe-Signature": "stripe", "X-Razorpay-Signature": "razorpay", "Sandbox-Signature": "sandbox"}


def get(code: str) -> base.Gateway:
    """Raises KeyError for a gateway that there is none of."""
    return _ALL[code]


def offered(amount: Money) -> list[str]:
    """Codes of those that are set up, and take this currency and so much of it."""
    return [code for code in ONLINE if _ALL[code].is_configured() and _ALL[code].takes(amount)]


def signed_by(headers: Mapping[str, str]) -> str | None:
    """The code of the gateway whose signature a webhook claims to have."""
    return next((code for header, code in _SIGNATURES.items() if headers.get(header)), None)


__all__ = [
    "CODES",
    "OFFLINE",
    "ONLINE",
    "BadNotice",
    "BadSignature",
    "Checkout",
    "DisputeFacts",
    "DisputeStage",
    "Facts",
    "Gateway",
    "GatewayError",
    "Mandate",
    "NotConfigured",
    "Notice",
    "Order",
    "RefundFacts",
    "RefundOrder",
    "RefundStage",
    "Refused",
    "Stage",
    "Unknown",
    "get",
    "offered",
    "signed_by",
]

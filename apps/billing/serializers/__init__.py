"""Money as it is asked for and answered."""

from .payments import ROW, PaymentShown, payment
from .refunds import (
    REFUND_ROW,
    AskRefund,
    CancellationAsked,
    CancellationShown,
    RefundShown,
    cancellation,
    refund,
)

__all__ = [
    "REFUND_ROW",
    "ROW",
    "AskRefund",
    "CancellationAsked",
    "CancellationShown",
    "PaymentShown",
    "RefundShown",
    "cancellation",
    "payment",
    "refund",
]

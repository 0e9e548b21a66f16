"""Every verb about money, the only writers."""

from .bills import cancel_bill, credit_bill, open_bill, today_of
from .cancellation import cancel_and_refund
from .disputes import apply_dispute_facts
from .payments import record_payment, reverse_payment
from .refund_facts import apply_refund_facts
from .refunds import (
    cancel_refund,
    confirm_refund,
    refuse_refund,
    request_refund,
)
from .tasks import (
    finish_task,
    open_task,
)

__all__ = [
    "apply_dispute_facts",
    "apply_refund_facts",
    "cancel_and_refund",
    "cancel_bill",
    "cancel_refund",
    "confirm_refund",
    "credit_bill",
    "finish_task",
    "open_bill",
    "open_task",
    "record_payment",
    "refuse_refund",
    "request_refund",
    "reverse_payment",
    "today_of",
]

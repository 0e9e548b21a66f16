"""Every decision about money. Pure."""

from .payments import why_not_received_on, why_not_record, why_not_reverse, why_wrong_amount
from .standing import Sums, bill_status, further, payment_status, still_owed

__all__ = [
    "Sums", "bill_status", "further", "payment_status", "still_owed", "why_not_received_on", "why_not_record",
    "why_not_reverse", "why_wrong_amount",
]  # fmt: skip

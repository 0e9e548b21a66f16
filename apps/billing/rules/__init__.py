"""Every decision about money. Pure."""

from .bills import (
    LineFigures,
    NewInstalment,
    NewLine,
    PlannedInstalment,
    line_figures,
    plan,
    price_of,
    spread,
    why_no_reason,
    why_not_credit,
    why_not_instalments,
    why_not_lines,
)
from .payments import why_not_received_on, why_not_record, why_not_reverse, why_wrong_amount
from .standing import Sums, bill_status, further, payment_status, still_owed

__all__ = [
    "LineFigures", "NewInstalment", "NewLine", "PlannedInstalment", "Sums", "bill_status", "further", "line_figures",
    "payment_status", "plan", "price_of", "spread", "still_owed", "why_no_reason", "why_not_credit",
    "why_not_instalments", "why_not_lines", "why_not_received_on", "why_not_record", "why_not_reverse",
    "why_wrong_amount",
]  # fmt: skip

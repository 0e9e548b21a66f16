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
    why_not_change_bill,
    why_not_credit,
    why_not_instalments,
    why_not_lines,
)
from .cancellation import (
    RefundQuote,
    Step,
    Terms,
    refund_due,
    table,
    why_not_publish,
)
from .coupons import (
    coupon_code,
    coupon_discount,
    gives_coupon_back,
    is_coupon_code,
    redeems_coupon,
    why_not_coupon,
    why_not_keep_coupons,
    why_used_up,
    why_wrong_coupon,
)
from .invoices import (
    TaxGroup,
    credit_due_on_invoice,
    credit_due_on_receipt,
    is_medivoys,
    issued_on,
    less,
    number_of,
    series_prefix,
    share,
    tax_groups,
    why_not_credit_note,
    why_not_issue,
)
from .paying import (
    LOOK_AGAIN_AFTER,
    PAGE_EXPECTED_WITHIN,
    PAGE_OPEN_FOR,
    due_now,
    is_live,
    next_look_up,
    parked_until,
    retried_at,
    wants_page,
    why_not_owed,
    why_not_pay,
    why_not_replay,
    why_not_return_to,
    why_wrong_part,
)
from .payments import why_not_for_bill, why_not_received_on, why_not_record, why_not_reverse, why_wrong_amount
from .refunds import (
    TOLD_AFTER,
    ask_again_after,
    left_of,
    not_covered,
    spread_refund,
    why_not_confirm,
    why_not_finish,
    why_not_give_back,
    why_not_paid_out_by_staff,
    why_not_refund,
)
from .reminders import DUE_REMINDERS, LAST_IS_USEFUL_FOR, REMINDED_ELSEWHERE, due_days, todays
from .settlements import (
    COLLECTS,
    RETURNS,
    SOLD_BY_MEDIVOY,
    Counted,
    Line,
    Rate,
    rate_on,
    settlement_lines,
    why_not_confirmed,
    why_not_paid_on,
    why_not_settle,
    why_not_until,
    why_wrong_percent,
)
from .standing import Sums, bill_status, further, payment_status, still_owed

__all__ = [
    "COLLECTS", "DUE_REMINDERS", "LAST_IS_USEFUL_FOR", "LOOK_AGAIN_AFTER", "PAGE_EXPECTED_WITHIN", "PAGE_OPEN_FOR",
    "REMINDED_ELSEWHERE", "RETURNS", "SOLD_BY_MEDIVOY", "TOLD_AFTER", "Counted", "Line", "LineFigures", "NewInstalment",
    "NewLine", "PlannedInstalment", "Rate", "RefundQuote", "Step", "Sums", "TaxGroup", "Terms", "ask_again_after",
    "bill_status", "coupon_code", "coupon_discount", "credit_due_on_invoice", "credit_due_on_receipt", "due_days",
    "due_now", "further", "gives_coupon_back", "is_coupon_code", "is_live", "is_medivoys", "issued_on", "left_of",
    "less", "line_figures", "next_look_up", "not_covered", "number_of", "parked_until", "payment_status", "plan",
    "price_of", "rate_on", "redeems_coupon", "refund_due", "retried_at", "series_prefix", "settlement_lines", "share",
    "spread", "spread_refund", "still_owed", "table", "tax_groups", "todays", "wants_page", "why_no_reason",
    "why_not_change_bill", "why_not_confirm", "why_not_confirmed", "why_not_coupon", "why_not_credit",
    "why_not_credit_note", "why_not_finish", "why_not_for_bill", "why_not_give_back", "why_not_instalments",
    "why_not_issue", "why_not_keep_coupons", "why_not_lines", "why_not_owed", "why_not_paid_on",
    "why_not_paid_out_by_staff", "why_not_pay", "why_not_publish", "why_not_received_on", "why_not_record",
    "why_not_refund", "why_not_replay", "why_not_return_to", "why_not_reverse", "why_not_settle", "why_not_until",
    "why_used_up", "why_wrong_amount", "why_wrong_coupon", "why_wrong_part", "why_wrong_percent",
]  # fmt: skip

"""Reads about money."""

from .bills import bill_rows, open_bill_of
from .cancellation import (
    CancellationPreview,
    cancellation_preview,
    policy_version_for,
)
from .coupons import coupon_code_of, coupon_offer, coupon_rows, coupon_uses, with_uses
from .due import (
    due_between,
    due_within,
    instalments_told_of,
    overdue,
    overtaken_due_reminders,
    owed_by_currency,
    with_a_due_day,
)
from .invoices import (
    SeriesCheck,
    check_series,
    credited_of,
    groups_in,
    invoice_row,
    invoice_rows,
    invoice_to_read,
    is_invoiced,
    issuer_of,
    kept_of,
    received_for,
    received_on,
    refunded_since,
)
from .payments import is_paid, paid_subjects, subjects
from .refunds import (
    open_tasks,
    refunds_of,
)
from .settlements import (
    counted,
    rates_of,
    unsettled,
    unsettled_sum,
)
from .story import Figure, Step, Story, story_of_bill, story_of_payer

__all__ = [
    "CancellationPreview", "Figure", "SeriesCheck", "Step", "Story", "bill_rows", "cancellation_preview",
    "check_series", "counted", "coupon_code_of",
    "coupon_offer", "coupon_rows", "coupon_uses", "credited_of", "due_between", "due_within",
    "groups_in", "instalments_told_of", "invoice_row", "invoice_rows", "invoice_to_read", "is_invoiced", "is_paid",
    "issuer_of", "kept_of", "open_bill_of", "open_tasks", "overdue", "overtaken_due_reminders",
    "owed_by_currency", "paid_subjects", "policy_version_for", "rates_of", "received_for", "received_on",
    "refunded_since", "refunds_of", "story_of_bill", "story_of_payer", "subjects", "unsettled", "unsettled_sum",
    "with_a_due_day", "with_uses",
]  # fmt: skip

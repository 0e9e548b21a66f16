"""What billing tells people: one function a message. Numbers, amounts and days; never what was treated."""

from .invoices import invoice_sent
from .refunds import refund_given_back, refund_on_its_way
from .reminders import payments_due
from .settlements import (
    settlement_paid,
)
from .subscriptions import (
    grace_ends,
    subscription_cancelled,
    subscription_changed,
    subscription_ended,
    subscription_paid,
    subscription_started,
    subscription_unpaid,
    trial_ends,
)
from .tasks import money_task_opened

__all__ = [
    "grace_ends", "invoice_sent", "money_task_opened", "payments_due", "refund_given_back", "refund_on_its_way",
    "settlement_paid", "subscription_cancelled", "subscription_changed", "subscription_ended", "subscription_paid",
    "subscription_started", "subscription_unpaid", "trial_ends",
]  # fmt: skip

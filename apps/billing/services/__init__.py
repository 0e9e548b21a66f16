"""Every verb about money, the only writers."""

from .applying import apply_facts
from .bills import cancel_bill, credit_bill, open_bill, today_of
from .cancellation import cancel_and_refund
from .coupons import create_coupon, remove_coupon, update_coupon
from .disputes import apply_dispute_facts
from .invoices import (
    issue,
    issue_advance_receipt,
    issue_credit_note,
    issue_invoice,
    left_of,
    preview_credit_note,
    preview_invoice,
    save_issuer,
    send_invoice,
)
from .invoicing import issue_due_invoices
from .paying import begin_payment, charge_mandate, clear_the_way, open_page, start_payment
from .payments import enter_payment, record_payment, reverse_payment
from .policies import (
    draft_terms,
    publish_terms,
    save_cancellation_policies,
)
from .reconciling import ask_about
from .refund_facts import apply_refund_facts
from .refund_sending import send_refunds
from .refunds import (
    cancel_refund,
    confirm_refund,
    refund_payment,
    refuse_refund,
    request_refund,
)
from .reminders import remind_of_due
from .renewals import renew_subscriptions
from .selling import cancel_idle_bills, move_bill
from .settlement_runs import (
    start_settlement_run,
    work_off_settlement_runs,
)
from .settlements import (
    approve_settlement,
    discard_settlement,
    pay_settlement,
    prepare_settlement,
    set_commission_rate,
)
from .subscribing import save_plans, subscribe
from .subscriptions import (
    cancel_subscription,
    change_plan,
    collect,
    end_subscription,
    pay,
    preview_change,
    set_auto_renew,
)
from .sweep import ask_gateways, ask_now, look_again
from .tasks import (
    finish_task,
    open_task,
)
from .webhooks import apply_webhooks, empty_old_webhooks, receive_receipt, receive_webhook, replay_webhook

__all__ = [
    "apply_dispute_facts", "apply_facts", "apply_refund_facts", "apply_webhooks", "approve_settlement", "ask_about",
    "ask_gateways", "ask_now", "begin_payment", "cancel_and_refund", "cancel_bill", "cancel_idle_bills",
    "cancel_refund", "cancel_subscription", "change_plan", "charge_mandate", "clear_the_way", "collect",
    "confirm_refund", "create_coupon", "credit_bill", "discard_settlement", "draft_terms", "empty_old_webhooks",
    "end_subscription", "enter_payment", "finish_task", "issue", "issue_advance_receipt", "issue_credit_note",
    "issue_due_invoices", "issue_invoice", "left_of", "look_again", "move_bill", "open_bill", "open_page", "open_task",
    "pay", "pay_settlement", "prepare_settlement", "preview_change", "preview_credit_note", "preview_invoice",
    "publish_terms", "receive_receipt", "receive_webhook", "record_payment", "refund_payment", "refuse_refund",
    "remind_of_due", "remove_coupon", "renew_subscriptions", "replay_webhook", "request_refund", "reverse_payment",
    "save_cancellation_policies", "save_issuer", "save_plans", "send_invoice", "send_refunds", "set_auto_renew",
    "set_commission_rate", "start_payment", "start_settlement_run", "subscribe", "today_of", "update_coupon",
    "work_off_settlement_runs",
]  # fmt: skip

"""Statuses of bills, payments, refunds, disputes and webhooks, and the moves between them."""

from .bills import BILL, OWING, BillStatus
from .cancellation import SELLERS, Canceller
from .payments import HAS_MONEY, NEWS, PAYMENT, RECORDERS, PaymentStage, PaymentStatus, Source
from .refunds import DISPUTE, IN_FLIGHT, REFUND, DisputeStatus, RefundStatus, WebhookStatus
from .settlements import SAID, SETTLEMENT, SettlementStatus
from .subscriptions import IN_FORCE, LIVE, RENEWABLE, SUBSCRIPTION, SubscriptionStatus

__all__ = [
    "BILL", "DISPUTE", "HAS_MONEY", "IN_FLIGHT", "IN_FORCE", "LIVE", "NEWS", "OWING", "PAYMENT", "RECORDERS", "REFUND",
    "RENEWABLE", "SAID", "SELLERS", "SETTLEMENT", "SUBSCRIPTION", "BillStatus", "Canceller", "DisputeStatus",
    "PaymentStage", "PaymentStatus", "RefundStatus", "SettlementStatus", "Source", "SubscriptionStatus",
    "WebhookStatus",
]  # fmt: skip

"""Money: what is owed (bills), paid (payments), given back (refunds, disputes), and the ledger of it all."""

from .bills import Bill, BillEvent, BillLine, DueReminder, Instalment
from .coupons import Coupon, CouponRedemption, RedemptionStatus, new_coupon_code
from .invoices import Invoice, InvoiceIssuer, InvoiceKind, InvoiceSending, InvoiceSeries, InvoicingNews
from .ledger import Account, LedgerEntry, LedgerKind
from .payments import GatewayCode, Mandate, Payment, PaymentEvent, new_number
from .plans import SubscriptionPlan
from .policies import CancellationPolicy, CancellationPolicyVersion, CancellationTier
from .refunds import Dispute, MoneyTask, Refund, RefundEvent
from .settlements import (
    CommissionRate,
    SettledEntry,
    Settlement,
    SettlementEvent,
    SettlementLine,
    SettlementRun,
    SettlementRunItem,
)
from .subscriptions import Subscription, SubscriptionEvent, SubscriptionPeriod
from .webhooks import WebhookEvent

__all__ = [
    "Account", "Bill", "BillEvent", "BillLine", "CancellationPolicy", "CancellationPolicyVersion", "CancellationTier",
    "CommissionRate", "Coupon", "CouponRedemption", "Dispute", "DueReminder", "GatewayCode", "Instalment", "Invoice",
    "InvoiceIssuer", "InvoiceKind", "InvoiceSending", "InvoiceSeries", "InvoicingNews", "LedgerEntry", "LedgerKind",
    "Mandate", "MoneyTask", "Payment", "PaymentEvent", "RedemptionStatus", "Refund", "RefundEvent", "SettledEntry",
    "Settlement", "SettlementEvent", "SettlementLine", "SettlementRun", "SettlementRunItem", "Subscription",
    "SubscriptionEvent", "SubscriptionPeriod", "SubscriptionPlan", "WebhookEvent", "new_coupon_code", "new_number",
]  # fmt: skip

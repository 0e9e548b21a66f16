"""Money in the admin."""

from .bills import BillAdmin
from .coupons import CouponAdmin
from .invoices import InvoiceAdmin, InvoiceIssuerAdmin, InvoiceSeriesAdmin, InvoicingNewsAdmin
from .payments import PaymentAdmin
from .policies import (
    CancellationPolicyAdmin,
    CancellationPolicyVersionAdmin,
)
from .refunds import (
    DisputeAdmin,
    RefundAdmin,
)
from .settlements import (
    CommissionRateAdmin,
    SettlementAdmin,
    SettlementRunAdmin,
)
from .story import LedgerAdmin
from .subscriptions import SubscriptionAdmin, SubscriptionPlanAdmin
from .tasks import MoneyTaskAdmin
from .webhooks import WebhookEventAdmin

__all__ = [
    "BillAdmin", "CancellationPolicyAdmin", "CancellationPolicyVersionAdmin", "CommissionRateAdmin", "CouponAdmin",
    "DisputeAdmin", "InvoiceAdmin", "InvoiceIssuerAdmin", "InvoiceSeriesAdmin", "InvoicingNewsAdmin", "LedgerAdmin",
    "MoneyTaskAdmin", "PaymentAdmin", "RefundAdmin", "SettlementAdmin", "SettlementRunAdmin", "SubscriptionAdmin",
    "SubscriptionPlanAdmin", "WebhookEventAdmin",
]  # fmt: skip

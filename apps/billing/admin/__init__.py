"""Money in the admin."""

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
from .tasks import MoneyTaskAdmin
from .webhooks import WebhookEventAdmin

__all__ = [
    "CancellationPolicyAdmin",
    "CancellationPolicyVersionAdmin",
    "CommissionRateAdmin",
    "DisputeAdmin",
    "InvoiceAdmin",
    "InvoiceIssuerAdmin",
    "InvoiceSeriesAdmin",
    "InvoicingNewsAdmin",
    "LedgerAdmin",
    "MoneyTaskAdmin",
    "PaymentAdmin",
    "RefundAdmin",
    "SettlementAdmin",
    "SettlementRunAdmin",
    "WebhookEventAdmin",
]

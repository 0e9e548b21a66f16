"""Money over the API."""

from .bills import BillViewSet
from .coupons import CouponViewSet
from .invoices import InvoicePdfView, InvoiceViewSet
from .pay_page import pay_subscription
from .payments import PaymentViewSet, payment_returned, returned_status
from .refunds import (
    BillCancellationViewSet,
    PaymentRefundsViewSet,
)
from .subscriptions import SubscriptionPlanViewSet, SubscriptionViewSet
from .webhooks import TwilioView, WebhookView

__all__ = [
    "BillCancellationViewSet", "BillViewSet", "CouponViewSet", "InvoicePdfView", "InvoiceViewSet",
    "PaymentRefundsViewSet", "PaymentViewSet", "SubscriptionPlanViewSet", "SubscriptionViewSet", "TwilioView",
    "WebhookView", "pay_subscription", "payment_returned", "returned_status",
]  # fmt: skip

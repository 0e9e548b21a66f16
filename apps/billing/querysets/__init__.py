"""Who sees which rows of money."""

from .invoices import InvoiceQuerySet
from .scopes import BilledQuerySet, StaffQuerySet
from .settlements import CommissionRateQuerySet, SettlementPartQuerySet, SettlementQuerySet
from .subscriptions import PeriodQuerySet, PlanQuerySet, SubscriptionEventQuerySet, SubscriptionQuerySet

__all__ = [
    "BilledQuerySet", "CommissionRateQuerySet", "InvoiceQuerySet", "PeriodQuerySet", "PlanQuerySet",
    "SettlementPartQuerySet", "SettlementQuerySet", "StaffQuerySet", "SubscriptionEventQuerySet",
    "SubscriptionQuerySet",
]  # fmt: skip

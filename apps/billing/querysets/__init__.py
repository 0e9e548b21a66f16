"""Who sees which rows of money."""

from .invoices import InvoiceQuerySet
from .scopes import BilledQuerySet, StaffQuerySet
from .subscriptions import PeriodQuerySet, PlanQuerySet, SubscriptionEventQuerySet, SubscriptionQuerySet

__all__ = [
    "BilledQuerySet", "InvoiceQuerySet", "PeriodQuerySet", "PlanQuerySet", "StaffQuerySet",
    "SubscriptionEventQuerySet", "SubscriptionQuerySet",
]  # fmt: skip

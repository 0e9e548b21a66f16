"""Who sees which rows of money."""

from .invoices import InvoiceQuerySet
from .scopes import BilledQuerySet, StaffQuerySet

__all__ = ["BilledQuerySet", "InvoiceQuerySet", "StaffQuerySet"]

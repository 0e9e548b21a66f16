"""Who sees which rows of money."""

from .scopes import BilledQuerySet, StaffQuerySet

__all__ = ["BilledQuerySet", "StaffQuerySet"]

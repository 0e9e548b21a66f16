"""Money in the admin."""

from .payments import PaymentAdmin

__all__ = ["PaymentAdmin"]

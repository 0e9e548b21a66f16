"""Money as it is asked for and answered."""

from .payments import ROW, PaymentShown, payment

__all__ = ["ROW", "PaymentShown", "payment"]

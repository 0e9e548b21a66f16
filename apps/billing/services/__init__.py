"""Every verb about money, the only writers."""

from .payments import record_payment, reverse_payment

__all__ = ["record_payment", "reverse_payment"]

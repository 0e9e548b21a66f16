"""Every verb about money, the only writers."""

from .bills import cancel_bill, credit_bill, open_bill, today_of
from .payments import record_payment, reverse_payment

__all__ = ["cancel_bill", "credit_bill", "open_bill", "record_payment", "reverse_payment", "today_of"]

"""What billing tells people: one function a message. Numbers, amounts and days; never what was treated."""

from .refunds import refund_given_back, refund_on_its_way
from .tasks import money_task_opened

__all__ = ["money_task_opened", "refund_given_back", "refund_on_its_way"]

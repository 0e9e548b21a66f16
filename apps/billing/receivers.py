"""What bills announce, as far as billing sells something itself: subscriptions."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from .models import Bill
from .services import subscribing
from .signals import bill_moved
from .workflow import BillStatus


@receiver(bill_moved, dispatch_uid="billing.take_up_what_is_paid")
def take_up_what_is_paid(sender: Any, *, bill: Bill, to_status: str, now: datetime, **kwargs: Any) -> None:
    if bill.subject_type == subscribing.SUBJECT and to_status in {BillStatus.PAID, BillStatus.OVERPAID}:
        subscribing.bill_paid(bill, now=now)

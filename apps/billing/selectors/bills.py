"""What is owed, for whoever sold it."""

from uuid import UUID

from apps.billing.models import Bill
from apps.billing.workflow import BillStatus


def open_bill_of(subject_type: str, subject_id: UUID, purpose: str = "") -> Bill | None:
    """The bill that stands for this: paid or not, but not cancelled. One query."""
    return (
        Bill.objects.filter(subject_type=subject_type, subject_id=subject_id, purpose=purpose)
        .exclude(status=BillStatus.CANCELLED)
        .first()
    )

"""What is owed: for whoever sold it, and as lists and pages show it."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from apps.accounts.models import User
from apps.billing.models import Bill, Instalment
from apps.billing.workflow import BillStatus


def open_bill_of(subject_type: str, subject_id: UUID, purpose: str = "") -> Bill | None:
    """The bill that stands for this: paid or not, but not cancelled. One query."""
    return (
        Bill.objects.filter(subject_type=subject_type, subject_id=subject_id, purpose=purpose)
        .exclude(status=BillStatus.CANCELLED)
        .first()
    )


def bill_rows(user: User) -> QuerySet[Bill, Any]:
    """The bills that this person may see, each with the instalment that is due next (`due_kind`, `due_amount`,
    `due_day`; None where nothing is owed)."""
    due = Instalment.objects.filter(bill=OuterRef("pk"), owed__gt=0).order_by("position")
    rows: QuerySet[Bill, Any] = Bill.objects.visible_to(user).annotate(
        due_kind=Subquery(due.values("kind")[:1]),
        due_amount=Subquery(due.values("owed")[:1]),
        due_day=Subquery(due.values("due_on")[:1]),
    )
    return rows

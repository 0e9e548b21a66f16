"""What may become of a bill: all but its cancelling follows from the ledger."""

from django.db import models
from django.utils.translation import pgettext_lazy

from apps.common.workflow import Edge, Workflow


class BillStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("bill", "Nothing paid yet")
    PARTLY_PAID = "partly_paid", pgettext_lazy("bill", "Partly paid")
    PAID = "paid", pgettext_lazy("bill", "Paid")
    OVERPAID = "overpaid", pgettext_lazy("bill", "Overpaid")
    CANCELLED = "cancelled", pgettext_lazy("bill", "Cancelled")


#: Something is owed yet.
OWING = (BillStatus.OPEN, BillStatus.PARTLY_PAID)

_SYSTEM: frozenset[str] = frozenset()

#: A cancelled bill stays so, even where money comes late for it: that money is a task.
BILL = Workflow(
    BillStatus,
    {
        status: [Edge(to, _SYSTEM) for to in BillStatus if to != status]
        for status in BillStatus
        if status != BillStatus.CANCELLED
    },
)

"""Verbs on bills for whoever sold their subject: what was sold is at another time, or nobody wants it any more."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.billing.models import Bill, DueReminder, Instalment, Payment
from apps.billing.workflow import BillStatus, PaymentStatus
from apps.common.exceptions import NotFound

from . import ledger

#: A page may be paid yet, money is on its way, or nobody knows whether it is.
_UNDER_WAY = Q(status__in=[PaymentStatus.PENDING, PaymentStatus.PROCESSING]) | Q(is_unknown=True)


@transaction.atomic
def move_bill(bill_id: UUID, begins_at: datetime, *, due_on: date, now: datetime | None = None) -> Bill:
    """What was sold begins then: what a cancellation gives back steps down towards it. What is to be paid in one part,
    and of which nothing was paid yet, is due on that day, and asked for as if it had always been. Raises NotFound."""
    try:
        bill: Bill = Bill.objects.lock(bill_id)
    except Bill.DoesNotExist:
        raise NotFound() from None
    if bill.begins_at != begins_at:
        bill.begins_at = begins_at
        bill.save(update_fields=["begins_at", "updated_at"])
    if bill.status == BillStatus.OPEN:
        now = now or timezone.now()
        whole = bill.instalments.filter(kind=Instalment.Kind.WHOLE).exclude(due_on=due_on)
        if whole.update(due_on=due_on, updated_at=now):
            DueReminder.objects.filter(instalment__bill=bill).delete()
            ledger.settle_bill(bill, now=now)
    return bill


@transaction.atomic
def cancel_idle_bills(
    subject_type: str, subject_ids: Collection[UUID], *, by: User | None, reason: str, now: datetime | None = None
) -> int:
    """Nothing is owed for these any more, where nothing was paid and nobody is just paying: a bill with a payment under
    way stays until it is known what came of that. Gives how many bills are cancelled. One query where there is none."""
    now = now or timezone.now()
    bills = Bill.objects.filter(subject_type=subject_type, subject_id__in=subject_ids, status=BillStatus.OPEN)
    found = list(bills.order_by("pk").select_for_update(of=("self",), no_key=True))
    if not found:
        return 0
    # Asked under the locks: whoever begins to pay takes them, too.
    paying = set(Payment.objects.filter(_UNDER_WAY, bill__in=found).values_list("bill", flat=True))
    idle = [bill for bill in found if bill.pk not in paying]
    for bill in idle:
        ledger.cancel_what_is_owed(bill, by=by, note=reason, now=now)
    return len(idle)

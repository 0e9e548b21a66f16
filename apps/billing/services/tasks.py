"""What a person has to look at: opened once, done once, with what was done."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import notifications, rules
from apps.billing.models import Bill, Dispute, MoneyTask, Payment, Refund
from apps.common.exceptions import NotFound, raise_if
from apps.common.money import Money

Kind = MoneyTask.Kind
#: Kinds of which platform admins also get a message: money is missing, or leaves without us.
ALERTED = frozenset({Kind.DISPUTE, Kind.EXTERNAL_REFUND, Kind.MISMATCH, Kind.REFUND_FAILED})


@transaction.atomic
def open_task(
    kind: str,
    *,
    key: str,
    bill: Bill | None = None,
    payment: Payment | None = None,
    refund: Refund | None = None,
    dispute: Dispute | None = None,
    amount: Money | None = None,
    due_at: datetime | None = None,
    now: datetime,
) -> MoneyTask:
    """A task stands in the coordinators' list, once for its key, however often and by how many this is said; admins get
    a message of those kinds that ALERTED names. What is done stays done.

    `amount` is what it is about: too much, refunded elsewhere, withheld.
    """
    bill = bill or (payment.bill if payment else None)
    task = MoneyTask(
        kind=kind, key=key, bill=bill, payment=payment, refund=refund, dispute=dispute, opened_at=now, due_at=due_at,
        amount=amount.amount if amount else None, currency=amount.currency if amount else "",
    )  # fmt: skip
    # Two at once: the second waits for the first, and finds its row.
    MoneyTask.objects.bulk_create([task], ignore_conflicts=True)
    found = MoneyTask.objects.get(key=key)
    if found.pk == task.pk and kind in ALERTED:
        notifications.money_task_opened(found)
    return found


@transaction.atomic
def finish_task(task_id: UUID, *, by: User, outcome: str, now: datetime | None = None) -> MoneyTask:
    """The task is done, by whom and how. Two at once: one is refused.

    Raises NotFound, Forbidden, TaskDone, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_give_back(role=by.role))
    try:
        task: MoneyTask = MoneyTask.objects.visible_to(by).lock(task_id)
    except MoneyTask.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_finish(is_done=task.done_at is not None, outcome=outcome))
    task.done_at, task.done_by, task.outcome = now, by, outcome.strip()
    task.save(update_fields=["done_at", "done_by", "outcome", "updated_at"])
    return task

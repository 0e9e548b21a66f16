"""Reads of refunds and of the tasks about money."""

from typing import Any

from django.db.models import QuerySet

from apps.billing.models import MoneyTask, Payment, Refund


def refunds_of(payment: Payment) -> QuerySet[Refund]:
    """All of a payment, for whoever sees the payment."""
    return Refund.objects.filter(payment=payment)


def open_tasks(user: Any) -> QuerySet[MoneyTask]:
    """What a person has to look at yet, as far as this one sees it."""
    return MoneyTask.objects.visible_to(user).filter(done_at=None)

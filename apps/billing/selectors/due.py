"""What is due and what is overdue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from apps.accounts.models import User
from apps.billing.models import Bill, Instalment
from apps.billing.workflow import OWING
from apps.common.money import Money


def due_between(user: User, first: date | None, last: date) -> QuerySet[Instalment]:
    """What is owed yet of instalments due on these days, both included, or until `last` if `first` is None: for those
    who see every bill. The earliest first."""
    rows = Instalment.objects.visible_to(user).filter(owed__gt=0, due_on__lte=last)
    return (rows.filter(due_on__gte=first) if first else rows).order_by("due_on", "id")


def due_within(user: User, days: int, *, today: date) -> QuerySet[Instalment]:
    """Due today or within so many days."""
    return due_between(user, today, today + timedelta(days=days))


def overdue(user: User, *, today: date) -> QuerySet[Instalment]:
    """Due before today, and owed still."""
    return due_between(user, None, today - timedelta(days=1))


def owed_by_currency(rows: QuerySet[Instalment]) -> list[Money]:
    """What is owed of these instalments: a sum a currency, never added together. One query."""
    sums = rows.order_by().values("currency").annotate(sum=Sum("owed")).order_by("currency")
    return [Money(row["sum"], row["currency"]) for row in sums]


def with_a_due_day(bills: QuerySet[Bill]) -> QuerySet[Bill]:
    """Those of which something is owed still that is due on a day: one narrow index has them in its order."""
    return bills.filter(status__in=OWING, due_on__isnull=False)


def instalments_told_of(ids: Collection[UUID]) -> Sequence[Instalment]:
    """These instalments with their bill and payer, for a message. One query, none for none."""
    if not ids:
        return []
    return list(Instalment.objects.filter(pk__in=ids).select_related("bill__payer").order_by("pk"))


def overtaken_due_reminders(messages: Sequence[Any], now: datetime) -> Mapping[UUID, str]:
    """No word of an instalment that was paid or credited since, in whole or in part. One query."""
    wanted = {message.context["instalment_id"] for message in messages}
    owing = Instalment.objects.filter(pk__in=wanted, bill__status__in=OWING, owed__gt=0).order_by()
    owed = {str(pk): str(amount.normalize()) for pk, amount in owing.values_list("pk", F("owed"))}
    return {
        message.pk: "paid, credited or changed since"
        for message in messages
        if owed.get(message.context["instalment_id"]) != message.context["owed"]
    }

"""Plans and subscriptions as they are read."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from apps.accounts.models import User
from apps.billing.models import Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.hospitals.selectors.rows import columns, text_statuses

_LIMITS = ("max_doctors", "max_appointments_per_month")
PLAN_ROW = ("id", "code", "audience", "interval", "price", "currency", "trial_days", *_LIMITS)
_PLAN_IN_SUBSCRIPTION = ("code", "interval", "price", "currency", *_LIMITS)
_ROW = (
    "id", "number", "status", "starts_on", "ends_on", "auto_renew", "cancelled_at", "grace_until", "version",
    "created_at", "hospital_id", "doctor_id", "doctor__first_name", "doctor__last_name", "next_plan__code",
)  # fmt: skip
_PERIOD_ROW = (
    "number", "starts_on", "ends_on", "plan__code", "currency", "price", "credit", "taken_up_at", "replaced_on",
    "bill_id", "bill__number", "bill__status", "bill__total", "bill__credited", "bill__paid",
)  # fmt: skip


def plan_rows(language: str) -> QuerySet[Any, dict[str, Any]]:
    """The plans that are offered, as rows, for everyone."""
    rows: Any = SubscriptionPlan.objects.listed()
    rows = rows.raw_values(*PLAN_ROW, *columns("name", "description", language=language))
    return rows.annotate(**text_statuses("", language=language))


def subscription_rows(reader: User, language: str) -> QuerySet[Any, dict[str, Any]]:
    """The subscriptions that the reader sees, with the plan's and the subscriber's names: one query a page."""
    texts = columns("plan__name", "next_plan__name", "hospital__name", "doctor__title", language=language)
    plan = (f"plan__{name}" for name in _PLAN_IN_SUBSCRIPTION)
    rows: Any = Subscription.objects.visible_to(reader)
    return rows.values(*_ROW, *plan, *texts)


def period_rows(subscription_id: UUID) -> list[dict[str, Any]]:
    """What it was billed for, the newest first, but for what never came about. One query."""
    rows: Any = SubscriptionPeriod.objects.filter(subscription=subscription_id, voided_at=None)
    return list(rows.order_by(F("number").desc()).values(*_PERIOD_ROW))

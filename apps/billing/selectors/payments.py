"""What was paid for: asked by whoever sold it, as billing knows it by a name and an id only."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from apps.billing.models import Payment


def paid_subjects(subject_type: str) -> QuerySet[Payment, Any]:
    """The ids of everything of this type for which money has arrived that was not given back: a subquery."""
    return subjects(subject_type).filter(captured__gt=F("refunded") + F("lost"))


def subjects(subject_type: str) -> QuerySet[Payment, Any]:
    """The ids of everything of this type that any payment is for, be it reversed or not: a subquery."""
    return Payment.objects.filter(subject_type=subject_type, subject_id__isnull=False).order_by().values("subject_id")


def is_paid(subject_type: str, subject_id: UUID) -> bool:
    """Whether money for it has arrived that was not given back. One query."""
    return paid_subjects(subject_type).filter(subject_id=subject_id).exists()

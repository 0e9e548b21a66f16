"""Reads about money."""

from .bills import open_bill_of
from .cancellation import (
    CancellationPreview,
    cancellation_preview,
    policy_version_for,
)
from .payments import is_paid, paid_subjects, subjects

__all__ = [
    "CancellationPreview",
    "cancellation_preview",
    "is_paid",
    "open_bill_of",
    "paid_subjects",
    "policy_version_for",
    "subjects",
]

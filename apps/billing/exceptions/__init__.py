"""What billing refuses, each with its stable code."""

from .bills import BillCancelled, BillDiffers
from .payments import AlreadyReversed, NotReversible
from .refunds import (
    NotPaidOutByStaff,
    PaymentDisputed,
    PreviewStale,
    RefundTooLarge,
    TaskDone,
    TermsIncomplete,
    TermsPublished,
)

__all__ = [
    "AlreadyReversed",
    "BillCancelled",
    "BillDiffers",
    "NotPaidOutByStaff",
    "NotReversible",
    "PaymentDisputed",
    "PreviewStale",
    "RefundTooLarge",
    "TaskDone",
    "TermsIncomplete",
    "TermsPublished",
]

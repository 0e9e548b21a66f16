"""Every decision of clinical: `from apps.clinical import rules`."""

from .allergies import check as check_allergies
from .patients import why_not_born_on
from .prescriptions import (
    MAX_MEDICATIONS,
    MIN_REASON,
    VALID_DAYS,
    may_read_check,
    public_state,
    why_no_document,
    why_not_dispense,
    why_not_edit,
    why_not_medications,
    why_not_prescribe,
    why_not_sign,
    why_not_sign_over,
    why_not_valid_until,
    why_not_void,
)

__all__ = [
    "MAX_MEDICATIONS",
    "MIN_REASON",
    "VALID_DAYS",
    "check_allergies",
    "may_read_check",
    "public_state",
    "why_no_document",
    "why_not_born_on",
    "why_not_dispense",
    "why_not_edit",
    "why_not_medications",
    "why_not_prescribe",
    "why_not_sign",
    "why_not_sign_over",
    "why_not_valid_until",
    "why_not_void",
]

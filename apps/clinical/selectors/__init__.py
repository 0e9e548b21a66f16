"""Reads of clinical: `from apps.clinical import selectors`."""

from .patients import patient_of
from .prescriptions import (
    PublicPrescription,
    prescription_row,
    prescription_rows,
    public_prescription,
    signed_prescription,
)

__all__ = [
    "PublicPrescription",
    "patient_of",
    "prescription_row",
    "prescription_rows",
    "public_prescription",
    "signed_prescription",
]

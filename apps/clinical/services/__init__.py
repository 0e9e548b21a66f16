"""Every verb of clinical: `from apps.clinical import services`."""

from .care import end_care, open_care
from .patients import FIELDS, create_patient, update_patient
from .reading import log_readings
from .prescriptions import (
    dispense_prescription,
    draft_prescription,
    edit_prescription,
    replace_prescription,
    sign_prescription,
    void_prescription,
)

__all__ = [
    "FIELDS",
    "create_patient",
    "dispense_prescription",
    "draft_prescription",
    "edit_prescription",
    "end_care",
    "log_readings",
    "open_care",
    "replace_prescription",
    "sign_prescription",
    "update_patient",
    "void_prescription",
]

"""Every verb of clinical: `from apps.clinical import services`."""

from .care import end_care, open_care
from .entries import add_entry, change_entry, remove_entry
from .insurance import decide_insurance, request_insurance_verification
from .onboarding import onboard_patient
from .patients import FIELDS, PAGE_FIELDS, close_patient, create_patient, invite_patient, update_patient
from .reading import log_readings
from .records import add_record, correct_record, mark_record_as_error, share_record
from .prescriptions import dispense_prescription, draft_prescription, edit_prescription, replace_prescription, sign_prescription, void_prescription

__all__ = [
    "FIELDS",
    "PAGE_FIELDS",
    "add_entry",
    "add_record",
    "change_entry",
    "close_patient",
    "correct_record",
    "create_patient",
    "decide_insurance",
    "dispense_prescription",
    "draft_prescription",
    "edit_prescription",
    "end_care",
    "invite_patient",
    "log_readings",
    "mark_record_as_error",
    "onboard_patient",
    "open_care",
    "remove_entry",
    "replace_prescription",
    "request_insurance_verification",
    "share_record",
    "sign_prescription",
    "update_patient",
    "void_prescription",
]

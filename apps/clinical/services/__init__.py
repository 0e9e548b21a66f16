"""Every verb of clinical: `from apps.clinical import services`."""

from .care import end_care, open_care
from .consent_texts import draft_consent_text, publish_consent_text
from .consents import give_consent, revoke_consent, save_consent_texts
from .emergencies import open_in_emergency, review_emergency
from .entries import KINDS, add_entry, change_entry, remove_entry
from .insurance import ask_insurers, decide_insurance, request_insurance_verification
from .insurers import create_insurer, remove_insurer, save_insurers, update_insurer
from .lab_results import acknowledge_result, escalate_results, flagged, release_result, report_result, review_result
from .lab_tests import cancel_lab_test, change_lab_test, request_lab_test
from .laboratories import create_laboratory, deactivate_laboratory, update_laboratory
from .onboarding import onboard_patient
from .patients import FIELDS, PAGE_FIELDS, close_patient, create_patient, invite_patient, update_patient
from .prescriptions import (
    dispense_prescription,
    draft_prescription,
    edit_prescription,
    replace_prescription,
    sign_prescription,
    void_prescription,
)
from .reading import log_readings
from .records import add_record, correct_record, mark_record_as_error, share_record
from .seals import seal_readings, verify_read_log

__all__ = [
    "FIELDS",
    "KINDS",
    "PAGE_FIELDS",
    "acknowledge_result",
    "add_entry",
    "add_record",
    "ask_insurers",
    "cancel_lab_test",
    "change_entry",
    "change_lab_test",
    "close_patient",
    "correct_record",
    "create_insurer",
    "create_laboratory",
    "create_patient",
    "deactivate_laboratory",
    "decide_insurance",
    "dispense_prescription",
    "draft_consent_text",
    "draft_prescription",
    "edit_prescription",
    "end_care",
    "escalate_results",
    "flagged",
    "give_consent",
    "invite_patient",
    "log_readings",
    "mark_record_as_error",
    "onboard_patient",
    "open_care",
    "open_in_emergency",
    "publish_consent_text",
    "release_result",
    "remove_entry",
    "remove_insurer",
    "replace_prescription",
    "report_result",
    "request_insurance_verification",
    "request_lab_test",
    "review_emergency",
    "review_result",
    "revoke_consent",
    "save_consent_texts",
    "save_insurers",
    "seal_readings",
    "share_record",
    "sign_prescription",
    "update_insurer",
    "update_laboratory",
    "update_patient",
    "verify_read_log",
    "void_prescription",
]

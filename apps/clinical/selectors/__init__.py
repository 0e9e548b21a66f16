"""Reads of clinical: `from apps.clinical import selectors`."""

from .consents import (
    consent_row,
    consent_rows,
    current_consent_text,
    emergency_rows,
    institutions_of,
    raise_unless_seen,
    reading_rows,
    titles_of,
)
from .insurance import insurer_row, insurer_rows, managed_insurer, verification_rows
from .lab_tests import LabTestPage, lab_test_page, lab_test_rows, moves_of, result_file
from .laboratories import laboratory_row, laboratory_rows, managed_laboratory
from .patients import PatientPage, patient_of, patient_page, patient_rows
from .prescriptions import (
    PublicPrescription,
    prescription_row,
    prescription_rows,
    public_prescription,
    replacement_of,
    signed_prescription,
)
from .records import record_file, record_row, record_rows, record_to_keep, record_versions, written_record

__all__ = [
    "LabTestPage",
    "PatientPage",
    "PublicPrescription",
    "consent_row",
    "consent_rows",
    "current_consent_text",
    "emergency_rows",
    "institutions_of",
    "insurer_row",
    "insurer_rows",
    "lab_test_page",
    "lab_test_rows",
    "laboratory_row",
    "laboratory_rows",
    "managed_insurer",
    "managed_laboratory",
    "moves_of",
    "patient_of",
    "patient_page",
    "patient_rows",
    "prescription_row",
    "prescription_rows",
    "public_prescription",
    "raise_unless_seen",
    "reading_rows",
    "record_file",
    "record_row",
    "record_rows",
    "record_to_keep",
    "record_versions",
    "replacement_of",
    "result_file",
    "signed_prescription",
    "titles_of",
    "verification_rows",
    "written_record",
]

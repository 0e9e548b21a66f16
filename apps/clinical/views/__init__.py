"""The patient's record over the API."""

from .consents import ConsentTextView, EmergencyAccessViewSet, PatientConsentsViewSet, ReadLogViewSet
from .entries import (
    PatientAllergyViewSet,
    PatientConditionViewSet,
    PatientGuardianViewSet,
    PatientIdentityDocumentViewSet,
    PatientInsurancePolicyViewSet,
    PatientMedicationViewSet,
)
from .insurance import InsuranceVerificationViewSet, InsurerViewSet
from .lab_tests import LabTestViewSet
from .laboratories import LaboratoryViewSet
from .patients import PatientViewSet
from .prescriptions import PatientPrescriptionsViewSet, PrescriptionPdfView, PrescriptionViewSet, verify_prescription
from .records import MedicalRecordViewSet, PatientRecordsViewSet, RecordVersionsViewSet
from .uploads import MedicalUploadSessionViewSet, UploadMedicalRecordView

__all__ = [
    "ConsentTextView",
    "EmergencyAccessViewSet",
    "InsuranceVerificationViewSet",
    "InsurerViewSet",
    "LabTestViewSet",
    "LaboratoryViewSet",
    "MedicalRecordViewSet",
    "MedicalUploadSessionViewSet",
    "PatientAllergyViewSet",
    "PatientConditionViewSet",
    "PatientConsentsViewSet",
    "PatientGuardianViewSet",
    "PatientIdentityDocumentViewSet",
    "PatientInsurancePolicyViewSet",
    "PatientMedicationViewSet",
    "PatientPrescriptionsViewSet",
    "PatientRecordsViewSet",
    "PatientViewSet",
    "PrescriptionPdfView",
    "PrescriptionViewSet",
    "ReadLogViewSet",
    "RecordVersionsViewSet",
    "UploadMedicalRecordView",
    "verify_prescription",
]

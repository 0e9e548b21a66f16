"""The patient's record over the API."""

from .entries import (
    PatientAllergyViewSet,
    PatientConditionViewSet,
    PatientGuardianViewSet,
    PatientIdentityDocumentViewSet,
    PatientInsurancePolicyViewSet,
    PatientMedicationViewSet,
)
from .patients import PatientViewSet
from .prescriptions import PatientPrescriptionsViewSet, PrescriptionPdfView, PrescriptionViewSet, verify_prescription
from .records import MedicalRecordViewSet, PatientRecordsViewSet, RecordVersionsViewSet
from .uploads import MedicalUploadSessionViewSet, UploadMedicalRecordView

__all__ = [
    "MedicalRecordViewSet",
    "MedicalUploadSessionViewSet",
    "PatientAllergyViewSet",
    "PatientConditionViewSet",
    "PatientGuardianViewSet",
    "PatientIdentityDocumentViewSet",
    "PatientInsurancePolicyViewSet",
    "PatientMedicationViewSet",
    "PatientPrescriptionsViewSet",
    "PatientRecordsViewSet",
    "PatientViewSet",
    "PrescriptionPdfView",
    "PrescriptionViewSet",
    "RecordVersionsViewSet",
    "UploadMedicalRecordView",
    "verify_prescription",
]

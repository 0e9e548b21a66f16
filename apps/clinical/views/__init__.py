"""The patient's record over the API."""

from .entries import (
    PatientAllergyViewSet,
    PatientConditionViewSet,
    PatientGuardianViewSet,
    PatientIdentityDocumentViewSet,
    PatientInsurancePolicyViewSet,
    PatientMedicationViewSet,
)
from .lab_tests import LabTestViewSet
from .laboratories import LaboratoryViewSet
from .patients import PatientViewSet
from .prescriptions import PatientPrescriptionsViewSet, PrescriptionPdfView, PrescriptionViewSet, verify_prescription
from .records import MedicalRecordViewSet, PatientRecordsViewSet, RecordVersionsViewSet
from .uploads import MedicalUploadSessionViewSet, UploadMedicalRecordView

__all__ = [
    "LabTestViewSet",
    "LaboratoryViewSet",
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

"""The patient's record over the API."""

from .uploads import MedicalUploadSessionViewSet, UploadMedicalRecordView
from .prescriptions import PatientPrescriptionsViewSet, PrescriptionPdfView, PrescriptionViewSet, verify_prescription

__all__ = [
    "MedicalUploadSessionViewSet",
    "PatientPrescriptionsViewSet",
    "PrescriptionPdfView",
    "PrescriptionViewSet",
    "UploadMedicalRecordView",
    "verify_prescription",
]

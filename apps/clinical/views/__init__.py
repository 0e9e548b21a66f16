"""The patient's record over the API."""

from .uploads import UploadMedicalRecordView
from .prescriptions import (
    PatientPrescriptionsViewSet,
    PrescriptionPdfView,
    PrescriptionViewSet,
    verify_prescription,
)

__all__ = [
    "PatientPrescriptionsViewSet",
    "PrescriptionPdfView",
    "PrescriptionViewSet",
    "UploadMedicalRecordView",
    "verify_prescription",
]

"""The patient's record over the API."""

from .uploads import UploadMedicalRecordView

__all__ = ["UploadMedicalRecordView"]

"""Every verb of clinical: `from apps.clinical import services`."""

from .care import end_care, open_care
from .patients import FIELDS, create_patient, update_patient
from .reading import log_readings

__all__ = ["FIELDS", "create_patient", "end_care", "log_readings", "open_care", "update_patient"]

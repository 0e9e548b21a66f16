"""Every verb of clinical: `from apps.clinical import services`."""

from .patients import FIELDS, create_patient, update_patient

__all__ = ["FIELDS", "create_patient", "update_patient"]

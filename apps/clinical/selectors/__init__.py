"""Reads of clinical: `from apps.clinical import selectors`."""

from .patients import patient_of

__all__ = ["patient_of"]

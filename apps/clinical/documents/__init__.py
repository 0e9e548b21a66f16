"""Clinical's documents: the templates, and what they are filled with."""

from .prescriptions import as_signed, country_name, prescription_pdf

__all__ = ["as_signed", "country_name", "prescription_pdf"]

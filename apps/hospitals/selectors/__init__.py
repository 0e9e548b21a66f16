"""Reads of the directory as plain rows: one query a page, whatever hangs on a row comes in it as JSON.

A translated field is read in the language asked for and in English, and `serializers` takes the first that there is.
The querysets are built once a language and narrowed by each request; they are never evaluated themselves.
"""

from .directory import (
    affiliations_of,
    doctor_for_hospital,
    doctor_row,
    doctor_rows,
    hospital_row,
    hospital_rows,
    licences_of,
    managed_doctor,
    managed_hospital,
    matching_specialties,
    specialty_rows,
)

__all__ = [
    "affiliations_of",
    "doctor_for_hospital",
    "doctor_row",
    "doctor_rows",
    "hospital_row",
    "hospital_rows",
    "licences_of",
    "managed_doctor",
    "managed_hospital",
    "matching_specialties",
    "specialty_rows",
]

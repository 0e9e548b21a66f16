"""Reads of the directory as plain rows: one query a page, whatever hangs on a row comes in it as JSON.

A translated field is read in the language asked for and in English, and `serializers` takes the first that there is.
The querysets are built once a language and narrowed by each request; they are never evaluated themselves.
"""

from .catalogue import (
    hospital_offer_row,
    hospital_offer_rows,
    managed_offer,
    managed_package,
    managed_treatment,
    package_row,
    package_rows,
    treatment_offer_rows,
    treatment_row,
    treatment_rows,
)
from .directory import (
    DoctorFile,
    doctor_file,
    doctor_for_hospital,
    doctor_row,
    doctor_rows,
    hospital_row,
    hospital_rows,
    managed_doctor,
    managed_hospital,
)
from .hospitals import HospitalFile, hospital_documents, hospital_file
from .places import AskedPlace
from .prices import AskedPrices
from .reference import accreditation_body_rows, procedure_rows, specialty_rows, treatment_category_rows
from .rows import lines_of

__all__ = [
    "AskedPlace",
    "AskedPrices",
    "DoctorFile",
    "HospitalFile",
    "accreditation_body_rows",
    "doctor_file",
    "doctor_for_hospital",
    "doctor_row",
    "doctor_rows",
    "hospital_documents",
    "hospital_file",
    "hospital_offer_row",
    "hospital_offer_rows",
    "hospital_row",
    "hospital_rows",
    "lines_of",
    "managed_doctor",
    "managed_hospital",
    "managed_offer",
    "managed_package",
    "managed_treatment",
    "package_row",
    "package_rows",
    "procedure_rows",
    "specialty_rows",
    "treatment_category_rows",
    "treatment_offer_rows",
    "treatment_row",
    "treatment_rows",
]

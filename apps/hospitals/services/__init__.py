"""Every verb of the directory, and its only writers.

Lock order: Hospital, Doctor; affiliations are changed under their doctor's lock, so that they never race each other.
`by` is the acting person, or None for the system. Translated texts come by language: `name={"en": "...", "ar": "..."}`.
"""

from .affiliations import activate_affiliation, add_affiliation, end_affiliation, update_affiliation
from .doctors import (
    deactivate_doctor,
    onboard_doctor,
    open_profile,
    set_bookable,
    update_doctor,
    verify_doctor,
)
from .hospitals import add_staff, create_hospital, deactivate_hospital, remove_staff, update_hospital, verify_hospital
from .specialties import save_specialties

__all__ = [
    "activate_affiliation",
    "add_affiliation",
    "add_staff",
    "create_hospital",
    "deactivate_doctor",
    "deactivate_hospital",
    "end_affiliation",
    "onboard_doctor",
    "open_profile",
    "remove_staff",
    "save_specialties",
    "set_bookable",
    "update_affiliation",
    "update_doctor",
    "update_hospital",
    "verify_doctor",
    "verify_hospital",
]

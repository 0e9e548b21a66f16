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
from .offers import create_offer, update_offer, withdraw_offer
from .packages import create_package, deactivate_package, update_package
from .specialties import save_specialties
from .treatments import create_treatment, deactivate_treatment, update_treatment
from .translations import translate

__all__ = [
    "activate_affiliation",
    "add_affiliation",
    "add_staff",
    "create_hospital",
    "create_offer",
    "create_package",
    "create_treatment",
    "deactivate_doctor",
    "deactivate_hospital",
    "deactivate_package",
    "deactivate_treatment",
    "end_affiliation",
    "onboard_doctor",
    "open_profile",
    "remove_staff",
    "save_specialties",
    "set_bookable",
    "translate",
    "update_affiliation",
    "update_doctor",
    "update_hospital",
    "update_offer",
    "update_package",
    "update_treatment",
    "verify_doctor",
    "verify_hospital",
    "withdraw_offer",
]

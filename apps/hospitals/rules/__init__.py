"""Every decision of the directory. Pure: given rows and the day, they return a refusal or None."""

from .affiliations import (
    MAX_PROPOSED_AFFILIATIONS,
    why_not_activate,
    why_not_affiliate,
    why_not_change_affiliation,
    why_not_end_affiliation,
    why_not_propose,
)
from .doctors import MAX_LICENCES, MAX_QUALIFICATIONS, VERIFIED_FIELDS, why_not_change_doctor, why_not_onboard
from .hospitals import why_not_change_hospital
from .verification import is_lapsed, missing_for_approval, why_not_decide, why_not_verify_doctor

__all__ = [
    "MAX_LICENCES",
    "MAX_PROPOSED_AFFILIATIONS",
    "MAX_QUALIFICATIONS",
    "VERIFIED_FIELDS",
    "is_lapsed",
    "missing_for_approval",
    "why_not_activate",
    "why_not_affiliate",
    "why_not_change_affiliation",
    "why_not_change_doctor",
    "why_not_change_hospital",
    "why_not_decide",
    "why_not_end_affiliation",
    "why_not_onboard",
    "why_not_propose",
    "why_not_verify_doctor",
]

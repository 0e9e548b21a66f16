"""Every decision of the directory. Pure: given rows and the day, they return a refusal or None."""

from .affiliations import (
    MAX_PROPOSED_AFFILIATIONS,
    why_not_activate,
    why_not_affiliate,
    why_not_change_affiliation,
    why_not_end_affiliation,
    why_not_propose,
)
from .catalogue import (
    LONGEST_ITEM,
    MAX_HOSPITALS,
    MAX_ITEMS,
    MAX_SEASONS,
    MAX_TREATMENTS,
    OFFER_TEXTS,
    PACKAGE_TEXTS,
    TREATMENT_TEXTS,
    why_not_compose,
    why_not_keep_catalogue,
    why_not_keep_offer,
    why_not_offer,
    why_wrong_days,
    why_wrong_items,
    why_wrong_seasons,
)
from .doctors import MAX_LICENCES, MAX_QUALIFICATIONS, VERIFIED_FIELDS, why_not_change_doctor, why_not_onboard
from .hospitals import why_not_change_hospital
from .prices import why_not_change_currency, why_wrong_price
from .translations import why_not_translate
from .verification import is_lapsed, missing_for_approval, why_not_decide, why_not_verify_doctor

__all__ = [
    "LONGEST_ITEM",
    "MAX_HOSPITALS",
    "MAX_ITEMS",
    "MAX_LICENCES",
    "MAX_PROPOSED_AFFILIATIONS",
    "MAX_QUALIFICATIONS",
    "MAX_SEASONS",
    "MAX_TREATMENTS",
    "OFFER_TEXTS",
    "PACKAGE_TEXTS",
    "TREATMENT_TEXTS",
    "VERIFIED_FIELDS",
    "is_lapsed",
    "missing_for_approval",
    "why_not_activate",
    "why_not_affiliate",
    "why_not_change_affiliation",
    "why_not_change_currency",
    "why_not_change_doctor",
    "why_not_change_hospital",
    "why_not_compose",
    "why_not_decide",
    "why_not_end_affiliation",
    "why_not_keep_catalogue",
    "why_not_keep_offer",
    "why_not_offer",
    "why_not_onboard",
    "why_not_propose",
    "why_not_translate",
    "why_not_verify_doctor",
    "why_wrong_days",
    "why_wrong_items",
    "why_wrong_price",
    "why_wrong_seasons",
]

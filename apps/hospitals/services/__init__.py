"""Every verb of the directory, and its only writers.

Lock order: Hospital, Doctor; affiliations are changed under their doctor's lock, so that they never race each other.
`by` is the acting person, or None for the system. Translated texts come by language: `name={"en": "...", "ar": "..."}`.
"""

from .accreditations import add_accreditation, remove_accreditation, update_accreditation, verify_accreditation
from .affiliations import (
    activate_affiliation,
    add_affiliation,
    confirm_affiliation,
    decline_affiliation,
    end_affiliation,
    propose_affiliation,
    update_affiliation,
)
from .banking import remove_bank_account, set_bank_account
from .credentials import (
    add_document,
    add_licence,
    remove_document,
    remove_licence,
    update_licence,
    verify_licence,
)
from .derived import mend_derived, reprice
from .doctors import (
    deactivate_doctor,
    onboard_doctor,
    open_profile,
    set_bookable,
    submit_doctor,
    update_doctor,
    verify_doctor,
)
from .documents import add_hospital_document, remove_hospital_document
from .expiry import end_what_expired
from .figures import set_next_free, set_rating
from .gallery import add_image, order_images, remove_image, update_image
from .hospitals import (
    add_staff,
    create_hospital,
    deactivate_hospital,
    remove_staff,
    submit_hospital,
    update_hospital,
    verify_hospital,
)
from .limits import limit_doctor, limit_hospital
from .offers import WantedOffer, create_offer, save_offers, update_offer, withdraw_offer
from .packages import create_package, deactivate_package, update_package
from .reference import (
    save_accreditation_bodies,
    save_procedures,
    save_specialties,
    save_treatment_categories,
)
from .translations import translate
from .treatments import create_treatment, deactivate_treatment, update_treatment

__all__ = [
    "WantedOffer",
    "activate_affiliation",
    "add_accreditation",
    "add_affiliation",
    "add_document",
    "add_hospital_document",
    "add_image",
    "add_licence",
    "add_staff",
    "confirm_affiliation",
    "create_hospital",
    "create_offer",
    "create_package",
    "create_treatment",
    "deactivate_doctor",
    "deactivate_hospital",
    "deactivate_package",
    "deactivate_treatment",
    "decline_affiliation",
    "end_affiliation",
    "end_what_expired",
    "limit_doctor",
    "limit_hospital",
    "mend_derived",
    "onboard_doctor",
    "open_profile",
    "order_images",
    "propose_affiliation",
    "remove_accreditation",
    "remove_bank_account",
    "remove_document",
    "remove_hospital_document",
    "remove_image",
    "remove_licence",
    "remove_staff",
    "reprice",
    "save_accreditation_bodies",
    "save_offers",
    "save_procedures",
    "save_specialties",
    "save_treatment_categories",
    "set_bank_account",
    "set_bookable",
    "set_next_free",
    "set_rating",
    "submit_doctor",
    "submit_hospital",
    "translate",
    "update_accreditation",
    "update_affiliation",
    "update_doctor",
    "update_hospital",
    "update_image",
    "update_licence",
    "update_offer",
    "update_package",
    "update_treatment",
    "verify_accreditation",
    "verify_doctor",
    "verify_hospital",
    "verify_licence",
    "withdraw_offer",
]

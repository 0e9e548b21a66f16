"""What the directory tells doctors, hospital staff and platform admins: one function a message."""

from .affiliations import (
    affiliation_added,
    affiliation_begun,
    affiliation_declined,
    affiliation_ended,
    affiliation_offered,
    affiliation_over,
    affiliation_proposed,
    affiliation_withdrawn,
)
from .banking import bank_account_removed, bank_account_set
from .doctors import doctor_approved, doctor_rejected, licence_approved, licence_rejected
from .expiry import Ending, accreditations_end, admins_digest, licences_end
from .hospitals import accreditation_decided, hospital_approved, hospital_rejected, hospital_submitted

__all__ = [
    "Ending",
    "accreditation_decided",
    "accreditations_end",
    "admins_digest",
    "affiliation_added",
    "affiliation_begun",
    "affiliation_declined",
    "affiliation_ended",
    "affiliation_offered",
    "affiliation_over",
    "affiliation_proposed",
    "affiliation_withdrawn",
    "bank_account_removed",
    "bank_account_set",
    "doctor_approved",
    "doctor_rejected",
    "hospital_approved",
    "hospital_rejected",
    "hospital_submitted",
    "licence_approved",
    "licence_rejected",
    "licences_end",
]

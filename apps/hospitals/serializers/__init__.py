"""Shapes of the directory: what comes in, and what goes out.

An answer's class gives the schema, and its `of` makes the plain dict of a row that `selectors` read, in one place.
Every object with translated fields says in `languages` which language each of them is in. Texts come in by language:
`{"name": {"en": "...", "ar": "..."}}`.
"""

from .catalogue import (
    HospitalOffer,
    HospitalOfferDetail,
    OfferChanges,
    OfferInput,
    TreatmentChanges,
    TreatmentDetail,
    TreatmentInput,
    TreatmentOffer,
    TreatmentSummary,
)
from .doctors import (
    AffiliationDetail,
    AffiliationInput,
    DoctorChanges,
    DoctorDetail,
    DoctorInput,
    DoctorManagement,
    DoctorSummary,
    OnboardingInput,
)
from .fields import SpecialtySummary
from .hospitals import (
    HospitalChanges,
    HospitalDetail,
    HospitalInput,
    HospitalSummary,
    VerificationInput,
)
from .packages import PackageChanges, PackageDetail, PackageInput, PackageSummary

__all__ = [
    "AffiliationDetail",
    "AffiliationInput",
    "DoctorChanges",
    "DoctorDetail",
    "DoctorInput",
    "DoctorManagement",
    "DoctorSummary",
    "HospitalChanges",
    "HospitalDetail",
    "HospitalInput",
    "HospitalOffer",
    "HospitalOfferDetail",
    "HospitalSummary",
    "OfferChanges",
    "OfferInput",
    "OnboardingInput",
    "PackageChanges",
    "PackageDetail",
    "PackageInput",
    "PackageSummary",
    "SpecialtySummary",
    "TreatmentChanges",
    "TreatmentDetail",
    "TreatmentInput",
    "TreatmentOffer",
    "TreatmentSummary",
    "VerificationInput",
]

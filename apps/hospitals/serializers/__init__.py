"""Shapes of the directory: what comes in, and what goes out.

An answer's class gives the schema, and its `of` makes the plain dict of a row that `selectors` read, in one place.
Every object with translated fields says in `languages` which language each of them is in. Texts come in by language:
`{"name": {"en": "...", "ar": "..."}}`.
"""

from .accreditations import AccreditationDetail, AccreditationInput, AccreditationSummary
from .affiliations import AffiliationDetail, AffiliationInput, ProposedAffiliation, ProposedAffiliations
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
from .credentials import DocumentDetail, DocumentInput, LicenceDetail, LicenceInput
from .doctors import (
    DoctorChanges,
    DoctorDetail,
    DoctorInput,
    DoctorManagement,
    DoctorSummary,
    OnboardingInput,
)
from .fields import SpecialtySummary
from .gallery import ImageChanges, ImageDetail, ImageInput, ImageOrder, ImageSummary
from .hospitals import (
    HospitalChanges,
    HospitalDetail,
    HospitalInput,
    HospitalManagement,
    HospitalSummary,
    VerificationInput,
)
from .listed import ListedDoctor, ListedHospital
from .packages import PackageChanges, PackageDetail, PackageInput, PackageSummary
from .papers import HospitalDocumentDetail, HospitalDocumentInput
from .reference import AccreditationBodySummary, ProcedureSummary, TreatmentCategorySummary

__all__ = [
    "AccreditationBodySummary",
    "AccreditationDetail",
    "AccreditationInput",
    "AccreditationSummary",
    "AffiliationDetail",
    "AffiliationInput",
    "DoctorChanges",
    "DoctorDetail",
    "DoctorInput",
    "DoctorManagement",
    "DoctorSummary",
    "DocumentDetail",
    "DocumentInput",
    "HospitalChanges",
    "HospitalDetail",
    "HospitalDocumentDetail",
    "HospitalDocumentInput",
    "HospitalInput",
    "HospitalManagement",
    "HospitalOffer",
    "HospitalOfferDetail",
    "HospitalSummary",
    "ImageChanges",
    "ImageDetail",
    "ImageInput",
    "ImageOrder",
    "ImageSummary",
    "LicenceDetail",
    "LicenceInput",
    "ListedDoctor",
    "ListedHospital",
    "OfferChanges",
    "OfferInput",
    "OnboardingInput",
    "PackageChanges",
    "PackageDetail",
    "PackageInput",
    "PackageSummary",
    "ProcedureSummary",
    "ProposedAffiliation",
    "ProposedAffiliations",
    "SpecialtySummary",
    "TreatmentCategorySummary",
    "TreatmentChanges",
    "TreatmentDetail",
    "TreatmentInput",
    "TreatmentOffer",
    "TreatmentSummary",
    "VerificationInput",
]

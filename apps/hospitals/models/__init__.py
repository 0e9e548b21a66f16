"""The directory: reference data, hospitals, doctors and who practises where, treatments, offers and packages."""

from .affiliations import Affiliation
from .base import Searchable, Verifiable
from .doctors import Doctor, DoctorAccount, DoctorDocument, Licence, Qualification
from .hospitals import Accreditation, Hospital, HospitalDocument, HospitalImage, HospitalStaff, sort_name
from .packages import Package, PackageSeason
from .reference import AccreditationBody, Procedure, Specialty, TreatmentCategory
from .treatments import Offer, Treatment

__all__ = [
    "Accreditation",
    "AccreditationBody",
    "Affiliation",
    "Doctor",
    "DoctorAccount",
    "DoctorDocument",
    "Hospital",
    "HospitalDocument",
    "HospitalImage",
    "HospitalStaff",
    "Licence",
    "Offer",
    "Package",
    "PackageSeason",
    "Procedure",
    "Qualification",
    "Searchable",
    "Specialty",
    "Treatment",
    "TreatmentCategory",
    "Verifiable",
    "sort_name",
]

"""The directory: reference data, hospitals, doctors and who practises where, treatments, offers and packages."""

from .affiliations import Affiliation
from .banking import BankAccount
from .base import Searchable, Verifiable
from .doctors import Doctor, DoctorAccount, DoctorDocument, Licence, Qualification
from .hospitals import Accreditation, Hospital, HospitalDocument, HospitalImage, HospitalStaff, sort_name
from .links import HospitalSpecialty, PackageHospital, PackageTreatment, TreatmentProcedure
from .packages import Package, PackageSeason
from .reference import AccreditationBody, Procedure, Specialty, TreatmentCategory
from .treatments import Offer, Treatment

__all__ = [
    "Accreditation",
    "AccreditationBody",
    "Affiliation",
    "BankAccount",
    "Doctor",
    "DoctorAccount",
    "DoctorDocument",
    "Hospital",
    "HospitalDocument",
    "HospitalImage",
    "HospitalSpecialty",
    "HospitalStaff",
    "Licence",
    "Offer",
    "Package",
    "PackageHospital",
    "PackageSeason",
    "PackageTreatment",
    "Procedure",
    "Qualification",
    "Searchable",
    "Specialty",
    "Treatment",
    "TreatmentCategory",
    "TreatmentProcedure",
    "Verifiable",
    "sort_name",
]

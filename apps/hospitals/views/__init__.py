"""The directory over the API."""

from .affiliations import HospitalDoctorViewSet, OwnAffiliationViewSet
from .credentials import DoctorDocumentViewSet, DoctorLicenceViewSet
from .doctors import DoctorViewSet
from .hospitals import HospitalViewSet
from .packages import CountryPackageViewSet, PackageViewSet
from .reference import (
    AccreditationBodyViewSet,
    ProcedureViewSet,
    SpecialtyViewSet,
    TreatmentCategoryViewSet,
)
from .treatments import HospitalTreatmentViewSet, TreatmentHospitalViewSet, TreatmentViewSet

__all__ = [
    "AccreditationBodyViewSet",
    "CountryPackageViewSet",
    "DoctorDocumentViewSet",
    "DoctorLicenceViewSet",
    "DoctorViewSet",
    "HospitalDoctorViewSet",
    "HospitalTreatmentViewSet",
    "HospitalViewSet",
    "OwnAffiliationViewSet",
    "PackageViewSet",
    "ProcedureViewSet",
    "SpecialtyViewSet",
    "TreatmentCategoryViewSet",
    "TreatmentHospitalViewSet",
    "TreatmentViewSet",
]

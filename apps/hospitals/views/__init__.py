"""The directory over the API."""

from .accreditations import HospitalAccreditationViewSet
from .affiliations import HospitalDoctorViewSet, OwnAffiliationViewSet
from .credentials import DoctorDocumentViewSet, DoctorLicenceViewSet
from .doctors import DoctorViewSet
from .gallery import HospitalDocumentViewSet, HospitalImageViewSet
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
    "HospitalAccreditationViewSet",
    "HospitalDoctorViewSet",
    "HospitalDocumentViewSet",
    "HospitalImageViewSet",
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

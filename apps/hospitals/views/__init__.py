"""The directory over the API."""

from .doctors import DoctorViewSet, HospitalDoctorViewSet
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
    "DoctorViewSet",
    "HospitalDoctorViewSet",
    "HospitalTreatmentViewSet",
    "HospitalViewSet",
    "PackageViewSet",
    "ProcedureViewSet",
    "SpecialtyViewSet",
    "TreatmentCategoryViewSet",
    "TreatmentHospitalViewSet",
    "TreatmentViewSet",
]

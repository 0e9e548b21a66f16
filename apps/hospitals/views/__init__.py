"""The directory over the API."""

from .doctors import DoctorViewSet, HospitalDoctorViewSet
from .hospitals import HospitalViewSet
from .packages import CountryPackageViewSet, PackageViewSet
from .reference import SpecialtyViewSet
from .treatments import HospitalTreatmentViewSet, TreatmentHospitalViewSet, TreatmentViewSet

__all__ = [
    "CountryPackageViewSet",
    "DoctorViewSet",
    "HospitalDoctorViewSet",
    "HospitalTreatmentViewSet",
    "HospitalViewSet",
    "PackageViewSet",
    "SpecialtyViewSet",
    "TreatmentHospitalViewSet",
    "TreatmentViewSet",
]

"""The directory over the API."""

from .doctors import DoctorViewSet, HospitalDoctorViewSet
from .hospitals import HospitalViewSet
from .reference import SpecialtyViewSet

__all__ = ["DoctorViewSet", "HospitalDoctorViewSet", "HospitalViewSet", "SpecialtyViewSet"]

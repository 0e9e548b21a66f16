"""The links of many-to-many fields. These models exist to carry one trigger each: what is linked to a row belongs to
its search document, whoever writes the link."""

from typing import ClassVar

from . import derived
from .hospitals import Hospital
from .packages import Package
from .treatments import Treatment


class HospitalSpecialty(Hospital.specialties.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()
        triggers: ClassVar = [derived.belongs("hospital_id", "hospitals_hospital", ("search",), ["specialty_id"])]


class TreatmentProcedure(Treatment.procedures.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()
        triggers: ClassVar = [derived.belongs("treatment_id", "hospitals_treatment", ("search",), ["procedure_id"])]


class PackageTreatment(Package.treatments.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()
        triggers: ClassVar = [derived.belongs("package_id", "hospitals_package", ("search",), ["treatment_id"])]


class PackageHospital(Package.hospitals.through):  # type: ignore[name-defined]
    class Meta:
        proxy = True
        default_permissions = ()
        triggers: ClassVar = [derived.belongs("package_id", "hospitals_package", ("search",), ["hospital_id"])]

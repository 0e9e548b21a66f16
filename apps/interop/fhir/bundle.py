"""The bundle: everything of one patient, and whoever it refers to."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.clinical.models import Laboratory, MedicalRecord, Patient
from apps.common import ids
from apps.hospitals.models import Doctor, Hospital
from apps.media.models import StoredFile

from . import care, elements, findings, people


def _nowhere(file: StoredFile) -> None:
    return None


def bundle_of(patient: Patient, *, now: datetime, address_of: findings.AddressOf = _nowhere) -> elements.Resource:
    """Everything of the patient as a collection. `address_of` says where a file lies for the reader. About thirty
    queries, however much there is."""
    records = list(
        MedicalRecord.objects.filter(patient=patient).prefetch_related("files__file").order_by("recorded_on", "id")
    )
    of_patient = [
        people.patient_resource(patient),
        *care.appointments(patient),
        *care.allergies(patient),
        *care.conditions(patient),
        *care.current_medications(patient),
        *care.prescriptions(patient, now=now),
        *care.consents(patient, now=now),
        *findings.documents(patient, records, address_of),
        *findings.measurements(patient, records),
        *findings.laboratory_tests(patient, address_of),
    ]
    others = list(_referred_to(of_patient))
    return elements.bundle(ids.uuid7(), [*of_patient, *others], at=now)


def _referred_to(resources: Iterable[elements.Resource]) -> Iterator[elements.Resource]:
    """Doctors, laboratories and hospitals that the resources name, each once; a laboratory's hospital with it."""
    wanted = {UUID(urn.rpartition(":")[2]) for one in resources for urn in _references(one)}
    doctors = Doctor.objects.filter(pk__in=wanted).select_related("specialty")
    yield from (people.practitioner(doctor) for doctor in doctors)
    laboratories = list(Laboratory.objects.filter(pk__in=wanted).select_related("hospital"))
    yield from (people.laboratory_organization(laboratory) for laboratory in laboratories)
    of_laboratories = {laboratory.hospital_id for laboratory in laboratories}
    patient_id = next(one["id"] for one in resources if one["resourceType"] == "Patient")
    visited = Hospital.objects.filter(appointments__patient=patient_id).distinct().in_bulk()
    for hospital in visited.values():
        yield people.place(hospital)
    wanted |= of_laboratories | set(visited)
    yield from (people.organization(hospital) for hospital in Hospital.objects.filter(pk__in=wanted))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)

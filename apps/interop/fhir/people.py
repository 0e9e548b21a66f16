"""The patient, those who treat them, and where."""

from collections.abc import Iterator
from typing import Any

from django_countries import countries

from apps.clinical.models import Guardian, IdentityDocument, InsurancePolicy, Laboratory, Patient
from apps.hospitals.models import Doctor, Hospital

from .elements import Resource, coded, concept, derived, number, own_identifier, reference, resource, telecom, terms

_IDENTIFIER = terms("v2-0203")
_CONTACT = terms("v2-0131")
_LANGUAGES = "urn:ietf:bcp:47"


def patient_resource(patient: Patient) -> Resource:
    person = patient.user
    return resource(
        "Patient",
        patient.pk,
        patient.updated_at,
        identifier=[own_identifier(patient.pk), *_papers(patient), *_policies(patient)],
        active=person.is_active and patient.erased_at is None,
        name=[{"use": "official", "family": person.last_name, "given": [person.first_name]}],
        telecom=telecom(phone=person.phone, email=person.email),
        gender=patient.gender,
        birthDate=patient.birth_date.isoformat() if patient.birth_date else None,
        address=[{"line": [patient.address], "city": patient.city, "country": str(patient.country)}],
        contact=list(_contacts(patient)),
        communication=[{"language": coded(_LANGUAGES, person.language), "preferred": True}],
    )


def _papers(patient: Patient) -> Iterator[dict[str, Any]]:
    for paper in IdentityDocument.objects.filter(patient=patient):
        kind = "PPN" if paper.kind == IdentityDocument.Kind.PASSPORT else "NI"
        alpha3 = countries.alpha3(str(paper.country))
        system = f"http://hl7.org/fhir/sid/passport-{alpha3}" if kind == "PPN" and alpha3 else ""
        yield number(
            coded(_IDENTIFIER, kind),
            str(paper.number),
            system=system,
            period={"end": paper.expires_on.isoformat() if paper.expires_on else None},
        )


def _policies(patient: Patient) -> Iterator[dict[str, Any]]:
    for policy in InsurancePolicy.objects.standing().filter(patient=patient):
        period = {
            "start": policy.valid_from.isoformat() if policy.valid_from else None,
            "end": policy.valid_until.isoformat() if policy.valid_until else None,
        }
        yield number(coded(_IDENTIFIER, "MB"), str(policy.number), assigner={"display": policy.insurer}, period=period)


def _contacts(patient: Patient) -> Iterator[dict[str, Any]]:
    if patient.emergency_name:
        yield {
            "relationship": [_relationship("C", patient.emergency_relation)],
            "name": {"text": patient.emergency_name},
            "telecom": telecom(phone=patient.emergency_phone),
        }
    for guardian in Guardian.objects.filter(patient=patient):
        yield {
            "relationship": [_relationship("N", str(guardian.get_relation_display()))],
            "name": {"text": guardian.name},
            "telecom": telecom(phone=guardian.phone, email=guardian.email),
        }


def _relationship(code: str, text: str) -> dict[str, Any]:
    return concept(*coded(_CONTACT, code)["coding"], text=text)


def practitioner(doctor: Doctor) -> Resource:
    """What the public directory says of the doctor, no more."""
    specialty = str(doctor.specialty) if doctor.specialty else ""
    return resource(
        "Practitioner",
        doctor.pk,
        identifier=[own_identifier(doctor.pk)],
        active=doctor.is_active,
        name=[{"family": doctor.last_name, "given": [doctor.first_name], "prefix": [doctor.title]}],
        qualification=[{"code": {"text": specialty}}] if specialty else [],
    )


def organization(hospital: Hospital) -> Resource:
    return resource(
        "Organization",
        hospital.pk,
        identifier=[own_identifier(hospital.pk)],
        active=hospital.is_active,
        type=[coded(terms("organization-type"), "prov")],
        name=hospital.name,
        telecom=telecom(phone=hospital.phone, email=hospital.email, url=hospital.website),
        address=[{"line": [hospital.address], "city": hospital.city, "country": str(hospital.country)}],
    )


def laboratory_organization(laboratory: Laboratory) -> Resource:
    return resource(
        "Organization",
        laboratory.pk,
        identifier=[own_identifier(laboratory.pk)],
        active=laboratory.is_active,
        type=[coded(terms("organization-type"), "prov")],
        name=laboratory.name,
        address=[{"city": laboratory.city, "country": str(laboratory.country)}],
        partOf=reference(laboratory.hospital_id, str(laboratory.hospital)),
    )


def place_id(hospital_id: Any) -> Any:
    return derived(hospital_id, "location")


def place(hospital: Hospital) -> Resource:
    """A hospital as somewhere one goes: an appointment has no organization for a participant."""
    return resource(
        "Location",
        place_id(hospital.pk),
        name=hospital.name,
        managingOrganization=reference(hospital.pk, hospital.name),
    )

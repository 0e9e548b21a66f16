"""Appointments, what the patient has and takes, what was prescribed, and what they consented to."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apps.bookings.models import Appointment
from apps.bookings.workflow import UNASKED, AppointmentStatus
from apps.clinical.models import Allergy, Condition, ConsentGrant, CurrentMedication, Patient, Prescription, Scope
from apps.clinical.workflow import PrescriptionStatus

from .elements import (
    ICD_10,
    LOINC,
    RECORD_TYPE,
    Resource,
    coded,
    coding,
    concept,
    instant,
    named,
    own_identifier,
    reference,
    resource,
    terms,
)
from .people import place_id

_APPOINTMENT = {
    AppointmentStatus.REQUESTED: "pending",
    AppointmentStatus.CONFIRMED: "booked",
    AppointmentStatus.AWAITING: "checked-in",
    AppointmentStatus.IN_PROGRESS: "arrived",
    AppointmentStatus.PRESCRIBED: "fulfilled",
    AppointmentStatus.FOLLOW_UP: "fulfilled",
    AppointmentStatus.COMPLETED: "fulfilled",
    AppointmentStatus.REJECTED: "cancelled",
    AppointmentStatus.CANCELLED: "cancelled",
    AppointmentStatus.NO_SHOW: "noshow",
    AppointmentStatus.DOCTOR_ABSENT: "noshow",
}
_CATEGORY = {"medication": "medication", "food": "food", "environment": "environment"}
_CRITICALITY = {"unknown": "unable-to-assess", "mild": "low", "moderate": "low", "severe": "high"}


def appointments(patient: Patient) -> Iterator[Resource]:
    """Those that somebody has asked for: what was only held is no appointment."""
    asked = Appointment.objects.filter(patient=patient).exclude(status__in=UNASKED)
    for row in asked.select_related("doctor", "hospital").order_by("starts_at", "id"):
        doctor = "needs-action" if row.status == AppointmentStatus.REQUESTED else "accepted"
        if row.status == AppointmentStatus.REJECTED:
            doctor = "declined"
        yield resource(
            "Appointment",
            row.pk,
            row.updated_at,
            identifier=[{"system": "urn:medivoy:appointment", "value": row.number}],
            status=_APPOINTMENT[AppointmentStatus(row.status)],
            cancelationReason={"text": row.cancellation_reason},
            appointmentType={"text": str(row.get_kind_display())},
            reasonCode=[{"text": row.complaint}],
            start=instant(row.starts_at),
            end=instant(row.ends_at),
            created=instant(row.created_at),
            comment=row.notes,
            participant=[
                {"actor": reference(patient.pk), "status": "accepted"},
                {"actor": reference(row.doctor_id, str(row.doctor)), "status": doctor},
                {"actor": reference(place_id(row.hospital_id), str(row.hospital)), "status": "accepted"},
            ],
        )


def allergies(patient: Patient) -> Iterator[Resource]:
    """As the patient said them: nobody has tested. What was struck out is entered in error, and has no other status."""
    for row in Allergy.objects.filter(patient=patient):
        struck_out = row.struck_out_at is not None
        severity = row.severity if row.severity != Allergy.Severity.UNKNOWN else ""
        yield resource(
            "AllergyIntolerance",
            row.pk,
            row.updated_at,
            identifier=[own_identifier(row.pk)],
            clinicalStatus=None if struck_out else coded(terms("allergyintolerance-clinical"), "active"),
            verificationStatus=coded(
                terms("allergyintolerance-verification"), "entered-in-error" if struck_out else "unconfirmed"
            ),
            category=[_CATEGORY[row.kind]] if row.kind in _CATEGORY else [],
            criticality=_CRITICALITY[row.severity],
            code=named(row.substance),
            patient=reference(patient.pk),
            recordedDate=instant(row.created_at),
            reaction=[{"manifestation": [{"text": row.reaction}], "severity": severity}] if row.reaction else [],
        )


def conditions(patient: Patient) -> Iterator[Resource]:
    for row in Condition.objects.filter(patient=patient):
        struck_out = row.struck_out_at is not None
        yield resource(
            "Condition",
            row.pk,
            row.updated_at,
            identifier=[own_identifier(row.pk)],
            clinicalStatus=None if struck_out else coded(terms("condition-clinical"), row.state),
            verificationStatus=coded(
                terms("condition-ver-status"), "entered-in-error" if struck_out else "unconfirmed"
            ),
            category=[coded(terms("condition-category"), "problem-list-item")],
            code=named(row.name, row.code, ICD_10),
            subject=reference(patient.pk),
            onsetDateTime=f"{row.since_year:04}" if row.since_year else None,
            recordedDate=instant(row.created_at),
            note=[{"text": row.notes}],
        )


def current_medications(patient: Patient) -> Iterator[Resource]:
    for row in CurrentMedication.objects.filter(patient=patient):
        yield resource(
            "MedicationStatement",
            row.pk,
            row.updated_at,
            identifier=[own_identifier(row.pk)],
            status="entered-in-error" if row.struck_out_at else "active",
            medicationCodeableConcept=named(row.name),
            subject=reference(patient.pk),
            dateAsserted=instant(row.created_at),
            informationSource=reference(patient.pk),
            dosage=[{"text": ", ".join(part for part in (row.dosage, row.frequency) if part)}],
        )


def prescriptions(patient: Patient, *, now: datetime) -> Iterator[Resource]:
    """One request for each medicine; those of one prescription share its number. Drafts are the doctor's own."""
    rows = (
        Prescription.objects.filter(patient=patient).signed().select_related("doctor").prefetch_related("medications")
    )
    for row in rows.order_by("created_at", "id"):
        for medicine in row.medications.all():
            amount = ", ".join(
                part for part in (medicine.dosage, medicine.frequency, medicine.duration, medicine.notes) if part
            )
            yield resource(
                "MedicationRequest",
                medicine.pk,
                row.updated_at,
                identifier=[own_identifier(medicine.pk)],
                status=_prescription_status(row, now),
                statusReason={"text": row.void_reason},
                intent="order",
                medicationCodeableConcept=named(f"{medicine.name} {medicine.form}"),
                subject=reference(patient.pk),
                authoredOn=instant(row.signed_at),
                requester=reference(row.doctor_id, str(row.doctor)),
                groupIdentifier={"system": "urn:medivoy:prescription", "value": row.number},
                note=[{"text": row.instructions}],
                dosageInstruction=[{"sequence": medicine.position, "text": amount}],
                dispenseRequest={"validityPeriod": {"end": row.valid_until.isoformat()}},
            )


def _prescription_status(row: Prescription, now: datetime) -> str:
    """Void is withdrawn; dispensed, or no longer valid, is completed."""
    if row.status == PrescriptionStatus.VOID:
        return "cancelled"
    over = row.status == PrescriptionStatus.DISPENSED or row.valid_until < now.date()
    return "completed" if over else "active"


def consents(patient: Patient, *, now: datetime) -> Iterator[Resource]:
    rows = ConsentGrant.objects.filter(patient=patient).select_related("doctor", "hospital", "guardian", "text")
    live = set(rows.live(now).values_list("pk", flat=True))
    for row in rows.order_by("given_at", "id"):
        given_by = {"display": row.guardian.name} if row.guardian else reference(patient.pk)
        yield resource(
            "Consent",
            row.pk,
            row.updated_at,
            identifier=[own_identifier(row.pk)],
            status="active" if row.pk in live else "inactive",
            scope=coded(terms("consentscope"), "patient-privacy"),
            category=[concept(coding(LOINC, "59284-0", "Consent Document"))],
            patient=reference(patient.pk),
            dateTime=instant(row.given_at),
            performer=[given_by],
            policyRule={"text": f"Medivoy consent text, version {row.text.version}, read in “{row.language}”"},
            provision={
                "type": "permit",
                "period": {"start": instant(row.starts_at), "end": instant(row.revoked_at or row.ends_at)},
                "actor": [{"role": coded(terms("v3-ParticipationType"), "IRCP"), "reference": _grantee(row)}],
                "class": [coding(RECORD_TYPE, scope, str(Scope(scope).label)) for scope in row.scopes],
            },
        )


def _grantee(row: ConsentGrant) -> dict[str, Any]:
    if row.doctor:
        return reference(row.doctor_id, str(row.doctor))
    if row.hospital:
        return reference(row.hospital_id, str(row.hospital))
    return {"display": str(row.get_grantee_display())}

"""Prescriptions: what is read and answered.

Beside each answer's shape stands the function that fills it from plain rows.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import rules
from apps.clinical.models import Prescription
from apps.clinical.rules import allergies
from apps.clinical.workflow import PRESCRIPTION, PrescriptionStatus
from apps.common.api.shapes import Named

MAX_REASON = 500
SUBJECT = "appointment"


class MedicationShown(serializers.Serializer):
    """One medicine, in the doctor's own words."""

    name = serializers.CharField(max_length=200)
    form = serializers.CharField(max_length=60, required=False, allow_blank=True, help_text="Tablet, syrup, drops …")
    dosage = serializers.CharField(max_length=100, help_text="Such as “500 mg”.")
    frequency = serializers.CharField(max_length=100)
    duration = serializers.CharField(max_length=100)
    quantity = serializers.CharField(max_length=60, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=500, required=False, allow_blank=True)


class AllergyFinding(serializers.Serializer):
    """A medicine that goes against an allergy (`relation`), or what could not be compared (`reason`)."""

    medicine = serializers.CharField(allow_blank=True)
    allergy = serializers.CharField(allow_blank=True)
    relation = serializers.ChoiceField(
        choices=allergies.RELATIONS,
        allow_blank=True,
        help_text="same: the same ingredient; class: of the same class; cross: of a class that reacts alike; "
        "name: the names have a word in common.",
    )
    reason = serializers.ChoiceField(
        choices=allergies.REASONS,
        allow_blank=True,
        help_text="not_asked: the patient was not asked for allergies yet; unknown_substance and unknown_medicine: "
        "not in our list, so only the words were compared; unreadable: a script that is not read; no_data: the list "
        "could not be read.",
    )


class AllergyCheckShown(serializers.Serializer):
    """How the medicines go with the patient's allergies. `not_run` never means that there is none."""

    outcome = serializers.ChoiceField(choices=Prescription.AllergyCheck.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    findings = AllergyFinding(many=True)
    acknowledgement = serializers.CharField(allow_blank=True, help_text="Why it was signed despite the warning.")


class PrescriptionShown(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=PrescriptionStatus.choices)
    status_label = serializers.CharField()
    is_expired = serializers.BooleanField(help_text="By the calendar of the hospital.")
    patient = Named()
    doctor = Named()
    hospital = Named(allow_null=True)
    appointment_id = serializers.UUIDField(allow_null=True)
    language = serializers.CharField(help_text="Language of the PDF: the patient's.")
    medications = MedicationShown(many=True)
    instructions = serializers.CharField(allow_blank=True)
    valid_until = serializers.DateField()
    allergy_check = AllergyCheckShown(allow_null=True, help_text="Null for those who may not read it.")
    signed_at = serializers.DateTimeField(allow_null=True)
    dispensed_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField(allow_blank=True)
    replaces = serializers.UUIDField(allow_null=True)
    replaced_by = serializers.UUIDField(allow_null=True, help_text="Null while the other is a draft.")
    moves = serializers.ListField(
        child=serializers.ChoiceField(choices=PrescriptionStatus.choices), help_text="Statuses that the reader may set."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def prescription(row: dict[str, Any], reader: User, *, now: datetime) -> dict[str, Any]:
    """The answer of PrescriptionShown, from a row of `selectors.prescription_rows`."""
    today = now.astimezone(ZoneInfo(row["hospital__time_zone"] or "UTC")).date()
    doctor = f"{row['doctor_title']} {row['doctor__first_name']} {row['doctor__last_name']}"
    return {
        **{
            name: row[name]
            for name in (
                "id", "number", "status", "language", "instructions", "valid_until", "signed_at",
                "dispensed_at", "voided_at", "void_reason", "created_at", "updated_at",
            )
        },
        "status_label": PrescriptionStatus(row["status"]).label,
        "is_expired": row["valid_until"] < today,
        "patient": {
            "id": row["patient_id"],
            "name": f"{row['patient__user__first_name']} {row['patient__user__last_name']}".strip(),
        },
        "doctor": {"id": row["doctor_id"], "name": doctor.strip()},
        "hospital": {"id": row["hospital_id"], "name": row["hospital_name"]} if row["hospital_id"] else None,
        "appointment_id": row["subject_id"] if row["subject_type"] == SUBJECT else None,
        "allergy_check": _check(row) if rules.may_read_check(row["ground"]) else None,
        "medications": row["medicines"],
        "replaces": row["replaces_id"],
        "replaced_by": row["replacement_id"],
        "moves": _moves(row, reader),
    }  # fmt: skip


def _check(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "outcome": row["allergy_check"],
        "label": Prescription.AllergyCheck(row["allergy_check"]).label,
        "findings": row["allergy_findings"],
        "acknowledgement": row["acknowledgement"],
    }


def _moves(row: dict[str, Any], reader: User) -> list[str]:
    """Doctors move their own; what stands against a move is said when it is tried."""
    if reader.role == Role.DOCTOR and row["doctor__user_id"] != reader.pk:
        return []
    return [edge.to for edge in PRESCRIPTION.moves_from(row["status"], reader.role)]


# --- inputs ---


class PrescriptionContent(serializers.Serializer):
    medications = MedicationShown(many=True, min_length=1, max_length=rules.MAX_MEDICATIONS)
    instructions = serializers.CharField(required=False, allow_blank=True, max_length=4000, trim_whitespace=True)
    valid_until = serializers.DateField(required=False, help_text="30 days from today where it is not given.")


class DraftPrescriptionInput(PrescriptionContent):
    """For a patient in the doctor's care."""

    patient_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField(required=False, help_text="Of the care; the newest where it is not given.")


class EditPrescriptionInput(PrescriptionContent):
    """What is given replaces what was there; medications as a whole."""

    medications = MedicationShown(many=True, required=False, min_length=1, max_length=rules.MAX_MEDICATIONS)


class ReplacePrescriptionInput(EditPrescriptionInput):
    """What is not given is taken over from the one that becomes void."""

    reason = serializers.CharField(min_length=rules.MIN_REASON, max_length=MAX_REASON, help_text="Why it is void.")


class SignPrescriptionInput(serializers.Serializer):
    acknowledged_warnings = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=MAX_REASON, default="",
        help_text="Why a medicine is right despite the patient's allergy.",
    )  # fmt: skip


class VoidPrescriptionInput(serializers.Serializer):
    reason = serializers.CharField(min_length=rules.MIN_REASON, max_length=MAX_REASON)


class DeletePrescriptionInput(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=MAX_REASON, default="")

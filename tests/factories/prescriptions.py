"""Prescriptions, made as doctors make them: by the services."""

from typing import Any

from django.utils import timezone

from apps.clinical import services
from apps.clinical.models import Patient, Prescription
from apps.hospitals.models import Doctor

PARACETAMOL = {"name": "Paracetamol", "dosage": "500 mg", "frequency": "twice a day", "duration": "5 days"}
AMOXICILLIN = {"name": "Amoxicillin", "dosage": "500 mg", "frequency": "three times a day", "duration": "7 days"}


def asked(patient: Patient) -> Patient:
    """The patient has been asked for allergies."""
    patient.onboarded_at = timezone.now()
    patient.save(update_fields=["onboarded_at"])
    return patient


def drafted(patient: Patient, doctor: Doctor, *medications: dict[str, str], **more: Any) -> Prescription:
    rows = medications or (PARACETAMOL,)
    return services.draft_prescription(by=doctor.user, patient_id=patient.pk, medications=rows, **more)


def signed(patient: Patient, doctor: Doctor, *medications: dict[str, str], **more: Any) -> Prescription:
    draft = drafted(patient, doctor, *medications, **more)
    return services.sign_prescription(draft.pk, by=doctor.user)

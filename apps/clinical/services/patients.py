"""Verbs on patients. Records, consents and onboarding come with the patient's record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import rules
from apps.clinical.models import Patient
from apps.common.exceptions import Invalid

FIELDS = frozenset({"birth_date", "gender", "country", "city"})


@transaction.atomic
def create_patient(user: User, *, by: User | None, **details: Any) -> Patient:
    """The person is a patient. Details are birth_date, gender, country, city, all optional. Raises Invalid for someone
    of another role, ValidationError for a detail that cannot be."""
    today = timezone.now().date()
    if user.role != Role.PATIENT:
        raise Invalid(errors={"user": [_("This person's role is not “Patient”.")]})
    if Patient.objects.filter(user=user).exists():
        raise Invalid(errors={"user": [_("This person is a patient already.")]})
    patient = Patient(user=user)
    _write(patient, details, today)
    patient.save()
    return patient


@transaction.atomic
def update_patient(patient: Patient, *, by: User | None, **changes: Any) -> Patient:
    """The patient's details say what `changes` say; the rest stays. Raises Invalid."""
    today = timezone.now().date()
    patient = Patient.objects.lock(patient.pk)
    _write(patient, changes, today)
    patient.save()
    return patient


def _write(patient: Patient, changes: Mapping[str, Any], today: date) -> None:
    unknown = set(changes) - FIELDS
    if unknown:
        raise TypeError(f"Patient has no field {sorted(unknown)} to write")
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.clean_fields(exclude=[field.name for field in patient._meta.fields if field.name not in changes])
    refusal = rules.why_not_born_on(patient.birth_date, today=today)  # a date since the line above, whatever came
    if refusal:
        raise refusal

"""Verbs on patients: made, invited, kept, closed. What is medical or identifies them is in the rooms beside."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts import services as account_services
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import rules, signals
from apps.clinical.models import Guardian, Patient
from apps.common.exceptions import Invalid, raise_if

#: What a registration may say of a patient.
FIELDS = frozenset({"birth_date", "gender", "country", "city"})
#: What the patient's page holds besides.
PAGE_FIELDS = FIELDS | {
    "address", "blood_group", "height_cm", "weight_kg", "emergency_name", "emergency_relation", "emergency_phone",
}  # fmt: skip


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
    write(patient, details, today)
    patient.save()
    return patient


@transaction.atomic
def invite_patient(*, account: Mapping[str, Any], by: User, **details: Any) -> Patient:
    """There is a patient with an account, who gets a link to set a password.

    `account` is email, first_name, last_name, and optionally phone, language, time_zone; `details` as
    `update_patient` takes them. Raises Forbidden, EmailTaken, Invalid.
    """
    user = account_services.invite_user(**account, role=Role.PATIENT, by=by)
    return update_patient(Patient.objects.get(user=user), by=by, **details)


@transaction.atomic
def update_patient(patient: Patient, *, by: User | None, **changes: Any) -> Patient:
    """The patient's details say what `changes` say; the rest stays. Raises Forbidden, Invalid, GuardianNeeded."""
    today = timezone.now().date()
    patient = Patient.objects.lock(patient.pk)
    raise_if(rules.why_not_keep(patient, by=by))
    raise_if(rules.why_not_grow_up(patient, changes.get("birth_date"), today=today, by=by))
    write(patient, changes, today)
    if patient.onboarded_at and "birth_date" in changes:
        raise_if(rules.why_no_guardian(patient, Guardian.objects.filter(patient=patient).count(), today=today))
    patient.save()
    return patient


@transaction.atomic
def close_patient(patient: Patient, *, by: User) -> Patient:
    """The patient's account is closed: nobody signs in with it any more. The record stays, as the law wants it.

    Raises Forbidden, and what apps above say against it, such as appointments that are to come.
    """
    now = timezone.now()
    patient = Patient.objects.lock(patient.pk)
    raise_if(rules.why_not_close(patient, by=by))
    signals.patient_closing.send(sender=Patient, patient=patient, now=now)
    account_services.deactivate_user(patient.user, by=by)
    return patient


def write(patient: Patient, changes: Mapping[str, Any], today: date) -> None:
    """Puts `changes` on the patient, unsaved. Raises Invalid, ValidationError."""
    unknown = set(changes) - PAGE_FIELDS
    if unknown:
        raise TypeError(f"Patient has no field {sorted(unknown)} to write")
    for name, value in changes.items():
        setattr(patient, name, value)
    patient.clean_fields(exclude=[field.name for field in patient._meta.fields if field.name not in changes])
    raise_if(rules.why_not_born_on(patient.birth_date, today=today))  # a date since the line above, whatever came

"""Patients: what is read and answered. Beside each answer's shape stands the function that fills it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.serializers import EmailInput, NameInput, TimeZoneInput
from apps.accounts.validators import validate_name
from apps.clinical import rules, selectors
from apps.clinical.models import Patient
from apps.hospitals.serializers.fields import CountryField

from . import entries

BMI_CATEGORIES = ["underweight", "normal_weight", "overweight", "obesity"]
_UNKNOWN = "Empty: not known."
LIGHTEST = Decimal("0.3")


class PatientSummary(serializers.Serializer):
    """A patient in a list: nothing medical."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True, help_text="For the desk and hospital staff.")
    gender = serializers.ChoiceField(choices=Patient.Gender.choices)
    birth_date = serializers.DateField(allow_null=True)
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 code, or empty.")
    city = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField(help_text="False once the account is closed.")
    onboarded_at = serializers.DateTimeField(allow_null=True, help_text="When the medical information was first given.")
    created_at = serializers.DateTimeField()


def patient_summary(row: Mapping[str, Any], reader: User) -> dict[str, Any]:
    """The answer of PatientSummary, from a row of `selectors.patient_rows`."""
    plain = ("id", "gender", "birth_date", "country", "city", "onboarded_at", "created_at")
    return {
        **{name: row[name] for name in plain},
        "name": f"{row['user__first_name']} {row['user__last_name']}".strip(),
        "email": row["user__email"] if reader.role != Role.DOCTOR else None,
        "is_active": row["user__is_active"],
    }


class EmergencyContact(serializers.Serializer):
    """Whom to call."""

    name = serializers.CharField(max_length=200, validators=[validate_name])
    relation = serializers.CharField(max_length=60, required=False, allow_blank=True)
    phone = PhoneNumberField(help_text="E.164, such as +442079460018.")


class EmergencyContactShown(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    relation = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class MedicalInformation(serializers.Serializer):
    """What is true of a patient from visit to visit. The lists are null while nobody has asked; empty: none known."""

    blood_group = serializers.CharField(allow_blank=True, help_text=_UNKNOWN)
    height_cm = serializers.CharField(allow_null=True)
    weight_kg = serializers.CharField(allow_null=True)
    bmi = serializers.CharField(allow_null=True, help_text="In kg/m².")
    bmi_category = serializers.ChoiceField(
        choices=BMI_CATEGORIES, allow_null=True, help_text="The WHO's, of adults; null for minors."
    )
    allergies = entries.AllergyShown(many=True, allow_null=True)
    conditions = entries.ConditionShown(many=True, allow_null=True)
    medications = entries.CurrentMedicationShown(many=True, allow_null=True)


class PatientDetail(serializers.Serializer):
    """A patient's page as its reader may see it; what is not theirs to see is null."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES)
    time_zone = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    age = serializers.IntegerField(allow_null=True, help_text="In whole years, today (UTC).")
    is_minor = serializers.BooleanField()
    gender = serializers.ChoiceField(choices=Patient.Gender.choices)
    country = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_null=True, allow_blank=True)
    emergency_contact = EmergencyContactShown()
    is_active = serializers.BooleanField()
    onboarded_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    medical_information = MedicalInformation(
        allow_null=True, help_text="Null where the patient has not consented to your reading it."
    )
    medical_information_withheld = serializers.ChoiceField(
        choices=["no_consent"], allow_null=True, help_text="Why it is null."
    )
    guardians = entries.GuardianShown(many=True, allow_null=True)
    identity_documents = entries.IdentityDocumentShown(many=True, allow_null=True)
    insurance_policies = entries.InsurancePolicyShown(many=True, allow_null=True)


def patient_detail(page: selectors.PatientPage, reader: User) -> dict[str, Any]:
    """The answer of PatientDetail. Doctors reach a patient through Medivoy; hospital staff read how to call them."""
    patient, user = page.patient, page.patient.user
    today = timezone.now().date()
    may_contact = page.is_kept or reader.role == Role.HOSPITAL_ADMIN
    plain = ("id", "birth_date", "gender", "city", "onboarded_at", "created_at")
    return {
        **{name: getattr(patient, name) for name in plain},
        "name": user.full_name,
        "email": user.email if may_contact else None,
        "phone": str(user.phone) if may_contact else None,
        "language": user.language,
        "time_zone": user.time_zone,
        "age": patient.age_on(today),
        "is_minor": rules.is_minor(patient, today=today),
        "country": str(patient.country),
        "address": patient.address if page.is_kept else None,
        "emergency_contact": {
            "name": patient.emergency_name,
            "relation": patient.emergency_relation,
            "phone": str(patient.emergency_phone),
        },
        "is_active": user.is_active,
        "medical_information": _information(page, age=patient.age_on(today)) if page.is_opened else None,
        "medical_information_withheld": None if page.is_opened else "no_consent",
        **{
            name: [entries.shown(name, row, reader=reader) for row in page.entries[name]] if page.is_kept else None
            for name in ("guardians", "identity_documents", "insurance_policies")
        },
    }


def _information(page: selectors.PatientPage, *, age: int | None) -> dict[str, Any]:
    patient = page.patient
    index = rules.bmi(patient.height_cm, patient.weight_kg)
    return {
        "blood_group": patient.blood_group,
        "height_cm": _figure(patient.height_cm),
        "weight_kg": _figure(patient.weight_kg),
        "bmi": _figure(index),
        "bmi_category": rules.bmi_category(index, age=age),
        **{
            name: [entries.shown(name, row) for row in page.entries[name]] if patient.onboarded_at else None
            for name in ("allergies", "conditions", "medications")
        },
    }


def _figure(number: Any) -> str | None:
    return None if number is None else str(number)


# --- Inputs ----------------------------------------------------------------------------------------------------------


class PatientChanges(serializers.Serializer):
    """What changes of a patient's page; what is not named stays. The lists have addresses of their own, and name,
    phone and language are the account's: `/auth/profile`."""

    birth_date = serializers.DateField(required=False, allow_null=True)
    gender = serializers.ChoiceField(choices=Patient.Gender.choices, required=False)
    country = CountryField(required=False, allow_blank=True)
    city = serializers.CharField(max_length=120, required=False, allow_blank=True)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    blood_group = serializers.ChoiceField(
        choices=Patient.BloodGroup.choices, required=False, allow_blank=True, help_text=_UNKNOWN
    )
    height_cm = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=20, max_value=280, required=False, allow_null=True
    )
    weight_kg = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=LIGHTEST, max_value=650, required=False, allow_null=True
    )
    emergency_contact = EmergencyContact(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        contact = attrs.pop("emergency_contact", None)
        if contact is not None:
            attrs |= {f"emergency_{name}": contact.get(name, "") for name in ("name", "relation", "phone")}
        return attrs


class InvitePatientInput(PatientChanges):
    """A patient whom a coordinator brings in: gets a link by e-mail, good for 72 hours, to set a password."""

    email = EmailInput()
    first_name = NameInput()
    last_name = NameInput()
    phone = PhoneNumberField(required=False, allow_blank=True, help_text="E.164, such as +442079460018.")
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, required=False, help_text="Of messages; that of the request when it is not said."
    )
    time_zone = TimeZoneInput(required=False)


class PatientOnboardingInput(PatientChanges):
    """The medical information, for the first time. Every question has to be answered: an empty list says that none are
    known, null or an empty text that the answer is not known."""

    birth_date = serializers.DateField()
    gender = serializers.ChoiceField(choices=Patient.Gender.choices)
    country = CountryField()
    blood_group = serializers.ChoiceField(choices=Patient.BloodGroup.choices, allow_blank=True, help_text=_UNKNOWN)
    height_cm = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=20, max_value=280, allow_null=True, help_text="Null: not known."
    )
    weight_kg = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=LIGHTEST, max_value=650, allow_null=True, help_text="Null: not known."
    )
    emergency_contact = EmergencyContact()
    allergies = entries.AllergyInput(many=True)
    conditions = entries.ConditionInput(many=True)
    medications = entries.CurrentMedicationInput(many=True)
    guardians = entries.GuardianInput(many=True, required=False, help_text="One or more for a patient under 18.")
    identity_documents = entries.IdentityDocumentInput(many=True, required=False)
    insurance_policies = entries.InsurancePolicyInput(many=True, required=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, help_text="Of messages.")


class InsuranceVerificationInput(serializers.Serializer):
    """One of the patient's policies by its id, or what is on the card."""

    policy_id = serializers.UUIDField(required=False)
    provider_id = serializers.UUIDField(required=False, allow_null=True, help_text="From `/insurance`.")
    insurer = serializers.CharField(max_length=200, required=False)
    number = serializers.CharField(max_length=60, required=False)
    holder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "policy_id" not in attrs:
            named = ("number",) if attrs.get("provider_id") else ("insurer", "number")
            missing = [name for name in named if name not in attrs]
            if missing:
                raise serializers.ValidationError({name: [_("This field is required.")] for name in missing})
        return attrs

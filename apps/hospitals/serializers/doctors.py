"""Doctors, and where they practise."""

from datetime import date
from typing import Any

from rest_framework import serializers

from apps.common import money
from apps.common.money import Money
from apps.hospitals.models import Affiliation, Doctor, Licence
from apps.hospitals.rules import MAX_LICENCES, MAX_PROPOSED_AFFILIATIONS, MAX_QUALIFICATIONS
from apps.hospitals.validators import validate_spoken_language
from apps.hospitals.workflow import AffiliationStatus, Verification

from .fields import (
    LATEST_YEAR,
    MAX_DESCRIPTION,
    CountryField,
    Row,
    SpecialtySummary,
    TextsField,
    Translated,
    texts_of,
    translated,
)


class DoctorHospital(Translated):
    """Where a doctor practises."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    time_zone = serializers.CharField()
    department = serializers.CharField()
    position = serializers.CharField()
    is_primary = serializers.BooleanField()

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        return {
            **translated(row, "hospital__name", "hospital__city", "department", "position", language=language),
            **{name: row[f"hospital__{name}"] for name in ("id", "country", "time_zone")},
            "is_primary": row["is_primary"],
        }


class DoctorSummary(Translated):
    """A doctor in the list."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    specialty = SpecialtySummary(allow_null=True)
    hospitals = DoctorHospital(many=True)
    spoken_languages = serializers.ListField(child=serializers.CharField())
    experience_years = serializers.IntegerField(allow_null=True)
    consultation_fee = serializers.CharField(
        allow_null=True, help_text="A decimal with the currency's own number of places."
    )
    currency = serializers.CharField()
    offers_teleconsult = serializers.BooleanField()
    is_available = serializers.BooleanField()
    rating = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
    rating_count = serializers.IntegerField()

    @staticmethod
    def of(row: Row, language: str, today: date, *texts: str) -> dict[str, Any]:
        fee, currency, since = row["consultation_fee"], row["currency"], row["practising_since"]
        return {
            "id": row["id"],
            **translated(row, "title", *texts, language=language),
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "specialty": SpecialtySummary.of(row, language, "specialty__") if row["specialty__code"] else None,
            "hospitals": [DoctorHospital.of(hospital, language) for hospital in row["hospitals"]],
            "spoken_languages": row["languages"],
            "experience_years": None if since is None else max(0, today.year - since),
            "consultation_fee": None if fee is None else str(Money(fee, currency).amount),
            "currency": currency,
            "offers_teleconsult": row["offers_teleconsult"],
            "is_available": row["is_bookable"],
            "rating": row["rating"] if row["rating_count"] else None,
            "rating_count": row["rating_count"],
        }


class AffiliationDetail(serializers.Serializer):
    """A doctor at a hospital, also while it waits."""

    id = serializers.UUIDField()
    doctor_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField()
    department = serializers.CharField()
    position = serializers.CharField()
    is_primary = serializers.BooleanField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=AffiliationStatus.choices)

    @staticmethod
    def of(affiliation: Affiliation) -> dict[str, Any]:
        return {name: getattr(affiliation, name) for name in AffiliationDetail._declared_fields}


class DoctorTexts(serializers.Serializer):
    title = TextsField(max_length=40)
    bio = TextsField(max_length=MAX_DESCRIPTION)


class LicenceDetail(serializers.Serializer):
    """A licence with its verification; never public."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    country = serializers.CharField()
    authority = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    verification = serializers.ChoiceField(choices=Verification.choices)
    rejection_reason = serializers.CharField()

    @staticmethod
    def of(licence: Licence) -> dict[str, Any]:
        shown = {name: getattr(licence, name) for name in LicenceDetail._declared_fields}
        return {**shown, "country": str(licence.country)}


class QualificationDetail(Translated):
    """A degree of the public profile."""

    name = serializers.CharField()
    institution = serializers.CharField()
    country = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        shown = translated(row, "name", "institution", language=language)
        return {**shown, "country": row["country"], "year": row["year"]}


class DoctorManagement(serializers.Serializer):
    """What the doctor, the hospital's staff and the platform's staff see beside the public profile."""

    user_id = serializers.UUIDField()
    licences = LicenceDetail(many=True)
    licensed_until = serializers.DateField(allow_null=True)
    verification = serializers.ChoiceField(choices=Verification.choices)
    rejection_reason = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    onboarded_at = serializers.DateTimeField(allow_null=True)
    is_active = serializers.BooleanField()
    texts = DoctorTexts()
    affiliations = AffiliationDetail(many=True)

    @staticmethod
    def of(doctor: Doctor, affiliations: list[Affiliation], licences: list[Licence]) -> dict[str, Any]:
        plain = (
            "user_id", "licensed_until", "verification", "rejection_reason", "verified_at",
            "onboarded_at", "is_active",
        )  # fmt: skip
        return {
            **{name: getattr(doctor, name) for name in plain},
            "licences": [LicenceDetail.of(licence) for licence in licences],
            "texts": texts_of(doctor, "title", "bio"),
            "affiliations": [AffiliationDetail.of(affiliation) for affiliation in affiliations],
        }


class DoctorDetail(DoctorSummary):
    """A doctor's profile. `management` is null but for the doctor and those who keep the directory."""

    bio = serializers.CharField()
    qualifications = QualificationDetail(many=True)
    is_verified = serializers.BooleanField()
    management = DoctorManagement(allow_null=True)

    @staticmethod
    def of(
        row: Row, language: str, today: date, *texts: str, management: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {
            **DoctorSummary.of(row, language, today, "bio", *texts),
            "qualifications": [QualificationDetail.of(degree, language) for degree in row["studied"]],
            "is_verified": row["verification"] == Verification.APPROVED,
            "management": management,
        }


class ProposedAffiliation(serializers.Serializer):
    """A hospital where a new doctor practises, as the doctor says."""

    hospital_id = serializers.UUIDField()
    department = TextsField(max_length=120, required=False)
    position = TextsField(max_length=120, required=False)
    is_primary = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)


class QualificationInput(serializers.Serializer):
    name = TextsField(max_length=160)
    institution = TextsField(max_length=200, required=False)
    country = CountryField(required=False)
    year = serializers.IntegerField(min_value=1930, max_value=LATEST_YEAR, required=False, allow_null=True)


class LicenceInput(serializers.Serializer):
    number = serializers.CharField(max_length=60)
    country = CountryField()
    authority = serializers.CharField(max_length=160, required=False, allow_blank=True)
    issued_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The last day it is valid.")


class DoctorInput(serializers.Serializer):
    """A doctor's own part of the profile."""

    title = TextsField(max_length=40, required=False)
    bio = TextsField(max_length=MAX_DESCRIPTION, required=False)
    specialty = serializers.CharField(max_length=60, help_text="Code of a specialty.")
    qualifications = QualificationInput(many=True, required=False, max_length=MAX_QUALIFICATIONS)
    practising_since = serializers.IntegerField(min_value=1930, max_value=LATEST_YEAR, required=False, allow_null=True)
    consultation_fee = serializers.DecimalField(
        max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False, validators=[money.validate_currency])
    spoken_languages = serializers.ListField(
        child=serializers.CharField(max_length=3, validators=[validate_spoken_language]),
        source="languages",
        required=False,
        max_length=30,
        help_text="ISO 639 codes.",
    )
    offers_teleconsult = serializers.BooleanField(required=False)


class OnboardingInput(DoctorInput):
    """A doctor's first full profile. An admin says whose it is by `user_id`; a doctor's is their own."""

    user_id = serializers.UUIDField(required=False)
    licences = LicenceInput(many=True, min_length=1, max_length=MAX_LICENCES)
    affiliations = ProposedAffiliation(many=True, required=False, max_length=MAX_PROPOSED_AFFILIATIONS)


class DoctorChanges(DoctorInput):
    """What changes of a profile; what is not named stays. `is_active` is for platform admins."""

    is_active = serializers.BooleanField(required=False)


class AffiliationInput(serializers.Serializer):
    """A doctor whom a hospital takes up."""

    doctor_id = serializers.UUIDField()
    department = TextsField(max_length=120, required=False)
    position = TextsField(max_length=120, required=False)
    is_primary = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)

"""Doctors."""

from datetime import date
from typing import Any

from rest_framework import serializers

from apps.common import money
from apps.common.money import Money
from apps.hospitals import rules, selectors
from apps.hospitals.models import Doctor
from apps.hospitals.rules import MAX_DOCUMENTS, MAX_LICENCES, MAX_PROPOSED_AFFILIATIONS, MAX_QUALIFICATIONS
from apps.hospitals.validators import validate_spoken_language
from apps.hospitals.workflow import Verification
from apps.media import links
from apps.media.serializers import PictureSerializer

from .affiliations import AffiliationDetail, ProposedAffiliation
from .credentials import (
    DocumentDetail,
    DocumentInput,
    LicenceDetail,
    LicenceInput,
    ManagedQualification,
    QualificationDetail,
    QualificationInput,
)
from .fields import (
    LATEST_YEAR,
    MAX_DESCRIPTION,
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
    portrait = PictureSerializer(allow_null=True)
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
    next_free_at = serializers.DateTimeField(
        allow_null=True, help_text="The next time that can be booked, as it was a minute or two ago."
    )
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
            "portrait": links.picture(row["portrait__key"], row["portrait__variants"]),
            "specialty": SpecialtySummary.of(row, language, "specialty__") if row["specialty__code"] else None,
            "hospitals": [DoctorHospital.of(hospital, language) for hospital in row["hospitals"]],
            "spoken_languages": row["languages"],
            "experience_years": None if since is None else max(0, today.year - since),
            "consultation_fee": None if fee is None else str(Money(fee, currency).amount),
            "currency": currency,
            "offers_teleconsult": row["offers_teleconsult"],
            "is_available": row["is_bookable"],
            "next_free_at": row["next_free_at"],
            "rating": row["rating"] if row["rating_count"] else None,
            "rating_count": row["rating_count"],
        }


class DoctorTexts(serializers.Serializer):
    title = TextsField(max_length=40)
    bio = TextsField(max_length=MAX_DESCRIPTION)


class DoctorManagement(serializers.Serializer):
    """What the doctor, their hospital's staff and the platform's staff see beside the public profile."""

    user_id = serializers.UUIDField()
    licensed_until = serializers.DateField(allow_null=True, help_text="9999-12-31 for a licence without an end.")
    verification = serializers.ChoiceField(choices=Verification.choices)
    rejection_reason = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    onboarded_at = serializers.DateTimeField(allow_null=True)
    is_active = serializers.BooleanField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Fields without which the doctor cannot be approved."
    )
    texts = DoctorTexts()
    licences = LicenceDetail(many=True)
    qualifications = ManagedQualification(many=True)
    documents = DocumentDetail(many=True, help_text="For the doctor and platform admins; none for others.")
    affiliations = AffiliationDetail(many=True)

    @staticmethod
    def of(doctor: Doctor, file: selectors.DoctorFile, language: str) -> dict[str, Any]:
        plain = (
            "user_id", "licensed_until", "verification", "rejection_reason", "verified_at", "onboarded_at", "is_active",
        )  # fmt: skip
        may_open = file.may_open
        return {
            **{name: getattr(doctor, name) for name in plain},
            "missing": list(rules.missing_for_approval(doctor, file.licences)),
            "texts": texts_of(doctor, "title", "bio"),
            "licences": [LicenceDetail.of(licence, may_open=may_open) for licence in file.licences],
            "qualifications": [ManagedQualification.of(degree, may_open=may_open) for degree in file.qualifications],
            "documents": [DocumentDetail.of(document) for document in file.documents],
            "affiliations": [AffiliationDetail.of(affiliation, language) for affiliation in file.affiliations],
        }


class DoctorDetail(DoctorSummary):
    """A doctor's profile. `management` is null but for the doctor and those who keep the directory."""

    bio = serializers.CharField()
    qualifications = QualificationDetail(many=True)
    licensed_in = serializers.ListField(
        child=serializers.CharField(), help_text="Countries (ISO 3166) whose licence has been verified and is valid."
    )
    is_verified = serializers.BooleanField()
    management = DoctorManagement(allow_null=True)

    @staticmethod
    def of(
        row: Row, language: str, today: date, *texts: str, management: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {
            **DoctorSummary.of(row, language, today, "bio", *texts),
            "qualifications": [QualificationDetail.of(degree, language) for degree in row["studied"]],
            "licensed_in": row["licensed_in"],
            "is_verified": row["verification"] == Verification.APPROVED,
            "management": management,
        }


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
    portrait_id = serializers.UUIDField(required=False, allow_null=True, help_text="An uploaded public image.")


class OnboardingInput(DoctorInput):
    """A doctor's first full profile. An admin says whose it is by `user_id`; a doctor's is their own."""

    user_id = serializers.UUIDField(required=False)
    licences = LicenceInput(many=True, min_length=1, max_length=MAX_LICENCES)
    documents = DocumentInput(many=True, required=False, max_length=MAX_DOCUMENTS)
    affiliations = ProposedAffiliation(many=True, required=False, max_length=MAX_PROPOSED_AFFILIATIONS)


class DoctorChanges(DoctorInput):
    """What changes of a profile; what is not named stays. `is_active` is for platform admins."""

    is_active = serializers.BooleanField(required=False)

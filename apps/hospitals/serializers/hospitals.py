"""Hospitals, and the decision on one."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.common import money, wall_time
from apps.hospitals import rules, selectors
from apps.hospitals.models import Hospital
from apps.hospitals.workflow import Verification
from apps.media import links
from apps.media.serializers import PictureSerializer

from .accreditations import AccreditationDetail, AccreditationSummary
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
from .gallery import ImageDetail, ImageSummary
from .papers import HospitalDocumentDetail

EARLIEST_YEAR = 1200


class HospitalSummary(Translated):
    """A hospital in the list."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    type = serializers.ChoiceField(choices=Hospital.Type.choices)
    logo = PictureSerializer(allow_null=True)
    cover = PictureSerializer(allow_null=True)
    country = serializers.CharField()
    time_zone = serializers.CharField()
    currency = serializers.CharField()
    specialties = SpecialtySummary(many=True)
    is_verified = serializers.BooleanField()
    rating = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
    rating_count = serializers.IntegerField()

    @staticmethod
    def of(row: Row, language: str, *texts: str) -> dict[str, Any]:
        return {
            "id": row["id"],
            **translated(row, "name", "city", *texts, language=language),
            "type": row["type"],
            "logo": links.picture(row["logo__key"], row["logo__variants"]),
            "cover": links.picture(row["cover__key"], row["cover__variants"]),
            "country": row["country"],
            "time_zone": row["time_zone"],
            "currency": row["currency"],
            "specialties": [SpecialtySummary.of(specialty, language) for specialty in row["in_specialties"]],
            "is_verified": row["verification"] == Verification.APPROVED,
            "rating": row["rating"] if row["rating_count"] else None,
            "rating_count": row["rating_count"],
        }


class HospitalTexts(serializers.Serializer):
    name = TextsField(max_length=200)
    city = TextsField(max_length=120)
    description = TextsField(max_length=MAX_DESCRIPTION)


class HospitalCounts(serializers.Serializer):
    """How many of each hang on a hospital."""

    doctors = serializers.IntegerField()
    proposed_doctors = serializers.IntegerField(help_text="Whose affiliation waits.")
    offers = serializers.IntegerField()


class HospitalManagement(serializers.Serializer):
    """What the keepers of a hospital see beside its public page."""

    verification = serializers.ChoiceField(choices=Verification.choices)
    rejection_reason = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    onboarded_at = serializers.DateTimeField(allow_null=True, help_text="When the page was submitted last.")
    is_active = serializers.BooleanField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Without which the page cannot be submitted."
    )
    texts = HospitalTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")
    accreditations = AccreditationDetail(many=True)
    images = ImageDetail(many=True)
    documents = HospitalDocumentDetail(many=True, help_text="For its staff and platform admins; none for others.")
    counts = HospitalCounts()

    @staticmethod
    def of(hospital: Hospital, file: selectors.HospitalFile) -> dict[str, Any]:
        plain = ("verification", "rejection_reason", "verified_at", "onboarded_at", "is_active", "text_status")
        missing = rules.missing_for_submission(
            hospital, specialty_count=file.specialty_count, document_count=file.document_count
        )
        return {
            **{name: getattr(hospital, name) for name in plain},
            "missing": list(missing),
            "texts": texts_of(hospital, "name", "city", "description"),
            "accreditations": [AccreditationDetail.of(row, may_open=file.may_open) for row in file.accreditations],
            "images": [ImageDetail.of(image) for image in file.images],
            "documents": [HospitalDocumentDetail.of(document) for document in file.documents],
            "counts": file.counts,
        }


class HospitalDetail(HospitalSummary):
    """A hospital's page. `management` is null but for its keepers."""

    description = serializers.CharField()
    address = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, allow_null=True)
    phone = serializers.CharField()
    email = serializers.CharField()
    website = serializers.CharField()
    founded_year = serializers.IntegerField(allow_null=True)
    beds = serializers.IntegerField(allow_null=True)
    accreditations = AccreditationSummary(many=True)
    images = ImageSummary(many=True)
    management = HospitalManagement(allow_null=True)

    @staticmethod
    def of(row: Row, language: str, *texts: str, management: dict[str, Any] | None = None) -> dict[str, Any]:
        plain = ("address", "latitude", "longitude", "email", "website", "founded_year", "beds")
        return {
            **HospitalSummary.of(row, language, "description", *texts),
            **{name: row[name] for name in plain},
            "phone": str(row["phone"] or ""),
            "accreditations": [AccreditationSummary.of(accreditation) for accreditation in row["accredited"]],
            "images": [ImageSummary.of(image, language) for image in row["gallery"]],
            "management": management,
        }


class HospitalInput(serializers.Serializer):
    """What is said of a hospital. Verification is not among it."""

    name = TextsField(max_length=200, needs_english=True)
    city = TextsField(max_length=120, needs_english=True)
    description = TextsField(max_length=MAX_DESCRIPTION, required=False)
    type = serializers.ChoiceField(choices=Hospital.Type.choices, required=False)
    country = CountryField()
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    latitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-90, max_value=90, required=False, allow_null=True
    )
    longitude = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=-180, max_value=180, required=False, allow_null=True
    )
    time_zone = serializers.CharField(max_length=64, validators=[wall_time.validate_zone])
    currency = serializers.CharField(max_length=3, validators=[money.validate_currency])
    phone = PhoneNumberField(required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    website = serializers.URLField(required=False, allow_blank=True)
    founded_year = serializers.IntegerField(
        min_value=EARLIEST_YEAR, max_value=LATEST_YEAR, required=False, allow_null=True
    )
    beds = serializers.IntegerField(min_value=0, max_value=100_000, required=False, allow_null=True)
    logo_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="An uploaded public image; null takes the logo off."
    )
    cover_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="An uploaded public image; null takes the cover off."
    )
    specialties = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200, help_text="Codes of specialties."
    )


class HospitalChanges(HospitalInput):
    """What changes of a hospital; what is not named stays. `is_active` is for platform admins."""

    name = TextsField(max_length=200)
    city = TextsField(max_length=120)
    is_active = serializers.BooleanField(required=False)


class VerificationInput(serializers.Serializer):
    """A platform admin's decision; a rejection needs a reason."""

    decision = serializers.ChoiceField(choices=[Verification.APPROVED, Verification.REJECTED])
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")

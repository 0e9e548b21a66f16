"""Laboratories: what is read and answered."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.clinical.models import Laboratory
from apps.hospitals.serializers import fields


class HospitalOfLaboratory(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class LaboratorySummary(fields.Translated):
    """A laboratory in the list."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    hospital = HospitalOfLaboratory()

    @staticmethod
    def of(row: fields.Row, language: str, *texts: str) -> dict[str, Any]:
        return {
            "id": row["id"],
            **fields.translated(row, "name", "city", *texts, language=language),
            "country": row["country"],
            "address": row["address"],
            "phone": str(row["phone"] or ""),
            "email": row["email"],
            "hospital": {
                "id": row["hospital_id"],
                "name": fields.translated(row, "hospital__name", language=language)["name"],
            },
        }


class LaboratoryTexts(serializers.Serializer):
    name = fields.TextsField(max_length=200)
    city = fields.TextsField(max_length=120)
    description = fields.TextsField(max_length=fields.MAX_DESCRIPTION)


class LaboratoryManagement(serializers.Serializer):
    """What the keepers of a laboratory see beside its public page."""

    is_active = serializers.BooleanField()
    texts = LaboratoryTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(laboratory: Laboratory) -> dict[str, Any]:
        return {
            "is_active": laboratory.is_active,
            "texts": fields.texts_of(laboratory, "name", "city", "description"),
            "text_status": laboratory.text_status,
        }


class LaboratoryDetail(LaboratorySummary):
    """A laboratory's page. `management` is null but for its keepers."""

    description = serializers.CharField()
    management = LaboratoryManagement(allow_null=True)

    @staticmethod
    def of(row: fields.Row, language: str, *, managed: Laboratory | None = None) -> dict[str, Any]:  # type: ignore[override]
        return {
            **LaboratorySummary.of(row, language, "description"),
            "management": LaboratoryManagement.of(managed) if managed else None,
        }


class LaboratoryInput(serializers.Serializer):
    """What is said of a laboratory."""

    hospital_id = serializers.UUIDField(help_text="Whose laboratory it is: hospital staff name their own.")
    name = fields.TextsField(max_length=200, needs_english=True)
    city = fields.TextsField(max_length=120, needs_english=True)
    description = fields.TextsField(max_length=fields.MAX_DESCRIPTION, required=False)
    country = fields.CountryField()
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    phone = PhoneNumberField(required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)


class LaboratoryChanges(serializers.Serializer):
    """What changes of a laboratory; what is not named stays."""

    name = fields.TextsField(max_length=200, required=False)
    city = fields.TextsField(max_length=120, required=False)
    description = fields.TextsField(max_length=fields.MAX_DESCRIPTION, required=False)
    country = fields.CountryField(required=False)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    phone = PhoneNumberField(required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)

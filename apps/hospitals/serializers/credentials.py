"""What doctors studied, are licensed for, and prove it by."""

from typing import Any

from rest_framework import serializers

from apps.hospitals.models import DoctorDocument, Licence, Qualification
from apps.hospitals.workflow import Verification

from .fields import LATEST_YEAR, CountryField, Row, TextsField, Translated, texts_of, translated
from .papers import PaperDetail


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


class QualificationTexts(serializers.Serializer):
    name = TextsField(max_length=160)
    institution = TextsField(max_length=200)


class ManagedQualification(serializers.Serializer):
    """A degree with its diploma, as the doctor and the directory's keepers see it."""

    id = serializers.UUIDField()
    texts = QualificationTexts()
    country = serializers.CharField()
    year = serializers.IntegerField(allow_null=True)
    document = PaperDetail(allow_null=True)

    @staticmethod
    def of(qualification: Qualification, *, may_open: bool) -> dict[str, Any]:
        return {
            "id": qualification.pk,
            "texts": texts_of(qualification, "name", "institution"),
            "country": str(qualification.country),
            "year": qualification.year,
            "document": PaperDetail.of(qualification.document, may_open=may_open),
        }


class QualificationInput(serializers.Serializer):
    """A degree. One that is there already is named by its `id` and keeps its diploma unless another is given."""

    id = serializers.UUIDField(required=False)
    name = TextsField(max_length=160, needs_english=True)
    institution = TextsField(max_length=200, required=False)
    country = CountryField(required=False, allow_blank=True)
    year = serializers.IntegerField(min_value=1930, max_value=LATEST_YEAR, required=False, allow_null=True)
    document_id = serializers.UUIDField(required=False, allow_null=True, help_text="An uploaded document.")


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
    document = PaperDetail(allow_null=True)

    @staticmethod
    def of(licence: Licence, *, may_open: bool) -> dict[str, Any]:
        plain = ("id", "number", "authority", "issued_on", "expires_on", "verification", "rejection_reason")
        return {
            **{name: getattr(licence, name) for name in plain},
            "country": str(licence.country),
            "document": PaperDetail.of(licence.document, may_open=may_open),
        }


class LicenceInput(serializers.Serializer):
    """A licence. A renewed one has the number of the one before and a later last day."""

    number = serializers.CharField(max_length=60)
    country = CountryField()
    authority = serializers.CharField(max_length=160, required=False, allow_blank=True)
    issued_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The last day it is valid.")
    document_id = serializers.UUIDField(required=False, allow_null=True, help_text="An uploaded document.")


class DocumentDetail(serializers.Serializer):
    """A paper by which a doctor is verified; for the doctor and platform admins."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=DoctorDocument.Kind.choices)
    file = PaperDetail()
    created_at = serializers.DateTimeField()

    @staticmethod
    def of(document: DoctorDocument) -> dict[str, Any]:
        return {
            "id": document.pk,
            "kind": document.kind,
            "file": PaperDetail.of(document.file, may_open=True),
            "created_at": document.created_at,
        }


class DocumentInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=DoctorDocument.Kind.choices)
    file_id = serializers.UUIDField(help_text="An uploaded document.")

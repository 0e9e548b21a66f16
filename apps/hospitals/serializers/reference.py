"""Reference data going out."""

from typing import Any

from rest_framework import serializers

from .fields import Row, Translated, translated


class ProcedureSummary(Translated):
    """A clinical act of a specialty."""

    code = serializers.CharField()
    name = serializers.CharField()
    specialty = serializers.CharField(help_text="Code of the specialty, as in /specialties.")

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        shown = translated(row, "name", language=language)
        return {"code": row["code"], "specialty": row["specialty__code"], **shown}


class TreatmentCategorySummary(Translated):
    """A shelf of the treatment catalogue."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        return {"code": row["code"], **translated(row, "name", "description", language=language)}


class AccreditationBodySummary(serializers.Serializer):
    """Who accredits hospitals. `country` is empty for one that works in many."""

    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField(allow_blank=True)
    website = serializers.CharField(allow_blank=True)

    @staticmethod
    def of(row: Row) -> dict[str, Any]:
        return dict(row)

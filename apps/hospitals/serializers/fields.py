"""Texts by language going in and out, and codes that must exist."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common import texts

LANGUAGES = [code for code, _label in settings.LANGUAGES]
MAX_DESCRIPTION = 5_000
LATEST_YEAR = 2100

Row = Mapping[str, Any]


class Translated(serializers.Serializer):
    """What an object with texts says about them."""

    languages = serializers.DictField(
        child=serializers.CharField(), help_text="Which language each text is in: the asked one, or else English."
    )
    machine = serializers.ListField(
        child=serializers.CharField(), help_text="The texts that a machine translated and nobody has reviewed."
    )


def translated(row: Any, *paths: str, language: str) -> dict[str, Any]:
    """The texts of a row in the first language that has one, under `languages` which one that is, and under `machine`
    those that only a machine has written. A related row's text is named by its path, such as `specialty__name`."""
    shown: dict[str, Any] = {}
    languages: dict[str, str] = {}
    machine: list[str] = []
    for path in paths:
        name = path.rpartition("__")[2]
        found = texts.chosen(row, path, language)
        shown[name], languages[name] = found.text, found.language
        if found.is_machine:
            machine.append(name)
    return {**shown, "languages": languages, "machine": machine}


def texts_of(obj: Any, *names: str) -> dict[str, dict[str, str]]:
    """A row's texts by language, as they are written."""
    return {name: {code: getattr(obj, f"{name}_{code}") or "" for code in LANGUAGES} for name in names}


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Language to text. What is not named stays; an empty text goes, and English is shown instead.",
        "example": {"en": "Coromandel Bay Hospital", "fr": "Hôpital Coromandel Bay"},
    }
)
class TextsField(serializers.Field):
    """A text by language."""

    default_error_messages = {
        "object": _("Give an object of texts by language: en, ar, hi, es, fr."),
        "language": _("Choose one of: {names}."),
        "text": _("Not a valid string."),
        "length": _("At most {count} characters."),
        "missing": _("The English text is needed."),
    }

    def __init__(self, *, max_length: int, needs_english: bool = False, **kwargs: Any) -> None:
        self.max_length, self.needs_english = max_length, needs_english
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("object")
        for language, text in data.items():
            if language not in LANGUAGES:
                self.fail("language", names=", ".join(LANGUAGES))
            if not isinstance(text, str):
                self.fail("text")
            if len(text) > self.max_length:
                self.fail("length", count=self.max_length)
        if self.needs_english and not data.get("en", "").strip():
            self.fail("missing")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class CountryField(serializers.CharField):
    """An ISO 3166 code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data)
        if code and code not in countries.countries:
            raise serializers.ValidationError(_("This is not a country code, such as IN."))
        return code


class SpecialtySummary(Translated):
    """A field of medicine."""

    code = serializers.CharField()
    name = serializers.CharField()
    practitioner = serializers.CharField()

    @staticmethod
    def of(row: Row, language: str, prefix: str = "") -> dict[str, Any]:
        """`prefix` is the path to the specialty where the row is another's, such as `specialty__`."""
        shown = translated(row, f"{prefix}name", f"{prefix}practitioner", language=language)
        return {"code": row[f"{prefix}code"], **shown}

"""Texts in five languages on one page: a tab a language, Arabic typed from the right, the default language required."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from modeltranslation.fields import TranslationField


def language_tabs(*names: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Fieldsets of a translated model, a tab a language: `fieldsets = [(None, {...}), *language_tabs("name")]`."""
    return tuple(
        (str(own_name), {"classes": ["tab"], "fields": [f"{name}_{code}" for name in names]})
        for code, own_name in settings.LANGUAGES
    )


class TranslatedFieldsMixin:
    """Inputs know their language: direction, `lang`, and which one may not stay empty."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is None or not isinstance(db_field, TranslationField):
            return field
        language = db_field.language
        if language == settings.MODELTRANSLATION_DEFAULT_LANGUAGE and not db_field.translated_field.blank:
            field.required = True
        field.label = capfirst(str(db_field.translated_field.verbose_name))
        bidi = get_language_info(language)["bidi"]
        field.widget.attrs.update({"lang": language, "dir": "rtl" if bidi else "ltr"})
        return field

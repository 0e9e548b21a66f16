"""How services write fields: texts by language, plain values, and references by code."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from apps.common.exceptions import Invalid
from apps.hospitals.models import Specialty

LANGUAGES = tuple(code for code, _label in settings.LANGUAGES)

Texts = Mapping[str, str | None]


def write(row: models.Model, changes: Mapping[str, Any], *, texts: Collection[str], plain: Collection[str]) -> None:
    """Put `changes` into the row: `texts` by language (those not named stay, an empty one goes), `plain` ones as they
    are. A name in neither is a programmer's mistake.

    Raises Invalid for an unknown language, or a value that the field itself refuses.
    """
    unknown = set(changes) - set(texts) - set(plain)
    if unknown:
        raise TypeError(f"{type(row).__name__} has no field {sorted(unknown)} to write")
    errors: dict[str, list[str]] = {}
    for name, value in changes.items():
        if name in plain:
            setattr(row, name, value)
            continue
        for language, text in (value or {}).items():
            if language not in LANGUAGES:
                errors[f"{name}.{language}"] = [_("Choose one of: %(names)s.") % {"names": ", ".join(LANGUAGES)}]
            else:
                setattr(row, f"{name}_{language}", (text or "").strip())
    if errors:
        raise Invalid(errors=errors)
    # A translated field's base column stands for the active language: cleaning it would copy the fallback there.
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in _written(changes, plain)])


def _written(changes: Mapping[str, Any], plain: Collection[str]) -> set[str]:
    texts = {f"{name}_{language}" for name in changes if name not in plain for language in LANGUAGES}
    return texts | {name for name in changes if name in plain}


def require_english(row: models.Model, names: Iterable[str]) -> None:
    """Every text has at least its English form: the others fall back to it."""
    missing = {f"{name}.en": [_("This is missing.")] for name in names if not getattr(row, f"{name}_en")}
    if missing:
        raise Invalid(errors=missing)


def specialties_by_code(codes: Collection[str], field: str) -> list[Specialty]:
    """The specialties of these codes. Raises Invalid that names an unknown one."""
    found = {specialty.code: specialty for specialty in Specialty.objects.filter(code__in=codes)}
    unknown = [code for code in codes if code not in found]
    if unknown:
        message = _("There is no specialty “%(code)s”.") % {"code": unknown[0]}
        raise Invalid(errors={field: [message]})
    return [found[code] for code in dict.fromkeys(codes)]

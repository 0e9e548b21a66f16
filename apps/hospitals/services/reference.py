"""Reference data is known by its code, and the same in every installation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

from . import texts

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def save_specialties(rows: Rows) -> int:
    """Every specialty of `rows` ({"code", "name": {"en": ...}, "practitioner": {...}}) is there with these texts; those
    not named stay as they are, and so do texts that a person has written. How many there were. Raises Invalid."""
    return _save(Specialty, rows, names=("name", "practitioner"))


@transaction.atomic
def save_procedures(rows: Rows) -> int:
    """As `save_specialties`, for {"code", "specialty": its code, "name": {...}}."""
    specialties = {specialty.code: specialty for specialty in Specialty.objects.all()}
    given = [{**row, "specialty": specialties[row["specialty"]]} for row in rows]
    return _save(Procedure, given, names=("name",), plain=("specialty",))


@transaction.atomic
def save_treatment_categories(rows: Rows) -> int:
    """As `save_specialties`, for {"code", "name": {...}, "description": {...}}, in the order of their positions."""
    given = [{**row, "position": position} for position, row in enumerate(rows)]
    return _save(TreatmentCategory, given, names=("name", "description"), plain=("position",))


@transaction.atomic
def save_accreditation_bodies(rows: Rows) -> int:
    """As `save_specialties`, for {"code", "name", "country", "website"}; their names are not translated."""
    return _save(AccreditationBody, rows, names=(), plain=("name", "country", "website"))


def _save(model: Any, rows: Rows, *, names: Sequence[str], plain: Sequence[str] = ()) -> int:
    existing = {row.code: row for row in model.objects.select_for_update()}
    for given in rows:
        row = existing.get(given["code"]) or model(code=given["code"])
        changes = {name: given[name] for name in plain}
        changes |= {name: _unless_a_person_wrote(row, name, given[name]) for name in names}
        texts.write(row, changes, texts=names, plain=plain)
        row.save()
    return len(rows)


def _unless_a_person_wrote(row: Any, name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The languages of a text in which no person of this installation has written their own."""
    kept = row.text_status.get(name, {})
    return {language: text for language, text in given.items() if not kept.get(language, {}).get("by")}

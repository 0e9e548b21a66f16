"""Specialties are reference data: known by their code, the same in every installation."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.hospitals.models import Specialty

from . import texts

TEXTS = ("name", "practitioner")


@transaction.atomic
def save_specialties(rows: Sequence[Mapping[str, Any]]) -> int:
    """Every specialty of `rows` ({"code", "name": {"en": ...}, "practitioner": {...}}) is there with these texts; those
    not named stay as they are. How many there were. Raises Invalid for a text that does not fit."""
    existing = {specialty.code: specialty for specialty in Specialty.objects.select_for_update()}
    for row in rows:
        specialty = existing.get(row["code"]) or Specialty(code=row["code"])
        texts.write(specialty, {name: row[name] for name in TEXTS}, texts=TEXTS, plain=())
        specialty.save()
    return len(rows)

"""Room: the specialties, which are reference data and known by their code."""

from datetime import datetime

from apps.hospitals.models import Specialty

from . import sources


def load(now: datetime) -> int:
    """Every specialty of `data/specialties.json` is there with its present texts; how many they are."""
    rows = sources.specialties()
    for row in rows:
        texts = sources.in_languages("name", row["name"]) | sources.in_languages("practitioner", row["practitioner"])
        Specialty.objects.update_or_create(code=row["code"], defaults=texts)
    return len(rows)

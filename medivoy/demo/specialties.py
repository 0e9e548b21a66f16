"""Room: the specialties, which are reference data and known by their code."""

from datetime import datetime

from apps.hospitals import services

from . import sources


def load(now: datetime) -> int:
    """Every specialty of `data/specialties.json` is there with its present texts; how many they are."""
    return services.save_specialties(sources.specialties())

"""Room: the reference data, which is known by its code."""

from datetime import datetime
from io import StringIO

from django.core.management import call_command

from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

LISTS = (Specialty, Procedure, TreatmentCategory, AccreditationBody)


def load(now: datetime) -> int:
    """Every list of `data/` is there with its present texts; how many rows they are."""
    call_command("load_reference_data", verbosity=0, stdout=StringIO())
    return sum(model.objects.count() for model in LISTS)

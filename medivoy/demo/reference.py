"""Room: the reference data, which is known by its code."""

from datetime import datetime, timedelta
from io import StringIO

from django.core.management import call_command

from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

from . import clock

LISTS = (Specialty, Procedure, TreatmentCategory, AccreditationBody)
#: The platform opened so many days ago, and patients are asked with its consent text since.
OPENED_DAYS_AGO = 450


def load(now: datetime) -> int:
    """Every list of `data/` is there with its present texts; how many rows they are."""
    with clock.standing_at(now - timedelta(days=OPENED_DAYS_AGO)):
        call_command("load_reference_data", verbosity=0, stdout=StringIO())
    return sum(model.objects.count() for model in LISTS)

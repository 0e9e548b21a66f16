"""Jobs of the directory."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="hospitals.end_what_expired")
def end_what_expired() -> dict[str, int]:
    """Daily: warns of licences and accreditations that end, and ends affiliations that are over."""
    return services.end_what_expired()


@shared_task(name="hospitals.mend_derived")
def mend_derived() -> dict[str, int]:
    """Nightly: search documents, copies and prices in euros are in step, also where triggers could not see to it."""
    return services.mend_derived(now=timezone.now())

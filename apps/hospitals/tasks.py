"""Jobs of the directory."""

from celery import shared_task

from . import services


@shared_task(name="hospitals.end_what_expired")
def end_what_expired() -> dict[str, int]:
    """Daily: warns of licences and accreditations that end, and ends affiliations that are over."""
    return services.end_what_expired()

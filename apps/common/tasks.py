"""Jobs of the platform itself."""

from celery import shared_task
from django.utils import timezone

from . import health
from .exchange import services as exchange_services


@shared_task(name="common.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Shows that beat, broker and a worker are alive, all in a row."""
    health.write_heartbeat(timezone.now())


@shared_task(name="common.fetch_exchange_rates", ignore_result=True)
def fetch_exchange_rates() -> None:
    """Stores the day's exchange rates; once more on the same day changes nothing."""
    exchange_services.fetch_rates(today=timezone.now().date())

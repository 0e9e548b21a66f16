"""Jobs of the platform itself."""

from celery import shared_task
from django.utils import timezone

from . import health


@shared_task(name="common.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Shows that beat, broker and a worker are alive, all in a row."""
    health.write_heartbeat(timezone.now())

"""Jobs of clinical. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="clinical.escalate_results", ignore_result=True)
def escalate_results() -> None:
    services.escalate_results()


@shared_task(name="clinical.seal_readings", ignore_result=True)
def seal_readings() -> None:
    services.seal_readings()


@shared_task(name="clinical.ask_insurers", ignore_result=True)
def ask_insurers() -> None:
    services.ask_insurers(timezone.now())

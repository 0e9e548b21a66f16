"""Jobs of media. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="media.clean_up", ignore_result=True)
def clean_up() -> None:
    services.clean_up(timezone.now())


@shared_task(name="media.erase_discarded", ignore_result=True)
def erase_discarded() -> None:
    services.erase_discarded()

"""Jobs of media. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="media.clean_up", ignore_result=True)
def clean_up() -> None:
    now = timezone.now()
    services.clean_up(now)
    services.clean_up_sessions(now)


@shared_task(name="media.erase_discarded", ignore_result=True)
def erase_discarded() -> None:
    services.erase_discarded()


@shared_task(name="media.check_uploads", ignore_result=True)
def check_uploads() -> None:
    services.check_uploads()


@shared_task(name="media.scan_files", ignore_result=True)
def scan_files() -> None:
    services.scan_files()

"""Jobs of interop. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

from . import services


@shared_task(name="interop.make_exports", ignore_result=True)
def make_exports() -> None:
    services.make_exports(timezone.now())


@shared_task(name="interop.expire_exports", ignore_result=True)
def expire_exports() -> None:
    services.expire_exports(timezone.now())


@shared_task(name="interop.erase_due", ignore_result=True)
def erase_due() -> None:
    services.erase_due(timezone.now())

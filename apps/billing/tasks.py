"""Jobs of billing. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task

from . import services


@shared_task(name="billing.send_refunds", ignore_result=True)
def send_refunds() -> None:
    services.send_refunds()

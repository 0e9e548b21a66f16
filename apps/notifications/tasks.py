"""Jobs of notifications. They carry nothing: what is to be done stands in the rows."""

from celery import shared_task

from . import services

#: Beat starts a run every ten seconds; a run ends by itself before the next, so that a slow mail server cannot keep
#: every worker busy.
RUN_SECONDS = 8


@shared_task(name="notifications.deliver_due")
def deliver_due() -> None:
    services.deliver_due(for_seconds=RUN_SECONDS)

"""Jobs of accounts."""

from celery import shared_task

from . import services


@shared_task(name="accounts.clean_up")
def clean_up() -> dict[str, int]:
    """Daily, and by hand whenever wanted: removes old sessions, secrets and idempotency keys."""
    return services.clean_up()

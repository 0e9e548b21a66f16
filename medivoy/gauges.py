"""Figures that Prometheus gets about the queues: how much waits, and for how long."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone

from apps.common import redis
from apps.common.metrics import Reading
from apps.notifications.models import Message


def outbox() -> Iterator[Reading]:
    now = timezone.now()
    due = Message.objects.due(now).aggregate(waiting=Count("pk"), oldest=Min("due_at"))
    oldest = (now - due["oldest"]).total_seconds() if due["oldest"] else 0.0
    dead = Message.objects.filter(status=Message.Status.DEAD).count()
    yield Reading("medivoy_outbox_waiting", "Messages that are due and not sent.", due["waiting"])
    yield Reading("medivoy_outbox_oldest_seconds", "How long the oldest of them has been due.", oldest)
    yield Reading("medivoy_outbox_dead", "Messages given up, which a person should look at.", dead)


def queues() -> Iterator[Reading]:
    with redis.required() as client:
        yield Reading("medivoy_celery_queue_length", "Tasks that no worker has taken.", client.llen("celery"))

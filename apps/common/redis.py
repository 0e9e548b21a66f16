"""The one Redis client of a process, with timeouts; a Redis that is gone becomes `Unavailable` where that matters."""

import contextlib
from collections.abc import Iterator
from functools import cache

import redis
from django.conf import settings

from . import exceptions


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        health_check_interval=30,
    )


@contextlib.contextmanager
def required() -> Iterator[redis.Redis]:
    """The client, for what must not go on without it. Raises Unavailable when Redis does not answer."""
    try:
        yield client()
    except redis.RedisError as error:
        raise exceptions.Unavailable(retry_after=5) from error

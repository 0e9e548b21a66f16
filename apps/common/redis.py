"""The one Redis client of a process, with timeouts, and what is done when Redis is gone.

After a failure Redis is left alone for some seconds, so that a hung one costs a time-out once and not on every request.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import exceptions

log = structlog.get_logger(__name__)
LEFT_ALONE_SECONDS = 5.0


class RedisUnavailable(exceptions.Unavailable):
    """Redis does not answer, or did not a moment ago."""


class Breaker:
    """Says whether to ask at all: not for some seconds after a failure, then one caller tries for all others."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._not_before: float | None = None

    def allows(self) -> bool:
        with self._lock:
            if self._not_before is None:
                return True
            now = self._clock()
            if now < self._not_before:
                return False
            self._not_before = now + self._seconds  # this caller tries; the others go on without
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            if self._not_before is None:
                log.error("redis_unavailable", error=type(error).__name__)
            self._not_before = self._clock() + self._seconds

    def answered(self) -> None:
        if self._not_before is None:
            return
        with self._lock:
            self._not_before = None
            log.warning("redis_is_back")


breaker = Breaker(LEFT_ALONE_SECONDS)


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=settings.REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=settings.REDIS_TIMEOUT_SECONDS,
        health_check_interval=30,
        # Once more at once, for a connection that died while it lay in the pool; a time-out is not waited for twice.
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )


@contextlib.contextmanager
def required() -> Iterator[redis.Redis]:
    """The client, for what must not go on without it. Raises RedisUnavailable when Redis does not answer."""
    if not breaker.allows():
        raise RedisUnavailable(retry_after=round(LEFT_ALONE_SECONDS))
    try:
        yield client()
    except (redis.ConnectionError, redis.TimeoutError) as error:
        breaker.failed(error)
        raise RedisUnavailable(retry_after=round(LEFT_ALONE_SECONDS)) from error
    except redis.RedisError as error:
        raise RedisUnavailable(retry_after=round(LEFT_ALONE_SECONDS)) from error
    else:
        breaker.answered()

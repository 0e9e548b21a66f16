"""Limits that hold exactly however many requests arrive at once: one atomic script in Redis counts and decides."""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from . import exceptions, redis, requests

# Counts first and decides on the result, so two callers can never both be "the fifth".
_TAKE = """
local used = redis.call('INCRBY', KEYS[1], ARGV[4])
if used == tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
if used == tonumber(ARGV[2]) and tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return {used, redis.call('PTTL', KEYS[1])}
"""
# Never below zero and never a key without an end: one that has expired meanwhile stays away.
_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then return redis.call('DECR', KEYS[1]) end
return 0
"""
#: A process that has seen so many callers forgets what it had taken for them.
_REMEMBERED_KEYS = 10_000


@dataclass(frozen=True)
class Limit:
    """So many attempts per key within a window that starts with the first of them.

    With `lock_seconds` the last allowed attempt closes the key for that long, however late in the window it came.
    """

    name: str
    attempts: int
    seconds: int
    lock_seconds: int = 0

    def _key(self, key: str) -> str:
        # Keys are e-mail addresses and network addresses: hashed, so that a dump of Redis names nobody.
        return f"limit:{self.name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"

    def take(self, key: str) -> None:
        """Use one attempt. Raises TooMany beyond the limit, RedisUnavailable without Redis (closed, not open)."""
        self._take(key, 1)

    def _take(self, key: str, count: int) -> float:
        """Use `count` attempts at once; gives for how many seconds the window still lasts."""
        with redis.required() as client:
            used, milliseconds = client.eval(
                _TAKE, 1, self._key(key), self.seconds * 1000, self.attempts, self.lock_seconds * 1000, count
            )
        if used > self.attempts:
            raise exceptions.TooMany(retry_after=max(1, -(-milliseconds // 1000)))
        return milliseconds / 1000

    def forgive(self, key: str) -> None:
        """Forget the attempts (the right password was given)."""
        with redis.required() as client:
            client.delete(self._key(key))

    def give_back(self, key: str) -> None:
        """Undo one `take`: that attempt was a good one and does not count."""
        with redis.required() as client:
            client.eval(_GIVE_BACK, 1, self._key(key))

    def is_used_up(self, key: str) -> bool:
        with redis.required() as client:
            return int(client.get(self._key(key)) or 0) >= self.attempts


@dataclass(frozen=True)
class RoughLimit(Limit):
    """A limit that is never exceeded, but may close early: each process takes attempts from Redis `batch` at a time.

    So most requests ask nobody, and each process may keep up to `batch` - 1 attempts that others could have used. For
    limits far above what anyone needs; never for passwords and codes. Knows only `take`.
    """

    batch: int = 10
    _taken: dict[str, tuple[int, float]] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def take(self, key: str) -> None:
        now = time.monotonic()
        with self._lock:
            left, until = self._taken.get(key, (0, now))
            if left and now < until:
                self._taken[key] = left - 1, until
                return
        seconds = self._take(key, self.batch)
        with self._lock:
            if len(self._taken) >= _REMEMBERED_KEYS:
                self._taken.clear()
            ends = now + seconds
            left, until = self._taken.get(key, (0, now))
            if left and now < until:  # another thread took some meanwhile: none are lost, none outlive their window
                self._taken[key] = left + self.batch - 1, min(until, ends)
            else:
                self._taken[key] = self.batch - 1, ends

    def forget_taken(self) -> None:
        """Give up what this process has in hand."""
        with self._lock:
            self._taken.clear()


class LimitThrottle(BaseThrottle):
    """A general request limit for API views, per user or address. Open when Redis is gone: everything else works on."""

    limit: Limit
    _retry_after: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        user = request.user
        key = str(user.pk) if user and user.is_authenticated else requests.client_network(request)
        try:
            self.limit.take(key)
        except exceptions.TooMany as refusal:
            self._retry_after = refusal.retry_after
            return False
        except redis.RedisUnavailable:
            return True
        return True

    def wait(self) -> float | None:
        return self._retry_after


class GeneralThrottle(LimitThrottle):
    """Far above what a person or a well-behaved app needs: 600 requests a minute, unless the settings say otherwise.

    Approximate: of 600, someone whose requests reach n processes may get 9 * n fewer, never more.
    """

    limit = RoughLimit(
        "api",
        attempts=settings.API_REQUESTS_PER_MINUTE,
        seconds=60,
        batch=max(1, min(10, settings.API_REQUESTS_PER_MINUTE // 60)),
    )

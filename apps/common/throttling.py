"""Limits that hold exactly however many requests arrive at once: one atomic script in Redis counts and decides."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from . import exceptions, redis, requests

# Counts first and decides on the result, so two callers can never both be "the fifth".
_TAKE = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
if used == tonumber(ARGV[2]) and tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return {used, redis.call('PTTL', KEYS[1])}
"""
# Never below zero and never a key without an end: one that has expired meanwhile stays away.
_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then return redis.call('DECR', KEYS[1]) end
return 0
"""


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
        with redis.required() as client:
            used, milliseconds = client.eval(
                _TAKE, 1, self._key(key), self.seconds * 1000, self.attempts, self.lock_seconds * 1000
            )
        if used > self.attempts:
            raise exceptions.TooMany(retry_after=max(1, -(-milliseconds // 1000)))

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
    """Far above what a person or a well-behaved app needs: 600 requests a minute, unless the settings say otherwise."""

    limit = Limit("api", attempts=settings.API_REQUESTS_PER_MINUTE, seconds=60)

"""The cache, which may vanish: when Redis is gone every read is a miss and every write is forgotten."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from . import redis

_CLEARED_AT_ONCE = 1000


class _SharedClient(RedisCacheClient):
    """Django's, on the connections of `apps.common.redis`."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return redis.client()


class FailOpenRedisCache(RedisCache):
    """Django's Redis cache; where Redis does not answer it is a cache that is empty and stays so."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _SharedClient

    def _or(self, fallback: Any, method: Callable[..., Any], *args: Any) -> Any:
        try:
            with redis.required():
                return method(*args)
        except redis.RedisUnavailable:
            return fallback

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._or(False, super().add, key, value, timeout, version)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(default, super().get, key, default, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._or(None, super().set, key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._or(False, super().touch, key, timeout, version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._or(False, super().delete, key, version)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._or({}, super().get_many, keys, version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._or(False, super().has_key, key, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raises ValueError for a key that is not there, and so without Redis for any."""
        value = self._or(None, super().incr, key, delta, version)
        if value is None:
            raise ValueError("the key is not in the cache")
        return value

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        return self._or(list(data), super().set_many, data, timeout, version)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._or(None, super().delete_many, list(keys), version)

    def clear(self) -> bool:
        """Remove the cache's own keys: the broker's queues and the limits live in the same database."""
        return self._or(False, self._clear)

    def _clear(self) -> bool:
        client = redis.client()
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=_CLEARED_AT_ONCE):
            client.unlink(key)
        return True

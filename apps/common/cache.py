"""The cache, which may vanish: when Redis is gone every read is a miss and every write is forgotten, logged once a minute."""

import time
from typing import Any

import redis
import structlog
from django.core.cache.backends.redis import RedisCache

log = structlog.get_logger(__name__)
LOG_EVERY_SECONDS = 60


class FailOpenRedisCache(RedisCache):
    """Django's Redis cache; a connection error is a miss instead of an answer 500."""

    _logged_at = 0.0

    def _forgive(self, error: redis.RedisError) -> None:
        if time.monotonic() - FailOpenRedisCache._logged_at > LOG_EVERY_SECONDS:
            FailOpenRedisCache._logged_at = time.monotonic()
            log.warning("cache_unavailable", error=type(error).__name__)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().add(*args, **kwargs)
        except redis.RedisError as error:
            self._forgive(error)
            return False

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except redis.RedisError as error:
            self._forgive(error)
            return default

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except redis.RedisError as error:
            self._forgive(error)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return super().delete(*args, **kwargs)
        except redis.RedisError as error:
            self._forgive(error)
            return False

    def get_many(self, *args: Any, **kwargs: Any) -> dict:
        try:
            return super().get_many(*args, **kwargs)
        except redis.RedisError as error:
            self._forgive(error)
            return {}

"""Where objects lie: two stores, public and private, each on local disk or S3 as the settings say.

Never called inside a transaction. What cannot be stored or fetched now raises StorageUnavailable (503).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import structlog
from django.core.files import File
from django.core.files.storage import storages

from apps.media.exceptions import StorageUnavailable

log = structlog.get_logger(__name__)


class Body(File):
    """Bytes on their way into a store, with the type they are to be served as."""

    def __init__(self, file: IO[bytes], *, content_type: str) -> None:
        super().__init__(file)
        self.content_type = content_type


@contextmanager
def _said_clearly(act: str) -> Iterator[None]:
    """Whatever a store cannot do comes as OSError (see `s3`): full, unreachable, refused, too slow."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        log.error("storage_unavailable", act=act, error=type(error).__name__, cause=type(error.__cause__).__name__)
        raise StorageUnavailable(retry_after=StorageUnavailable.RETRY_AFTER_SECONDS) from error


def put(visibility: str, key: str, file: IO[bytes], *, content_type: str) -> None:
    """The object lies under `key`, whole. Raises StorageUnavailable."""
    with _said_clearly("put"):
        file.seek(0)
        name = storages[visibility].save(key, Body(file, content_type=content_type))
    if name != key:
        raise RuntimeError("keys are random: this one cannot have been taken")


def delete(visibility: str, keys: Iterable[str]) -> None:
    """The objects are gone; those that were not there are not missed. Raises StorageUnavailable."""
    with _said_clearly("delete"):
        for key in keys:
            storages[visibility].delete(key)


def opened(visibility: str, key: str) -> Any:
    """The object's bytes, as an open file. Raises FileNotFoundError, StorageUnavailable."""
    with _said_clearly("open"):
        return storages[visibility].open(key, "rb")


def signed_url(key: str, *, name: str, content_type: str, seconds: int) -> str:
    """An address at which the private object is saved as `name`, for so long."""
    store: Any = storages["private"]
    return store.signed_url(key, name=name, content_type=content_type, seconds=seconds)

"""Where objects lie: two stores, public and private, each on local disk or S3 as the settings say.

Never called inside a transaction. What cannot be stored or fetched now raises StorageUnavailable (503).
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import structlog
from django.core.files import File
from django.core.files.storage import storages

from apps.media.exceptions import StorageUnavailable

log = structlog.get_logger(__name__)

#: Read, hashed and sent to a scanner at a time: a file of 2 GB takes no more memory than this.
CHUNK = 1024 * 1024


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


def chunks(visibility: str, key: str) -> Iterator[bytes]:
    """The object's bytes, a piece at a time. Raises FileNotFoundError, StorageUnavailable."""
    store: Any = storages[visibility]
    with _said_clearly("read"):
        yield from store.chunks(key, CHUNK)


@contextmanager
def on_disk(visibility: str, key: str) -> Iterator[IO[bytes]]:
    """The object as a file on this machine's disk: itself where it lies here, else a copy that goes afterwards. Raises
    FileNotFoundError, StorageUnavailable."""
    store: Any = storages[visibility]
    if store.is_on_this_machine:
        with store.path_of(key).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        with _said_clearly("fetch"):
            for piece in chunks(visibility, key):
                file.write(piece)
            file.flush()
        yield file


def copy(visibility: str, key: str, to: str) -> None:
    """The object lies under `to` as well; a copy that lies there already is written anew. Raises FileNotFoundError,
    StorageUnavailable."""
    store: Any = storages[visibility]
    with _said_clearly("copy"):
        store.copy(key, to)

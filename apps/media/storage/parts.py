"""Large private objects that come in parts, in any order, over hours: what both stores do alike.

Parts have numbers from 1. `parts_id` is what the store calls the parts of one object; after `joined` or `abandoned` no
part is taken any more, also not one that is on its way.
"""

from collections.abc import Iterable
from typing import IO, Any

from django.core.files.storage import storages

from . import _said_clearly

#: Where parts lie is private, whatever becomes of them.
VISIBILITY = "private"


class PartsMissing(Exception):
    """Not all parts are there, or nothing is known of them."""


class PartsClosed(Exception):
    """No part is taken any more."""


def _store() -> Any:
    return storages[VISIBILITY]


def begun(key: str) -> str:
    """Parts may come; their `parts_id`. Raises StorageUnavailable."""
    with _said_clearly("begin parts"):
        return _store().begin_parts(key)


def addresses(key: str, parts_id: str, sizes: dict[int, int], *, seconds: int) -> dict[int, str]:
    """Where the parts of these numbers and sizes are to be sent, by PUT, within so many seconds. Asks no store."""
    return {
        number: _store().part_address(key, parts_id, number, size, seconds=seconds) for number, size in sizes.items()
    }


def arrived(key: str, parts_id: str) -> dict[int, int]:
    """The sizes of the parts that are there whole, by number. Raises StorageUnavailable."""
    with _said_clearly("list parts"):
        return _store().arrived_parts(key, parts_id)


def joined(key: str, parts_id: str, numbers: Iterable[int]) -> int:
    """The object lies under `key`, made of these parts; its size. Doing it again changes nothing.

    Raises PartsMissing, StorageUnavailable.
    """
    with _said_clearly("join parts"):
        return _store().join_parts(key, parts_id, list(numbers))


def abandoned(key: str, parts_id: str) -> None:
    """Nothing of the parts is left, nor of others begun for this key. Raises StorageUnavailable."""
    with _said_clearly("abandon parts"):
        _store().abandon_parts(key, parts_id)


def taken(key: str, number: int, body: IO[bytes], size: int) -> bool:
    """A part, where parts come to us: it is there whole, or not at all; False for one that broke off.

    Raises PartsClosed, StorageUnavailable.
    """
    with _said_clearly("take a part"):
        return _store().take_part(key, number, body, size)

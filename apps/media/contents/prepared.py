"""What goes into a store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO


@dataclass(frozen=True)
class Variant:
    """A smaller version of an image, as WebP."""

    body: IO[bytes]
    width: int
    height: int


@dataclass(frozen=True)
class Prepared:
    """The bytes to store and what is true of them. `size` in bytes; `width` and `height` in pixels."""

    content_type: str
    extension: str
    body: IO[bytes]
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    variants: Mapping[str, Variant] = field(default_factory=dict)

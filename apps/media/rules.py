"""What may be uploaded and removed, how large, how much, and for how long unused files stay."""

import unicodedata
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from apps.common.exceptions import DomainError, Forbidden

from . import exceptions

MEGABYTE = 1024 * 1024
#: The largest upload of each purpose, in bytes.
MAX_BYTES = {
    "image": 10 * MEGABYTE,
    "generated": 10 * MEGABYTE,
    "document": 20 * MEGABYTE,
    "medical_record": 100 * MEGABYTE,
}
#: What one person may upload within an hour.
UPLOADS_PER_HOUR = 200
BYTES_PER_HOUR = 2048 * MEGABYTE
PER_HOUR = timedelta(hours=1)

#: An upload that has not ended by then never will.
PENDING_FOR = timedelta(hours=1)
#: A file that nothing uses is forgotten after that.
UNUSED_FOR = timedelta(hours=24)

MAX_NAME = 120


def why_not_upload(*, files: int, total_bytes: int) -> DomainError | None:
    """A person uploads at most 200 files and 2 GB within an hour."""
    if files >= UPLOADS_PER_HOUR or total_bytes >= BYTES_PER_HOUR:
        return exceptions.TooManyUploads(retry_after=int(PER_HOUR.total_seconds()))
    return None


def why_too_large(size: int, *, purpose: str) -> DomainError | None:
    """Images up to 10 MB, documents up to 20 MB, medical records up to 100 MB; nothing that is empty."""
    if size > MAX_BYTES[purpose]:
        return exceptions.FileTooLarge(megabytes=MAX_BYTES[purpose] // MEGABYTE)
    return exceptions.EmptyFile() if size == 0 else None


def why_not_remove(file: Any, *, by: Any) -> DomainError | None:
    """A file is removed by whoever uploaded it, or by a platform admin."""
    return None if by.is_platform_admin or file.owner_id == by.pk else Forbidden()


def clean_name(name: str) -> str:
    """A file's name as it may be shown: no folders, no control or direction characters, one line, not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(" " if unicodedata.category(c) in {"Zl", "Zp", "Zs"} else c for c in last)
    kept = "".join(c for c in visible if not unicodedata.category(c).startswith("C"))
    words = " ".join(unicodedata.normalize("NFC", kept).split()).strip(". ")
    if len(words) <= MAX_NAME:
        return words
    ending = PurePosixPath(words).suffix[:10]
    return words[: MAX_NAME - len(ending)].rstrip() + ending

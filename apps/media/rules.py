"""What may be uploaded and removed, how large, how much, and for how long unused files stay."""

import unicodedata
from datetime import datetime, timedelta
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
#: The largest upload of each purpose that may come in parts, in bytes.
MAX_BYTES_IN_PARTS = {"medical_record": 2048 * MEGABYTE}
#: Of each part but the last; S3 takes none that are smaller than 5 MB.
PART_BYTES = 8 * MEGABYTE
#: An upload in parts that nobody has finished by then is given up.
SESSION_FOR = timedelta(hours=24)
#: How long what became of it can be asked for.
SESSION_KEPT_FOR = timedelta(days=7)
MAX_OPEN_SESSIONS = 10
#: How long the address of a part works; asking for the upload gives fresh ones.
PART_ADDRESS_SECONDS = 15 * 60
#: How long a worker may check or scan one file; then another worker takes it up.
CLAIMED_FOR = timedelta(minutes=10)
#: Of workers that ended while they checked it: then the file is what ends them.
MAX_ATTEMPTS = 5
#: While the store or the scanner is away.
TRY_AGAIN_AFTER = timedelta(seconds=30)
#: For a file that is larger than the scanner takes: its limits are for somebody to change.
TOO_LARGE_AGAIN_AFTER = timedelta(hours=1)
#: What was found infected is kept for whoever looks into it, and erased then.
QUARANTINED_FOR = timedelta(days=30)

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


def why_not_in_parts(size: int, *, purpose: str, open_sessions: int) -> DomainError | None:
    """Medical records up to 2 GB come in parts; a person has at most ten such uploads unfinished."""
    limit = MAX_BYTES_IN_PARTS[purpose]
    if size > limit:
        return exceptions.FileTooLarge(megabytes=limit // MEGABYTE)
    if size == 0:
        return exceptions.EmptyFile()
    return exceptions.TooManyOpenUploads(count=open_sessions) if open_sessions >= MAX_OPEN_SESSIONS else None


def why_not_go_on(session: Any, *, now: datetime) -> DomainError | None:
    """Parts come, and the end is said, while the upload is open."""
    return None if session.status == "uploading" and now < session.expires_at else exceptions.UploadClosed()


def why_not_give_up(session: Any) -> DomainError | None:
    """An upload is given up until it is complete; then its file is removed instead."""
    return exceptions.UploadClosed() if session.status in {"checking", "stored"} else None


def why_not_accept(session: Any, *, size: int, sha256: str) -> DomainError | None:
    """What arrived is what was announced, in size and, where that was said, in digest."""
    if size != session.size:
        return exceptions.UploadIncomplete()
    return exceptions.DigestDiffers() if session.sha256 and session.sha256 != sha256 else None


def why_too_large_for(content_type: str, *, size: int) -> DomainError | None:
    """Nothing but scans and papers is ever larger than 100 MB: no picture of 50 million pixels needs more."""
    limit = MAX_BYTES["medical_record"]
    if content_type.startswith("image/") and size > limit:
        return exceptions.FileTooLarge(megabytes=limit // MEGABYTE)
    return None


def why_not_use(file: Any) -> DomainError | None:
    """A file is fetched and used once a scanner has found nothing in it, or where none is set up."""
    if file.is_fit:
        return None
    return exceptions.Infected() if file.scan == "infected" else exceptions.NotYetScanned(retry_after=10)


def why_not_open_here(file: Any, *, is_own: bool) -> DomainError | None:
    """Papers and pictures are opened by whoever finds them here; a medical record by whoever uploaded it, until it
    stands in a patient's record."""
    if file.purpose == "medical_record" and (file.is_used or not is_own):
        return Forbidden()
    return why_not_use(file)


def needs_scan(purpose: str) -> bool:
    """Papers and medical records are scanned; of pictures nothing but pixels was kept."""
    return purpose in {"document", "medical_record"}


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

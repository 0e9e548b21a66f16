"""What an upload is, judged by its bytes alone, and what is stored of it.

Images and scanned documents are decoded and written anew, so that nothing but their pixels survives. PDFs are searched
for whatever could run. Medical records are checked and kept byte for byte, as they are evidence.
"""

import hashlib
from typing import IO, Any

from apps.common.exceptions import raise_if
from apps.media import exceptions, rules

from . import archive, dicom, images, pdf
from .kinds import DICOM, GIF, JPEG, PDF, PNG, WEBP, ZIP, Kind, kind_of
from .prepared import Prepared, Variant

__all__ = ["Prepared", "Variant", "finished", "prepare"]

#: What each purpose accepts.
ACCEPTED: dict[str, tuple[Kind, ...]] = {
    "image": (JPEG, PNG, WEBP, GIF),
    "generated": (JPEG, PNG, WEBP),
    "document": (PDF, JPEG, PNG),
    "medical_record": (PDF, JPEG, PNG, DICOM, ZIP),
}
#: The longest edge of what is stored, in pixels: papers must stay legible.
MAX_EDGE = {"image": 2560, "generated": 2560, "document": 4096}
_CHUNK = 1024 * 1024


def prepare(file: Any, *, purpose: str) -> Prepared:
    """What is to be stored of an upload. Raises TypeNotAccepted, UnreadableFile, TooManyPixels, ActiveContent,
    EncryptedFile."""
    kind = kind_of(file)
    if kind is None or kind not in ACCEPTED[purpose]:
        raise exceptions.TypeNotAccepted(kinds=", ".join(accepted.name for accepted in ACCEPTED[purpose]))
    if kind.is_image and purpose != "medical_record":
        return images.reencoded(file, kind, max_edge=MAX_EDGE[purpose])
    size = _as_it_is(file, kind)
    return Prepared(
        content_type=kind.content_type,
        extension=kind.extension,
        body=file,
        size=_length(file),
        sha256=_digest(file),
        width=size[0] if size else None,
        height=size[1] if size else None,
    )


def finished(file: IO[bytes], *, content_type: str, extension: str) -> Prepared:
    """What we made ourselves, as it is."""
    size = file.seek(0, 2)
    return Prepared(content_type=content_type, extension=extension, body=file, size=size, sha256=_digest(file))


def _as_it_is(file: IO[bytes], kind: Kind) -> tuple[int, int] | None:
    """Checks what is kept byte for byte; the pixels of an image."""
    if kind is PDF:
        pdf.check(file)
    elif kind is DICOM:
        dicom.check(file)
    elif kind is ZIP:
        archive.check(file)
    else:
        raise_if(rules.why_too_large_for(kind.content_type, size=_length(file)))
        return images.checked_size(file, kind)
    return None


def _length(file: IO[bytes]) -> int:
    return file.seek(0, 2) if not hasattr(file, "size") else int(file.size)


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()

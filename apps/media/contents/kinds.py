"""The kinds of file that are accepted anywhere, told by their first bytes."""

from dataclasses import dataclass
from typing import IO

import filetype

from . import archive, dicom


@dataclass(frozen=True)
class Kind:
    name: str
    content_type: str
    extension: str

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


JPEG = Kind("JPEG", "image/jpeg", ".jpg")
PNG = Kind("PNG", "image/png", ".png")
WEBP = Kind("WebP", "image/webp", ".webp")
GIF = Kind("GIF", "image/gif", ".gif")
PDF = Kind("PDF", "application/pdf", ".pdf")
DICOM = Kind("DICOM", "application/dicom", ".dcm")
ZIP = Kind("ZIP (DICOM)", "application/zip", ".zip")

_IMAGES = {kind.content_type: kind for kind in (JPEG, PNG, WEBP, GIF)}
_HEAD = 512


def kind_of(file: IO[bytes]) -> Kind | None:
    """The kind whose mark stands where it must stand; None for all others. DICOM first: before its mark, at 128, comes
    a preamble that may look like anything, which `dicom.check` looks at."""
    file.seek(0)
    head = file.read(_HEAD)
    if dicom.is_marked(head):
        return DICOM
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(archive.MARK):
        return ZIP
    return _IMAGES.get(filetype.guess_mime(head) or "")

"""ZIPs of DICOM files: a study is a folder of hundreds. Every member is DICOM, and nothing else is in the file.

Of each member only its beginning is unpacked. The table of contents is measured before it is read: it could hold
millions of entries.
"""

import stat
import zipfile
import zlib
from typing import IO

from django.utils.translation import gettext_lazy as _

from apps.media import exceptions

from . import dicom

MARK = b"PK\x03\x04"
MAX_MEMBERS = 5000
#: What all members unpack to, by their own account: at most so many bytes, and so many times the file's size.
MAX_UNPACKED = 8 * 1024 * 1024 * 1024
MAX_RATIO = 100

#: At the end, 22 bytes: the mark, two numbers of disks, two of entries, the table's size and place, a comment's length.
_END = b"PK\x05\x06"
_END_BYTES = 22
_MAX_ENTRY_BYTES = 512
#: Where it stands before the end, the numbers there do not count, but larger ones elsewhere.
_LARGER = b"PK\x06\x07"
_LARGER_BYTES = 20
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1

#: What zipfile and zlib raise on bytes made to break them.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, KeyError,
    OverflowError,
)  # fmt: skip
_OTHERS_IN_IT = _("The ZIP holds something else than DICOM files. Please send the images alone, or file by file.")
_LOCKED = _("The ZIP is protected with a password. Please remove the password and send it again.")


def check(file: IO[bytes]) -> None:
    """Raises TypeNotAccepted, EncryptedFile, ActiveContent, UnreadableFile."""
    size = file.seek(0, 2)
    if not _is_measured(file, size):
        raise exceptions.UnreadableFile()
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive, size)
    except _UNREADABLE as error:
        raise exceptions.UnreadableFile() from error


def _is_measured(file: IO[bytes], size: int) -> bool:
    """The table of contents is not too long, ends where the file's end begins, and nothing stands behind that."""
    file.seek(max(0, size - _END_BYTES - _LARGER_BYTES))
    tail = file.read()
    end = tail[-_END_BYTES:]
    if not end.startswith(_END) or end[20:22] != b"\0\0" or tail.startswith(_LARGER):
        return False
    count, length, at = (int.from_bytes(end[a:b], "little") for a, b in ((10, 12), (12, 16), (16, 20)))
    return 0 < count <= MAX_MEMBERS and length <= count * _MAX_ENTRY_BYTES and at + length == size - _END_BYTES


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    members = [member for member in archive.infolist() if not member.is_dir()]
    unpacked = sum(member.file_size for member in archive.infolist())
    if not members or unpacked > min(MAX_UNPACKED, size * MAX_RATIO):
        raise exceptions.UnreadableFile()
    for member in members:
        _check_member(archive, member)


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise exceptions.EncryptedFile(_LOCKED)
    parts = member.filename.split("/")
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if member.compress_type not in _METHODS or is_link or "" in parts or ".." in parts or "\\" in member.filename:
        raise exceptions.UnreadableFile()
    with archive.open(member) as opened:
        head = opened.read(dicom.HEAD)
    if not dicom.is_marked(head):
        raise exceptions.TypeNotAccepted(_OTHERS_IN_IT)
    dicom.check_head(head, size=member.file_size)

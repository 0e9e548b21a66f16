"""PDFs: kept as they are, so searched for whatever a reader could be made to run.

This finds what ordinary tools put into a PDF, in plain objects and in packed ones, spelled with `#` escapes too. It is
no proof of harmlessness: what is stored is private, and only ever downloaded, never shown from our own address.
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import IO, Any

from apps.media import exceptions

#: Names whose presence makes a PDF active: scripts, commands, files within it, forms that send or load.
ACTIVE = (
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "SubmitForm", "ImportData", "GoToE", "XFA",
    "Movie", "Rendition",
)  # fmt: skip
#: Unpacked bytes that are searched; a file that unpacks to more was made to exhaust whoever reads it.
MAX_UNPACKED = 128 * 1024 * 1024
#: What a stream counts for at least, so that there are 65,000 of them at most: a file of nothing but beginnings of
#: streams would keep its reader busy for minutes.
EACH_STREAM = 2 * 1024
#: Beyond the last %%EOF a line's end and some padding are usual; another file is not.
MAX_APPENDED = 32

#: Unpacked at a time; what breaks off costs no more than this.
_PIECE = 8 * 1024
_OVERLAP = 256


def _name(text: str) -> bytes:
    """A pattern for a PDF name, each of its letters plain or as `#` and two hexadecimal digits."""
    letters = (f"(?:{letter}|#(?i:{ord(letter):02x}))" for letter in text)
    return ("/" + "".join(letters)).encode()


def _names(*texts: str) -> re.Pattern[bytes]:
    return re.compile(b"(?:" + b"|".join(_name(text) for text in texts) + rb")(?=[\x00\t\n\x0c\r /<>\[\](){}%]|$)")


_ACTIVE = _names(*ACTIVE)
_ENCRYPTED = _names("Encrypt")
_PACKED_OBJECTS = _names("ObjStm")
_FILTER = _names("Filter", "DecodeParms", "F", "FFilter")
_FIRST = _names("First")
_IMAGE = _names("Image")
_PLAIN_FILTER = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])(?=[\s/>])")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")


def check(file: IO[bytes]) -> None:
    """Raises ActiveContent, EncryptedFile, UnreadableFile."""
    data = _bytes_of(file)
    if _appended(data) > MAX_APPENDED:
        raise exceptions.UnreadableFile()
    if _ENCRYPTED.search(data):
        raise exceptions.EncryptedFile()
    if _ACTIVE.search(data):
        raise exceptions.ActiveContent()
    left = MAX_UNPACKED
    for stream_at, description in _streams(data):
        left -= EACH_STREAM + _check_stream(data, stream_at, description, left)
        if left < 0:
            raise exceptions.UnreadableFile()


def _bytes_of(file: IO[bytes]) -> Any:
    """The whole file, without a copy where it lies on disk."""
    file.seek(0)
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (AttributeError, OSError):
        return file.read()


def _appended(data: Any) -> int:
    """How many bytes other than blanks stand after the last end mark; all of them when there is none."""
    at = data.rfind(b"%%EOF")
    return len(data[at + 5 :].strip(b"\x00\t\n\x0c\r \x1a")) if at >= 0 else len(data)


def _streams(data: Any) -> Iterator[tuple[int, bytes]]:
    """Where each stream begins, and the description of it that stands before."""
    for found in _STREAM.finditer(data):
        before = data[max(0, found.start() - 4096) : found.start()]
        yield found.end(), before[before.rfind(b"obj") + 3 :] if b"obj" in before else before


def _check_stream(data: Any, at: int, description: bytes, left: int) -> int:
    """Search what is packed there, unless it is an image's pixels; how many bytes that was."""
    holds_objects = _PACKED_OBJECTS.search(description) or _FIRST.search(description)
    if holds_objects and _FILTER.search(description) and not _is_plainly_packed(description):
        raise exceptions.ActiveContent()  # objects packed in a way that nobody needs, and that hides them
    if _IMAGE.search(description) and not holds_objects:
        return 0
    unpacked = 0
    tail = b""
    for piece in _unpacked(data, at):
        unpacked += len(piece)
        if unpacked > left:
            raise exceptions.UnreadableFile()
        text = tail + piece
        if _ACTIVE.search(text):
            raise exceptions.ActiveContent()
        tail = text[-_OVERLAP:]
    return unpacked


def _is_plainly_packed(description: bytes) -> bool:
    rest, plain = _PLAIN_FILTER.subn(b" ", description)
    return plain == 1 and not _FILTER.search(rest)


def _unpacked(data: Any, at: int) -> Iterator[bytes]:
    """What deflate makes of the bytes from there on, in pieces; nothing when they are no deflated bytes."""
    machine = zlib.decompressobj()
    try:
        while not machine.eof:
            packed = machine.unconsumed_tail or data[at : at + _PIECE]
            if not machine.unconsumed_tail:
                at += len(packed)
            if not packed:
                return
            yield machine.decompress(packed, _PIECE)
    except zlib.error:
        return

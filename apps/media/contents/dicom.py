"""DICOM files (part 10): 128 bytes of preamble, the mark, the file's own description, the data set.

The description is in explicit little endian whatever the data set is in, and names the syntax of that. Nothing of the
data set is read but the frame of its first element: it holds the patient's name.
"""

from dataclasses import dataclass
from typing import IO

import filetype

from apps.media import exceptions

MARK_AT = 128
MARK = b"DICM"
#: So much of the file is looked at: a description has some hundred bytes, and 64 KB where a maker adds to it.
HEAD = 128 * 1024

#: A preamble may make the same file a TIFF, for viewers of slides. Nothing else has business there.
_PREAMBLES = {None, "image/tiff"}
_PROGRAMS = (
    b"#!", b"<", b"@", b"%", b"MZ", b"PK", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
)  # fmt: skip

_META_GROUP = 0x0002
_TRANSFER_SYNTAX = 0x0010
_IMPLICIT = "1.2.840.10008.1.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_UNDEFINED = 0xFFFFFFFF
_SHORT = {
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS",
    b"ST", b"TM", b"UI", b"UL", b"US",
}  # fmt: skip
#: Of these types the length has four bytes, after two that mean nothing.
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}


@dataclass(frozen=True)
class _Element:
    group: int
    number: int
    value_at: int
    length: int


def is_marked(head: bytes) -> bool:
    return head[MARK_AT : MARK_AT + len(MARK)] == MARK


def check(file: IO[bytes]) -> None:
    """Raises ActiveContent for a preamble that makes the file a program too, UnreadableFile for one that is no DICOM
    behind the mark."""
    file.seek(0)
    head = file.read(HEAD)
    check_head(head, size=file.seek(0, 2))


def check_head(head: bytes, *, size: int) -> None:
    """As `check`, of a file of that size which begins so."""
    preamble = head[:MARK_AT]
    if filetype.guess_mime(preamble.ljust(512, b"\0")) not in _PREAMBLES or preamble.lstrip().startswith(_PROGRAMS):
        raise exceptions.ActiveContent(exceptions.DISGUISED)
    syntax, begins_at = _described(head)
    if not is_marked(head) or not syntax.startswith(("1.", "2.")) or not _begins(head, begins_at, syntax, size):
        raise exceptions.UnreadableFile()


def _described(head: bytes) -> tuple[str, int]:
    """The syntax of the data set, and where that begins."""
    at, syntax = MARK_AT + len(MARK), ""
    while (element := _explicit(head, at, "little")) and element.group == _META_GROUP:
        at = element.value_at + element.length
        if element.number == _TRANSFER_SYNTAX:
            syntax = head[element.value_at : at].rstrip(b"\0 ").decode("ascii", "replace")
    return syntax, at


def _begins(head: bytes, at: int, syntax: str, size: int) -> bool:
    """Whether a first element stands there, and fits into the file."""
    if syntax == _DEFLATED:
        return at < size
    if syntax == _IMPLICIT:
        element = _implicit(head, at)
    else:
        element = _explicit(head, at, "big" if syntax == _BIG_ENDIAN else "little")
    if element is None or element.group <= _META_GROUP:
        return False
    return element.length == _UNDEFINED or element.value_at + element.length <= size


def _implicit(head: bytes, at: int) -> _Element | None:
    if len(head) < at + 8:
        return None
    group, number = _number(head, at, 2), _number(head, at + 2, 2)
    return _Element(group, number, at + 8, _number(head, at + 4, 4))


def _explicit(head: bytes, at: int, order: str) -> _Element | None:
    kind = head[at + 4 : at + 6]
    is_long = kind in _LONG
    if (not is_long and kind not in _SHORT) or len(head) < at + (12 if is_long else 8):
        return None
    group, number = _number(head, at, 2, order), _number(head, at + 2, 2, order)
    if is_long:
        return _Element(group, number, at + 12, _number(head, at + 8, 4, order))
    return _Element(group, number, at + 8, _number(head, at + 6, 2, order))


def _number(head: bytes, at: int, width: int, order: str = "little") -> int:
    return int.from_bytes(head[at : at + width], "big" if order == "big" else "little")

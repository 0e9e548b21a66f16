"""DICOM files (part 10): 128 bytes of preamble, the mark, then the file's own description."""

from typing import IO

import filetype

from apps.media import exceptions

MARK_AT = 128
MARK = b"DICM"
#: The first element, (0002,0000) of type UL with four bytes: how long the description is.
_FIRST_ELEMENT = b"\x02\x00\x00\x00UL\x04\x00"
#: A preamble may make the same file a TIFF, for viewers of slides. Nothing else has business there.
_PREAMBLES = {None, "image/tiff"}
_PROGRAMS = (
    b"#!", b"<", b"@", b"%", b"MZ", b"PK", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
)  # fmt: skip


def is_marked(head: bytes) -> bool:
    return head[MARK_AT : MARK_AT + len(MARK)] == MARK


def check(file: IO[bytes]) -> None:
    """Raises ActiveContent for a preamble that makes the file a program too, UnreadableFile for one that is no DICOM
    behind the mark."""
    file.seek(0)
    head = file.read(1024)
    preamble = head[:MARK_AT]
    if filetype.guess_mime(preamble.ljust(512, b"\0")) not in _PREAMBLES or preamble.lstrip().startswith(_PROGRAMS):
        raise exceptions.ActiveContent(exceptions.DISGUISED)
    after = head[MARK_AT + len(MARK) :]
    declared = int.from_bytes(after[8:12], "little")
    file.seek(0, 2)
    if not after.startswith(_FIRST_ELEMENT) or file.tell() <= MARK_AT + len(MARK) + 12 + declared:
        raise exceptions.UnreadableFile()

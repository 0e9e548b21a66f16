"""The lines of a calendar file (RFC 5545, section 3.1): escaped, folded, ended by CRLF."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

#: Octets of a line, its end not counted; what is longer goes on in the next line after a space.
LONGEST = 75
#: Control characters that are no spaces either, and halves of characters beyond the first 65,536.
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,"})


def text(value: str) -> str:
    """A text as a property's value, on one line: what would break it becomes a space, what is no character nothing."""
    return _one_line(value).translate(_ESCAPED)


def rows(values: Iterable[str]) -> str:
    """Several lines of text as one property's value."""
    return "\\n".join(text(value) for value in values)


def parameter(value: str) -> str:
    """A text as a parameter's value: quoted, as no escaping is known there, and without quotes of its own."""
    return '"' + _one_line(value).replace('"', "'") + '"'


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def wall(at: datetime) -> str:
    """The instant as its own zone's clock shows it."""
    return f"{at:%Y%m%dT%H%M%S}"


def file(lines: Iterable[str]) -> str:
    """The whole file, of its logical lines."""
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def fold(line: str) -> Iterator[str]:
    """The line in pieces of at most LONGEST octets, each but the first with its leading space. No character is cut,
    of however many octets it is."""
    octets = line.encode()
    while len(octets) > LONGEST:
        cut = LONGEST
        while octets[cut] & 0b1100_0000 == 0b1000_0000:  # within a character
            cut -= 1
        yield octets[:cut].decode()
        octets = b" " + octets[cut:]
    yield octets.decode()


def _one_line(value: str) -> str:
    return " ".join(_NOT_TEXT.sub("", value).split())

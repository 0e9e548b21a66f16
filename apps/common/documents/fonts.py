"""Which characters the documents' fonts can show, read from the fonts themselves.

The compiler prints an empty box for any other, and warns nobody: so a text is held against this before.
"""

import functools
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from .exceptions import CharactersNotSupported

FOLDER: Path = settings.BASE_DIR / "data" / "fonts"
#: Invisible, and part of right spelling: joiners of Devanagari and Arabic, marks of direction, breaks of lines.
INVISIBLE = frozenset("\n\u200c\u200d\u200e\u200f\u00ad\u200b")
_NAMED = 5


def unsupported(text: str) -> list[str]:
    """The characters of `text` that would not print as they read, each once, in the order of the text.

    Beside those that no font has, these are control characters and overrides of direction, with which a dose would
    print otherwise than it was typed.
    """
    known = _characters()
    composed = unicodedata.normalize("NFC", text)
    return [character for character in dict.fromkeys(composed) if character not in known]


def require_supported(texts: Mapping[str, Any]) -> None:
    """Every text in `texts` can be printed; names lead through nested rows: `medications.0.name`.

    Raises CharactersNotSupported, which names the field and the characters."""
    errors = {}
    for name, text in _texts(texts, ""):
        if wrong := unsupported(text):
            shown = ", ".join(_described(character) for character in wrong[:_NAMED])
            errors[name] = [_("These characters cannot be printed: %(characters)s.") % {"characters": shown}]
    if errors:
        raise CharactersNotSupported(errors=errors)


def _described(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
        return
    rows = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, inner in rows:
        yield from _texts(inner, f"{name}.{key}" if name else str(key))


@functools.cache
def _characters() -> frozenset[str]:
    """What every weight can show: a heading in bold prints whatever a line of text does."""
    weights = [
        frozenset().union(*(characters_of(path.read_bytes()) for path in sorted(FOLDER.glob(f"*-{weight}.ttf"))))
        for weight in ("Regular", "Bold")
    ]
    return frozenset.intersection(*weights) | INVISIBLE


def characters_of(font: bytes) -> frozenset[str]:
    """The characters that a TrueType font maps to a glyph of its own: the format 12 table of Unicode, or format 4."""
    tables = {}
    for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):
        tag, _sum, offset, _length = struct.unpack_from(">4sIII", font, at)
        tables[tag] = offset
    cmap = tables[b"cmap"]
    found: set[str] = set()
    for number in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        platform, _encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * number)
        form = struct.unpack_from(">H", font, cmap + offset)[0]
        if platform in {0, 3} and form in _READERS:
            found.update(chr(code) for code in _READERS[form](font, cmap + offset))
    return frozenset(character for character in found if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})


def _segments(font: bytes, at: int) -> Iterator[int]:
    """Format 4: lists of where each run of codes ends and begins, what is added to it, where its glyphs are listed."""
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, at + place) for place in _segment_places(count)
    )
    listed_at = at + _segment_places(count)[3]
    for index in range(count):
        for code in range(starts[index], min(ends[index], 0xFFFE) + 1):
            if offsets[index]:
                place = listed_at + 2 * index + offsets[index] + 2 * (code - starts[index])
                glyph = struct.unpack_from(">H", font, place)[0]
            else:
                glyph = (code + deltas[index]) % 0x10000
            if glyph:
                yield code


def _segment_places(count: int) -> tuple[int, int, int, int]:
    return 14, 16 + 2 * count, 16 + 4 * count, 16 + 6 * count


def _groups(font: bytes, at: int) -> Iterator[int]:
    """Format 12: runs of codes, each with the glyph of its first."""
    for number in range(struct.unpack_from(">I", font, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * number)
        yield from range(first if glyph else first + 1, last + 1)


_READERS = {4: _segments, 12: _groups}

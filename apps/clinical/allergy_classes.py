"""Medicines by the names that people use, and the classes whose members they react to alike: data/allergy_classes.json.

A text is compared in a folded form, in which spellings of one name in English, Spanish and French fall together:
“Amoxycillin”, “amoxicilina” and “amoxicilline” are one word. Arabic and Devanagari lose what is written or left out at
will.
"""

import functools
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

FILE: Path = settings.BASE_DIR / "data" / "allergy_classes.json"

_LATIN, _ARABIC, _DEVANAGARI = "latin", "arabic", "devanagari"
_RANGES = (("\u0000", "\u024f", _LATIN), ("\u0600", "\u06ff", _ARABIC), ("\u0900", "\u097f", _DEVANAGARI))
_ARABIC_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ـ": None}
)
_DEVANAGARI_MARKS = str.maketrans({"\u093c": None, "ँ": "ं", "ी": "ि", "ू": "ु", "\u200c": None, "\u200d": None})
_SHORTEST_STEM = 5


@dataclass(frozen=True)
class Classes:
    """What the file says, each name as its folded words."""

    none: frozenset[tuple[str, ...]]
    ingredients: dict[tuple[str, ...], frozenset[str]]
    classes: dict[tuple[str, ...], frozenset[str]]
    #: Ingredient to the classes it is in, without those that are too broad to relate two ingredients.
    classes_of: dict[str, frozenset[str]]
    members: dict[str, frozenset[str]]
    cross_reactions: frozenset[frozenset[str]]


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text: without case, accents, punctuation and most endings."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ARABIC_LETTERS)
    plain = unicodedata.normalize("NFD", plain).translate(_DEVANAGARI_MARKS)
    kept = (character if not _is_dropped_mark(character) else "" for character in plain)
    split = "".join(
        character if unicodedata.category(character)[0] in "LMN" else " " for character in "".join(kept)
    ).split()
    return tuple(_stem(word) for word in split)


def _is_dropped_mark(character: str) -> bool:
    """Accents of Latin and vowel signs of Arabic; in Devanagari a vowel is a mark, and stays."""
    return unicodedata.category(character) == "Mn" and not "\u0900" <= character <= "\u097f"


def _stem(word: str) -> str:
    if script_of(word) == _ARABIC:
        return word.removeprefix("ال") if len(word) > _SHORTEST_STEM else word
    if script_of(word) != _LATIN:
        return word
    word = word.replace("ph", "f").replace("th", "t").replace("y", "i")
    word = re.sub(r"(.)\1+", r"\1", word) if not word[:1].isdigit() else word
    if len(word) > _SHORTEST_STEM:
        word = word.removesuffix("s")
        word = word.rstrip("aeo") if len(word.rstrip("aeo")) >= _SHORTEST_STEM else word
    return word


def script_of(text: str) -> str:
    """The script of a text's first letter: latin, arabic, devanagari, or "" for any other, and for none."""
    letter = next((character for character in text if character.isalpha()), "")
    return next((name for first, last, name in _RANGES if letter and first <= letter <= last), "")


@functools.cache
def classes() -> Classes:
    """Read once a process. Raises OSError or ValueError where the file is missing or not sound."""
    return parse(json.loads(FILE.read_text(encoding="utf-8")))


def parse(data: dict[str, Any]) -> Classes:
    narrow = [entry for entry in data["classes"] if not entry.get("is_broad")]
    ingredients = [entry["code"] for entry in data["ingredients"]]
    return Classes(
        none=frozenset(words(text) for text in data["none"]),
        ingredients=_named(data["ingredients"]),
        classes=_named(data["classes"]),
        classes_of={
            code: frozenset(entry["code"] for entry in narrow if code in entry["ingredients"]) for code in ingredients
        },
        members={entry["code"]: frozenset(entry["ingredients"]) for entry in data["classes"]},
        cross_reactions=frozenset(frozenset(pair) for pair in data["cross_reactions"]),
    )


def _named(entries: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for entry in entries:
        for name in (entry["code"], *entry["names"]):
            found[words(name)] = found.get(words(name), frozenset()) | {entry["code"]}
    return found

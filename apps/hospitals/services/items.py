"""Lists of items in five languages, such as what a price includes: kept as texts of a line an item."""

from collections.abc import Collection, Mapping
from typing import Any

from apps.common.texts import Texts
from apps.hospitals import rules
from apps.hospitals.selectors import lines_of


def tidy(changes: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """`changes` with the texts of `names` as clean lines. Raises Invalid for too many or too long ones."""
    items = {
        name: {language: lines_of(text) for language, text in (changes[name] or {}).items()}
        for name in names
        if name in changes
    }
    refusal = rules.why_wrong_items(items)
    if refusal:
        raise refusal
    texts: dict[str, Texts] = {
        name: {language: "\n".join(lines) for language, lines in by_language.items()}
        for name, by_language in items.items()
    }
    return {**changes, **texts}

"""Common laboratory tests by their LOINC code: names in five languages, units, and adult ranges to begin with.

Read from data/lab_tests.json. A laboratory reports by its own ranges: these only fill the form that it writes in.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings

FILE: Path = settings.BASE_DIR / "data" / "lab_tests.json"

Limits = tuple[Decimal | None, Decimal | None]
NO_LIMITS: Limits = (None, None)
_ANY = "any"


@dataclass(frozen=True)
class KnownTest:
    """One measured value, or a panel of several (`parts`). `ranges` are by sex (`female`, `male`), or for `any`."""

    code: str
    names: Mapping[str, str]
    unit: str
    ranges: Mapping[str, Limits]
    critical: Limits
    parts: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def range_for(self, sex: str) -> Limits:
        """The adult range; none where it differs by sex and the sex is another, or is not known."""
        return self.ranges.get(sex) or self.ranges.get(_ANY) or NO_LIMITS


def _limits(given: list[str | None] | None) -> Limits:
    if given is None:
        return NO_LIMITS
    low, high = (None if text is None else Decimal(text) for text in given)
    return low, high


@functools.cache
def known_tests() -> Mapping[str, KnownTest]:
    """By code, in the order of the file."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["tests"]
    return {
        row["code"]: KnownTest(
            code=row["code"],
            names=row["name"],
            unit=row.get("unit", ""),
            ranges={sex: _limits(limits) for sex, limits in row.get("range", {}).items()},
            critical=_limits(row.get("critical")),
            parts=tuple(row.get("parts", ())),
        )
        for row in rows
    }


def measured_in(code: str) -> list[KnownTest]:
    """What a test of this code measures: the parts of a panel, itself, or nothing where the code is not known."""
    known = known_tests()
    if code not in known:
        return []
    return [known[part] for part in known[code].parts] or [known[code]]

"""The files under `data/`, read once."""

import functools
import json
from pathlib import Path
from typing import Any

from django.conf import settings

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)

#: A text in every language, by language code.
Text = dict[str, str]


@functools.cache
def _read(name: str) -> Any:
    return json.loads((Path(settings.BASE_DIR) / "data" / name).read_text(encoding="utf-8"))


def specialties() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("specialties.json")
    return found


def hospitals() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("demo/hospitals.json")
    return found


def verification_queue() -> dict[str, Any]:
    """What waits for an admin: a hospital, and accreditations."""
    found: dict[str, Any] = _read("demo/verification_queue.json")
    return found


def gallery() -> list[dict[str, Any]]:
    """The scenes of a hospital's gallery, each with its caption."""
    found: list[dict[str, Any]] = _read("demo/gallery.json")
    return found


def countries() -> dict[str, dict[str, Any]]:
    """Names, phone patterns, cities and languages of people, by country code."""
    found: dict[str, dict[str, Any]] = _read("demo/people.json")
    return found


def doctors() -> dict[str, Any]:
    found: dict[str, Any] = _read("demo/doctors.json")
    return found


def appointments() -> dict[str, Any]:
    found: dict[str, Any] = _read("demo/appointments.json")
    return found


def treatments() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("demo/treatments.json")
    return found


def offers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("demo/offers.json")
    return found


def packages() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("demo/packages.json")
    return found


def reviews() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("demo/reviews.json")
    return found


def health() -> dict[str, Any]:
    """Allergies, conditions and medicines, and the words that go with them."""
    found: dict[str, Any] = _read("demo/health.json")
    return found


def records() -> dict[str, Any]:
    """Records of patients, laboratories, and what patients write when they ask a hospital."""
    found: dict[str, Any] = _read("demo/records.json")
    return found


def text_of(row: Any, field: str, language: str = "en") -> str:
    """A translated field of a row, in one language alone."""
    return str(getattr(row, f"{field}_{language}"))

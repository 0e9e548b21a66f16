"""Invents people: names of one community, a phone that is valid there, a city with its zone, an unused address."""

import random
import re
import string
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from . import sources

#: Nothing under example.com reaches anyone (RFC 2606).
DOMAIN = "demo.example.com"
#: How many of those who could use the interface in English do, though their country's language is offered.
SHARE_PREFERRING_ENGLISH = 0.25
_NOT_DECOMPOSED = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "œ": "oe", "æ": "ae", "Ø": "O", "Ł": "L"})


def dice(room: str) -> random.Random:
    """A room's own source of chance, so that a room loads the same whether or not those before it ran just now."""
    return random.Random(f"medivoy {room}")  # noqa: S311  repeatable on purpose


@dataclass(frozen=True)
class Person:
    """Someone who does not exist. `native` holds the name as written in another script, by language."""

    first_name: str
    last_name: str
    gender: str
    country: str
    city: str
    time_zone: str
    language: str
    languages: tuple[str, ...]
    email: str
    phone: str
    native: dict[str, str] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def name_in(self, language: str) -> str:
        return self.native.get(language, self.full_name)


class Cast:
    """Casts people with addresses under `domain`, and never the same name, address or number twice."""

    def __init__(self, chance: random.Random, domain: str) -> None:
        self._chance = chance
        self._domain = domain
        self._names: set[str] = set()
        self._emails: set[str] = set()
        self._phones: set[str] = set()

    def person(self, country: str) -> Person:
        source = sources.countries()[country]
        gender, first_name, last_name = self._name(source)
        city = self._chance.choice(source["cities"])
        return Person(
            first_name=first_name,
            last_name=last_name,
            gender=gender,
            country=country,
            city=city["name"],
            time_zone=city["time_zone"],
            language=self._language(source),
            languages=tuple(source["languages"]),
            email=self._email(first_name, last_name),
            phone=self._phone(source["phone_patterns"]),
            native=_native(source, first_name, last_name),
        )

    def _name(self, source: dict[str, Any]) -> tuple[str, str, str]:
        pools = source["pools"]
        while True:
            pool = self._chance.choices(pools, weights=[len(pool["family"]) for pool in pools])[0]
            gender = self._chance.choice(["male", "female"])
            first_name = self._chance.choice(pool[gender])
            families = pool.get("family_female", pool["family"]) if gender == "female" else pool["family"]
            last_name = " ".join(self._chance.sample(families, source["surnames"]))
            if f"{first_name} {last_name}" not in self._names:
                self._names.add(f"{first_name} {last_name}")
                return gender, first_name, last_name

    def _language(self, source: dict[str, Any]) -> str:
        english_too = source["locale"] != "en" and "en" in source["languages"]
        prefers_english = english_too and self._chance.random() < SHARE_PREFERRING_ENGLISH
        return "en" if prefers_english else str(source["locale"])

    def _email(self, first_name: str, last_name: str) -> str:
        base = f"{_in_ascii(first_name)}.{_in_ascii(last_name)}"
        address, number = f"{base}@{self._domain}", 1
        while address in self._emails:
            number += 1
            address = f"{base}.{number}@{self._domain}"
        self._emails.add(address)
        return address

    def _phone(self, patterns: list[str]) -> str:
        while True:
            pattern = self._chance.choice(patterns)
            number = filled(pattern, self._chance)
            if number not in self._phones:
                self._phones.add(number)
                return number


def filled(pattern: str, chance: random.Random) -> str:
    """A pattern with a digit for each `#`."""
    return "".join(chance.choice(string.digits) if place == "#" else place for place in pattern)


def _native(source: dict[str, Any], first_name: str, last_name: str) -> dict[str, str]:
    script = source.get("native_script")
    if script is None:
        return {}
    return {script["language"]: f"{script['forms'][first_name]} {script['forms'][last_name]}"}


def without_accents(text: str) -> str:
    """A Latin text in the letters of ASCII, as passports have it: “Özlem Işık” is “Ozlem Isik”."""
    return unicodedata.normalize("NFKD", text.translate(_NOT_DECOMPOSED)).encode("ascii", "ignore").decode()


def _in_ascii(name: str) -> str:
    """A name as the part of an address: “Özlem Çelik” is “ozlem.celik”."""
    return re.sub(r"[^a-z0-9]+", ".", without_accents(name.lower())).strip(".")

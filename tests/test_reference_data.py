"""The committed reference and demo data: five languages, real places, nobody real. Needs no database."""

from __future__ import annotations

import itertools
import json
import random
import re
import string
import zoneinfo
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from babel import Locale, numbers

DATA = Path(__file__).resolve().parent.parent / "data"
LANGUAGES = {"en", "ar", "hi", "es", "fr"}
SCRIPT_OF = {
    "en": re.compile(r"[A-Za-z]"),
    "ar": re.compile(r"[\u0620-\u064a]"),
    "hi": re.compile(r"[\u0904-\u0939]"),
    "es": re.compile(r"[A-Za-zÁÉÍÓÚÑáéíóúñ]"),
    "fr": re.compile(r"[A-Za-zÀ-ÿ]"),
}
ARABIC_OR_DEVANAGARI = re.compile(r"[\u0600-\u06ff\u0900-\u097f]")
WORDS_LEFT_IN_LATIN = {"PSA", "Medivoy"}
PLACEHOLDERS = {"name", "years", "hospital"}
EXAMPLE_HOST = re.compile(r"[a-z0-9.-]+\.example\.(com|org)")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FILES_WITH_TEXTS = [
    "specialties",
    "procedures",
    "treatment_categories",
    "consent_texts",
    "insurers",
    "hospitals",
    "doctors",
    "appointments",
    "treatments",
    "verification_queue",
    "gallery",
]
#: What no regulator lets a hospital say, in any of the languages.
BOASTS = re.compile(
    r"guarantee|\bbest\b|painless|risk-free|miracle|\bcure[sd]?\b|"
    r"garanti|el mejor|la mejor|sin dolor|sin riesgo|milagro|"
    r"le meilleur|la meilleure|sans douleur|sans risque|miracle|"
    r"مضمون|الأفضل|بلا ألم|بدون ألم|معجزة|"
    r"गारंटी|सर्वश्रेष्ठ|सर्वोत्तम|दर्द रहित|चमत्कार",
    re.IGNORECASE,
)

# South-west and north-east corners (latitude, longitude), generous: they catch swapped signs and swapped axes.
BOUNDING_BOXES = {
    "AE": ((22.6, 51.5), (26.1, 56.4)),
    "EG": ((22.0, 24.7), (31.7, 36.9)),
    "ES": ((27.6, -18.2), (43.8, 4.4)),
    "IN": ((6.7, 68.1), (35.6, 97.4)),
    "JO": ((29.1, 34.9), (33.4, 39.3)),
    "KR": ((33.1, 125.0), (38.6, 129.6)),
    "MX": ((14.5, -118.4), (32.8, -86.7)),
    "MY": ((0.8, 99.6), (7.4, 119.3)),
    "TH": ((5.6, 97.3), (20.5, 105.7)),
    "TR": ((35.8, 25.6), (42.2, 44.9)),
}


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


SPECIALTIES = load("specialties.json")
PROCEDURES = load("procedures.json")
CATEGORIES = load("treatment_categories.json")
HOSPITALS = load("demo/hospitals.json")
COUNTRIES = load("demo/people.json")
DOCTORS = load("demo/doctors.json")
APPOINTMENTS = load("demo/appointments.json")
TREATMENTS = load("demo/treatments.json")
CONSENT_TEXTS = load("consent_texts.json")
INSURERS = load("insurers.json")
QUEUE = load("demo/verification_queue.json")
GALLERY = load("demo/gallery.json")
EVERY_FILE = {
    "specialties": SPECIALTIES,
    "procedures": PROCEDURES,
    "treatment_categories": CATEGORIES,
    "consent_texts": CONSENT_TEXTS,
    "insurers": INSURERS,
    "hospitals": HOSPITALS,
    "people": COUNTRIES,
    "doctors": DOCTORS,
    "appointments": APPOINTMENTS,
    "treatments": TREATMENTS,
    "verification_queue": QUEUE,
    "gallery": GALLERY,
}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a JSON document with its path, containers included."""
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from walk(child, f"{path}/{key}")


def translated_texts(name: str) -> list[tuple[str, dict[str, str]]]:
    """Every object in a file that is a text in several languages (English or Arabic is among its keys), by path."""
    return [
        (path, value)
        for path, value in walk(EVERY_FILE[name])
        if isinstance(value, dict) and {"en", "ar"} & set(value) and all(isinstance(v, str) for v in value.values())
    ]


def without_placeholders(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


def figures_of(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def problems_of(text: dict[str, str]) -> list[str]:
    """What is wrong with a text that ought to stand in all five languages."""
    found = [f"languages are {sorted(text)}"] if set(text) != LANGUAGES else []
    for language, words in text.items():
        plain = without_placeholders(words)
        if not words.strip() or words != words.strip() or "  " in words:
            found.append(f"{language}: empty, or spaces that nobody meant")
        if not SCRIPT_OF[language].search(plain):
            found.append(f"{language}: not in its script")
        foreign = re.findall(r"[A-Za-z]+", plain) if language in {"ar", "hi"} else ARABIC_OR_DEVANAGARI.findall(plain)
        if set(foreign) - WORDS_LEFT_IN_LATIN:
            found.append(f"{language}: foreign letters {foreign}")
    return found


@pytest.mark.parametrize("name", FILES_WITH_TEXTS)
def test_every_text_stands_in_five_languages_each_in_its_own_script(name: str) -> None:
    texts = translated_texts(name)
    assert texts
    assert [(path, problems_of(text)) for path, text in texts if problems_of(text)] == []


def test_the_check_of_texts_finds_a_missing_language_and_a_wrong_script() -> None:
    good = SPECIALTIES[0]["name"]
    assert problems_of(good) == []
    assert problems_of({k: v for k, v in good.items() if k != "hi"})
    assert problems_of({**good, "ar": good["en"]})
    assert problems_of({**good, "fr": good["ar"]})
    assert problems_of({**good, "es": " "})


@pytest.mark.parametrize("name", FILES_WITH_TEXTS)
def test_long_texts_are_not_copied_from_one_language_to_another(name: str) -> None:
    long_texts = [(path, text) for path, text in translated_texts(name) if len(text["en"]) > 40]
    assert [path for path, text in long_texts if len(set(text.values())) < len(LANGUAGES)] == []


@pytest.mark.parametrize("name", FILES_WITH_TEXTS)
def test_a_text_names_the_same_figures_in_every_language(name: str) -> None:
    texts = translated_texts(name)
    assert [path for path, text in texts if len({tuple(figures_of(words)) for words in text.values()}) > 1] == []


def test_every_text_of_a_template_takes_the_same_placeholders_in_each_language() -> None:
    bios = [bio for entry in DOCTORS["specialties"].values() for bio in entry["bios"]]
    assert bios
    for bio in bios:
        for language, text in bio.items():
            fields = {field for _, field, _, _ in string.Formatter().parse(text) if field}
            assert fields == PLACEHOLDERS, (language, text)


def test_years_of_experience_stay_where_the_arabic_plural_of_the_templates_is_right() -> None:
    years = DOCTORS["experience_years"]
    assert 11 <= years["lowest"] < years["highest"] <= 99


def test_there_are_about_sixty_specialties_with_unique_stable_codes() -> None:
    codes = [specialty["code"] for specialty in SPECIALTIES]
    assert 55 <= len(codes) <= 75
    assert codes == sorted(set(codes))
    assert all(SLUG.fullmatch(code) for code in codes)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_two_specialties_carry_the_same_name(language: str) -> None:
    names = [specialty["name"][language] for specialty in SPECIALTIES]
    assert len(set(names)) == len(names)


def test_the_hospitals_are_many_and_in_many_countries() -> None:
    codes = [hospital["code"] for hospital in HOSPITALS]
    assert len(codes) == len(set(codes)) >= 14
    assert all(SLUG.fullmatch(code) for code in codes)
    assert len({hospital["country"] for hospital in HOSPITALS}) >= 7
    for language in LANGUAGES:
        assert len({hospital["name"][language] for hospital in HOSPITALS}) == len(HOSPITALS)


def test_the_hospitals_cover_a_half_hour_zone_a_zone_with_daylight_saving_and_currencies_of_0_2_and_3_places() -> None:
    assert "Asia/Kolkata" in {hospital["time_zone"] for hospital in HOSPITALS}
    assert "Europe/Madrid" in {hospital["time_zone"] for hospital in HOSPITALS}
    assert {numbers.get_currency_precision(hospital["currency"]) for hospital in HOSPITALS} == {0, 2, 3}


@pytest.mark.parametrize("hospital", [*HOSPITALS, QUEUE["hospital"]], ids=lambda hospital: hospital["code"])
def test_a_hospital_stands_in_its_country(hospital: dict[str, Any]) -> None:
    (south, west), (north, east) = BOUNDING_BOXES[hospital["country"]]
    assert south < Decimal(hospital["latitude"]) < north
    assert west < Decimal(hospital["longitude"]) < east
    assert hospital["time_zone"] in zoneinfo.available_timezones()
    assert hospital["currency"] in numbers.get_territory_currencies(hospital["country"])
    number = phonenumbers.parse(hospital["phone"])
    assert phonenumbers.is_valid_number(number)
    assert phonenumbers.region_code_for_number(number) == hospital["country"]
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == hospital["phone"]


@pytest.mark.parametrize("hospital", [*HOSPITALS, QUEUE["hospital"]], ids=lambda hospital: hospital["code"])
def test_a_hospital_names_known_specialties_and_numbers_its_accreditations(hospital: dict[str, Any]) -> None:
    assert set(hospital["specialties"]) <= {specialty["code"] for specialty in SPECIALTIES}
    assert len(set(hospital["specialties"])) == len(hospital["specialties"]) > 0
    assert hospital["accreditations"]
    for accreditation in hospital["accreditations"]:
        assert set(accreditation) == {"body", "number", "expires_on_offset_days"}
        assert accreditation["body"]
        assert accreditation["number"]
        assert isinstance(accreditation["expires_on_offset_days"], int)
    assert 1900 < hospital["founded_year"] < 2026
    assert hospital["beds"] > 0


def test_no_accreditation_number_is_used_twice() -> None:
    issued = [(a["body"], a["number"]) for hospital in HOSPITALS for a in hospital["accreditations"]]
    issued += [(a["body"], a["number"]) for a in (*QUEUE["accreditations"], *QUEUE["hospital"]["accreditations"])]
    assert len(set(issued)) == len(issued)


@pytest.mark.parametrize("name", sorted(EVERY_FILE))
def test_addresses_of_mail_and_web_lead_to_example_domains_only(name: str) -> None:
    strings = [value for _, value in walk(EVERY_FILE[name]) if isinstance(value, str)]
    hosts = [text.rsplit("@", 1)[1] for text in strings if "@" in text]
    hosts += re.findall(r"https?://([^/\s]+)", "\n".join(strings))
    assert [host for host in hosts if not EXAMPLE_HOST.fullmatch(host)] == []
    assert bool(hosts) == (name in {"hospitals", "verification_queue"})


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_a_country_of_people_exists_with_its_cities_and_languages(code: str) -> None:
    country = COUNTRIES[code]
    english = Locale("en")
    assert code in english.territories
    assert set(country["roles"]) <= {"doctor", "patient"}
    assert country["roles"]
    assert country["locale"] in LANGUAGES
    assert set(country["languages"]) <= set(english.languages)
    zones = {city["time_zone"] for city in country["cities"]}
    assert zones <= zoneinfo.available_timezones()
    assert len({city["name"] for city in country["cities"]}) == len(country["cities"]) >= 3


@pytest.mark.parametrize(
    ("code", "pattern"),
    [(code, pattern) for code, country in COUNTRIES.items() for pattern in country["phone_patterns"]],
)
def test_any_number_made_from_a_phone_pattern_is_valid_in_its_country(code: str, pattern: str) -> None:
    dice = random.Random(pattern)
    for _ in range(200):
        text = "".join(dice.choice(string.digits) if place == "#" else place for place in pattern)
        number = phonenumbers.parse(text)
        assert phonenumbers.is_valid_number(number), text
        assert phonenumbers.region_code_for_number(number) == code, text


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_names_of_a_country_are_unique_and_written_in_latin_and_where_promised_in_their_own_script(code: str) -> None:
    country = COUNTRIES[code]
    assert country["surnames"] in {1, 2}
    every_name = set()
    for pool in country["pools"]:
        assert {"male", "female", "family"} <= set(pool) <= {"male", "female", "family", "family_female"}
        assert len(pool.get("family_female", pool["family"])) == len(pool["family"])
        for names in pool.values():
            assert len(set(names)) == len(names) >= 3
            every_name |= set(names)
    assert not [name for name in every_name if ARABIC_OR_DEVANAGARI.search(name)]
    native = country.get("native_script")
    if native:
        script = SCRIPT_OF[native["language"]]
        assert set(native["forms"]) == every_name
        assert all(script.search(form) for form in native["forms"].values())


def test_there_are_enough_names_for_three_hundred_patients_of_many_countries() -> None:
    patients_from = [country for country in COUNTRIES.values() if "patient" in country["roles"]]
    assert len(patients_from) >= 14
    for country in patients_from:
        full_names = sum((len(p["male"]) + len(p["female"])) * len(p["family"]) for p in country["pools"])
        assert full_names >= 100


def test_sixty_doctors_hold_posts_in_fifteen_or_more_specialties_that_their_hospitals_have() -> None:
    offered = {hospital["code"]: set(hospital["specialties"]) for hospital in HOSPITALS}
    country_of = {hospital["code"]: hospital["country"] for hospital in HOSPITALS}
    posts = DOCTORS["posts"]
    assert len(posts) == 60
    assert len({post["specialty"] for post in posts}) >= 15
    assert {post["hospital"] for post in posts} == set(offered)
    for post in posts:
        assert "doctor" in COUNTRIES[post["from"]]["roles"]
        assert post["specialty"] in DOCTORS["specialties"]
        for place in (post["hospital"], post.get("also_at", post["hospital"])):
            assert post["specialty"] in offered[place], post
            assert country_of[place] == country_of[post["hospital"]], post


def test_whoever_may_hold_a_post_has_qualifications_a_licence_and_hours_there() -> None:
    country_of = {hospital["code"]: hospital["country"] for hospital in HOSPITALS}
    for post in DOCTORS["posts"]:
        training = DOCTORS["specialties"][post["specialty"]]["training"]
        assert DOCTORS["qualifications"][post["from"]][training]
        assert "#" in DOCTORS["licence_patterns"][country_of[post["hospital"]]]
        patterns = DOCTORS["hours_by_country"][country_of[post["hospital"]]]
        assert patterns
        assert set(patterns) <= set(DOCTORS["weekly_hours"])


@pytest.mark.parametrize("pattern", sorted(DOCTORS["weekly_hours"]))
def test_weekly_hours_are_in_order_and_never_overlap_a_visit_to_the_second_hospital(pattern: str) -> None:
    spans = list(DOCTORS["weekly_hours"][pattern])
    if pattern != DOCTORS["second_hospital_hours"]:
        spans += DOCTORS["weekly_hours"][DOCTORS["second_hospital_hours"]]
    spans.sort(key=lambda span: (span["weekday"], span["from"]))
    for span in spans:
        assert 0 <= span["weekday"] <= 6
        assert re.fullmatch(r"[0-2]\d:[0-5]\d", span["from"])
        assert span["from"] < span["to"] <= "23:59"
    for earlier, later in itertools.pairwise(spans):
        assert earlier["weekday"] < later["weekday"] or earlier["to"] <= later["from"]


def test_fees_are_whole_steps_in_every_currency_of_the_hospitals() -> None:
    assert set(DOCTORS["fees"]) == {hospital["currency"] for hospital in HOSPITALS}
    for currency, fee in DOCTORS["fees"].items():
        lowest, highest, step = (Decimal(fee[key]) for key in ("lowest", "highest", "step"))
        assert 0 < step <= lowest < highest
        assert (highest - lowest) % step == 0
        assert -lowest.as_tuple().exponent <= numbers.get_currency_precision(currency)


def test_each_specialty_of_the_doctors_has_complaints_and_every_reason_has_its_speaker() -> None:
    assert set(APPOINTMENTS["complaints"]) == set(DOCTORS["specialties"])
    assert all(len(texts) >= 3 for texts in APPOINTMENTS["complaints"].values())
    assert set(APPOINTMENTS["cancellation_reasons"]) == {"patient", "hospital"}
    assert set(APPOINTMENTS["rejection_reasons"]) == {"doctor"}

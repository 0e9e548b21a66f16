"""What the demo's patients say of their health: in every language, by known words, and fitting their age and sex."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.clinical import allergy_classes, lab_reference, rules
from apps.clinical.models import Patient
from medivoy.demo import casting, health, laboratories, payments, sources
from tests import test_reference_data as reference

HEALTH, RECORDS = sources.health(), sources.records()


def texts_of(value: Any, path: str = "") -> Iterator[tuple[str, sources.Text]]:
    """Every text of a file, with where it stands."""
    if isinstance(value, dict) and "en" in value:
        yield path, value
    elif isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_of(part, f"{path}/{name}")


TEXTS = dict([*texts_of(HEALTH, "health"), *texts_of(RECORDS, "records")])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_there_in_five_languages_each_in_its_own_script(text: sources.Text) -> None:
    assert reference.problems_of(text) == []


def test_what_is_prescribed_is_known_to_the_comparison_with_allergies() -> None:
    known = allergy_classes.classes()
    for row in [*HEALTH["prescriptions"], *HEALTH["conditions"]]:
        for medicine in row["medications"]:
            assert known.ingredients.get(allergy_classes.words(medicine["name"])), medicine["name"]


def test_every_specialty_of_the_demos_doctors_has_something_to_prescribe() -> None:
    prescribed = {code for row in HEALTH["prescriptions"] for code in row["specialties"]}
    assert {post["specialty"] for post in sources.doctors()["posts"]} - prescribed == set()


def test_frequencies_forms_and_durations_that_are_named_are_there() -> None:
    for row in HEALTH["prescriptions"]:
        for medicine in row["medications"]:
            assert medicine["frequency"] in HEALTH["frequencies"]
            assert medicine["duration"] in HEALTH["durations"]
            assert medicine["form"] in HEALTH["forms"]


@pytest.mark.parametrize("code", laboratories.CODES)
def test_a_laboratory_test_of_the_demo_has_values_to_measure(code: str) -> None:
    assert lab_reference.measured_in(code)


def test_a_child_is_as_tall_and_heavy_as_children_are() -> None:
    chance = casting.dice("a test")
    for age in range(3, 18):
        measures = health._measures(Patient(gender="female"), chance, age)
        assert 80 <= measures["height_cm"] <= 180
        index = rules.bmi(measures["height_cm"], measures["weight_kg"])
        assert index is not None
        assert 14 <= index <= 21


@pytest.mark.parametrize("country", ["AE", "ES", "JO", "TR"])
def test_an_iban_of_the_demo_has_the_check_digits_that_banks_ask_for(country: str) -> None:
    number = payments._number(country, "0000" + "1234567890" * 3)
    assert number.startswith(country)
    assert int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1

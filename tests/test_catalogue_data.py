"""The catalogue's words: procedures, shelves, treatments, the bodies that accredit, and the demo's exchange rates.

Needs no database.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from babel import Locale, numbers

from tests import test_reference_data as reference

BODIES = reference.load("accreditation_bodies.json")
RATES = reference.load("demo/exchange_rates.json")
#: What visitors of the demo ask prices in.
CURRENCIES_OF_VISITORS = {
    "USD", "GBP", "EUR", "AED", "SAR", "KWD", "JPY", "NGN", "KES",
    "EGP", "BDT", "LKR", "OMR", "QAR", "MXN", "THB", "TRY", "INR",
}  # fmt: skip
#: What ends a sentence.
STOP_OF = {"en": r"[.!?]", "ar": r"[.!؟]", "hi": r"[।!?]", "es": r"[.!?]", "fr": r"[.!?]"}


def sentences_of(text: dict[str, str]) -> set[int]:
    """How many sentences a text has in its languages: one number if they say it alike."""
    return {len(re.findall(STOP_OF[language], words)) for language, words in text.items()}


def test_there_are_about_a_hundred_and_fifty_procedures_of_most_specialties() -> None:
    codes = [procedure["code"] for procedure in reference.PROCEDURES]
    specialties = {specialty["code"] for specialty in reference.SPECIALTIES}
    assert 140 <= len(codes) <= 200
    assert codes == sorted(set(codes))
    assert all(reference.SLUG.fullmatch(code) and len(code) <= 60 for code in codes)
    assert {procedure["specialty"] for procedure in reference.PROCEDURES} <= specialties
    assert len({procedure["specialty"] for procedure in reference.PROCEDURES}) >= 35


@pytest.mark.parametrize("language", sorted(reference.LANGUAGES))
def test_no_two_procedures_categories_or_treatments_carry_the_same_name(language: str) -> None:
    for rows in (reference.PROCEDURES, reference.CATEGORIES, reference.TREATMENTS):
        names = [row["name"][language] for row in rows]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= 120


def test_the_catalogue_has_about_a_dozen_shelves_and_no_shelf_is_empty() -> None:
    codes = [category["code"] for category in reference.CATEGORIES]
    assert len(codes) == len(set(codes))
    assert 10 <= len(codes) <= 18
    assert all(reference.SLUG.fullmatch(code) for code in codes)
    assert {treatment["category"] for treatment in reference.TREATMENTS} == set(codes)


def test_the_treatments_are_many_under_unique_codes_and_one_is_withdrawn() -> None:
    codes = [treatment["code"] for treatment in reference.TREATMENTS]
    assert len(codes) == len(set(codes)) >= 40
    assert all(reference.SLUG.fullmatch(code) and len(code) <= 60 for code in codes)
    assert {treatment["is_active"] for treatment in reference.TREATMENTS} == {True, False}


@pytest.mark.parametrize("treatment", reference.TREATMENTS, ids=lambda treatment: treatment["code"])
def test_a_treatment_is_made_of_known_procedures_one_of_them_of_its_own_specialty(treatment: dict[str, Any]) -> None:
    specialty_of = {procedure["code"]: procedure["specialty"] for procedure in reference.PROCEDURES}
    assert len(set(treatment["procedures"])) == len(treatment["procedures"])
    assert set(treatment["procedures"]) <= set(specialty_of)
    assert treatment["specialty"] in {specialty_of[code] for code in treatment["procedures"]}
    assert treatment["specialty"] in {code for hospital in reference.HOSPITALS for code in hospital["specialties"]}
    assert 0 <= treatment["hospital_days"] < treatment["stay_days"]


@pytest.mark.parametrize("treatment", reference.TREATMENTS, ids=lambda treatment: treatment["code"])
def test_a_treatment_says_what_it_is_and_how_one_recovers_and_boasts_of_nothing(treatment: dict[str, Any]) -> None:
    assert sentences_of(treatment["description"]) in ({3}, {4})
    assert sentences_of(treatment["recovery"]) == {2}
    texts = [*treatment["name"].values(), *treatment["description"].values(), *treatment["recovery"].values()]
    assert [words for words in texts if reference.BOASTS.search(words)] == []


def test_the_check_of_sentences_and_figures_finds_what_a_translation_left_out() -> None:
    whole = reference.TREATMENTS[0]["description"]
    assert len(sentences_of({**whole, "hi": whole["hi"].split("।")[0] + "।"})) == 2
    assert reference.figures_of("38 degrees") != reference.figures_of("39 grados")
    assert reference.BOASTS.search("Guaranteed results")


def test_the_bodies_that_accredit_are_known_by_unique_codes_and_stand_in_their_countries() -> None:
    codes = [body["code"] for body in BODIES]
    assert len(codes) == len(set(codes)) >= 15
    assert all(0 < len(code) <= 20 for code in codes)
    assert {body["country"] for body in BODIES} <= {"", *Locale("en").territories}
    assert all(re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]{2,}", body["website"]) for body in BODIES)
    assert len({body["name"] for body in BODIES}) == len({body["website"] for body in BODIES}) == len(BODIES)


def test_hospitals_are_accredited_by_known_bodies_of_their_own_country_or_of_none() -> None:
    country_of = {body["code"]: body["country"] for body in BODIES}
    for hospital in reference.HOSPITALS:
        for accreditation in hospital["accreditations"]:
            assert country_of[accreditation["body"]] in {"", hospital["country"]}, accreditation


def test_the_demo_knows_a_rate_for_every_currency_that_it_or_its_visitors_use() -> None:
    assert CURRENCIES_OF_VISITORS | {*(hospital["currency"] for hospital in reference.HOSPITALS)} <= set(RATES["rates"])
    assert set(RATES["rates"]) <= set(numbers.list_currencies())
    assert (RATES["base"], RATES["rates"]["EUR"]) == ("EUR", "1")
    assert all(Decimal(rate) > 0 for rate in RATES["rates"].values())


@pytest.mark.parametrize(("currency", "per_dollar"), [("AED", "3.6725"), ("SAR", "3.75"), ("JOD", "0.709")])
def test_a_currency_pegged_to_the_dollar_keeps_its_peg(currency: str, per_dollar: str) -> None:
    ratio = Decimal(RATES["rates"][currency]) / Decimal(RATES["rates"]["USD"])
    assert abs(ratio / Decimal(per_dollar) - 1) < Decimal("0.001")

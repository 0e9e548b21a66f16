"""What the demo's hospitals sell and what their patients say: known codes, fitting prices, the same facts in every
language. Needs no database."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from babel import numbers

from tests import test_reference_data as reference

TREATMENTS = {treatment["code"]: treatment for treatment in reference.load("demo/treatments.json")}
HOSPITALS = {hospital["code"]: hospital for hospital in reference.HOSPITALS}
OFFERS = reference.load("demo/offers.json")
PACKAGES = reference.load("demo/packages.json")
REVIEWS = reference.load("demo/reviews.json")

#: Offers and packages by what they are called when a test names them.
SOLD = {f"{offer['hospital']}/{offer['treatment']}": offer for offer in OFFERS}
SOLD |= {package["code"]: package for package in PACKAGES}

#: Hospitals of few disciplines sell fewer treatments.
FEWEST_OFFERS, MOST_OFFERS = 5, 14


def lines_of(sold: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Each line of what is in and what is not, as a text in its languages."""
    for field in ("inclusions", "exclusions"):
        for texts in zip(*sold[field].values(), strict=True):
            yield dict(zip(sold[field], texts, strict=True))


def texts_of(sold: dict[str, Any]) -> list[dict[str, str]]:
    """Every text of an offer or a package, its lines and the names of its seasons included."""
    whole = [sold[field] for field in ("name", "description", "city") if field in sold]
    return [*whole, *(season["name"] for season in sold.get("seasons", [])), *lines_of(sold)]


def figures_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", text))


def fits(price: str, currency: str) -> bool:
    """Whether an amount is written with exactly the decimal places of its currency."""
    return len(price.partition(".")[2]) == numbers.get_currency_precision(currency) and Decimal(price) > 0


def overlaps(seasons: list[dict[str, Any]]) -> bool:
    spans = sorted((season["starts_on_offset_days"], season["ends_on_offset_days"]) for season in seasons)
    return any(earlier[1] >= later[0] for earlier, later in itertools.pairwise(spans))


@pytest.mark.parametrize("sold", SOLD.values(), ids=SOLD)
def test_what_is_sold_is_described_in_five_languages_each_in_its_own_script(sold: dict[str, Any]) -> None:
    for field in ("inclusions", "exclusions"):
        assert set(sold[field]) == reference.LANGUAGES
    assert [(text, reference.problems_of(text)) for text in texts_of(sold) if reference.problems_of(text)] == []


@pytest.mark.parametrize("sold", SOLD.values(), ids=SOLD)
def test_each_language_has_the_same_number_of_lines_and_no_line_twice(sold: dict[str, Any]) -> None:
    for field in ("inclusions", "exclusions"):
        assert len({len(lines) for lines in sold[field].values()}) == 1
        assert all(len(set(lines)) == len(lines) >= 2 for lines in sold[field].values())
    for language in reference.LANGUAGES:
        assert not set(sold["inclusions"][language]) & set(sold["exclusions"][language])


@pytest.mark.parametrize("sold", SOLD.values(), ids=SOLD)
def test_figures_are_the_same_in_every_language(sold: dict[str, Any]) -> None:
    for text in texts_of(sold):
        assert len({tuple(sorted(figures_of(words).elements())) for words in text.values()}) == 1, text


@pytest.mark.parametrize("sold", SOLD.values(), ids=SOLD)
def test_a_line_fits_a_line_and_boasts_of_nothing(sold: dict[str, Any]) -> None:
    for line in lines_of(sold):
        assert all(len(words) <= 110 and "\n" not in words and words[-1] not in ".।" for words in line.values()), line
    assert [words for text in texts_of(sold) for words in text.values() if reference.BOASTS.search(words)] == []


@pytest.mark.parametrize("sold", SOLD.values(), ids=SOLD)
def test_a_price_is_written_as_its_currency_is(sold: dict[str, Any]) -> None:
    assert fits(sold["price"], sold["currency"])
    assert all(fits(season["price"], sold["currency"]) for season in sold.get("seasons", []))


def test_the_check_of_prices_knows_currencies_of_none_two_and_three_places() -> None:
    assert fits("8000000", "KRW")
    assert fits("480000.00", "INR")
    assert fits("2875.000", "JOD")
    assert not fits("8000000.00", "KRW")
    assert not fits("2875.00", "JOD")
    assert not fits("0.00", "EUR")


def test_prices_are_in_currencies_of_none_two_and_three_places() -> None:
    assert {numbers.get_currency_precision(offer["currency"]) for offer in OFFERS} == {0, 2, 3}
    assert {numbers.get_currency_precision(package["currency"]) for package in PACKAGES} == {0, 2, 3}


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer['hospital']}/{offer['treatment']}")
def test_a_hospital_offers_an_active_treatment_of_a_specialty_it_has_in_its_own_currency(offer: dict[str, Any]) -> None:
    hospital, treatment = HOSPITALS[offer["hospital"]], TREATMENTS[offer["treatment"]]
    assert treatment["is_active"]
    assert treatment["specialty"] in hospital["specialties"]
    assert offer["currency"] == hospital["currency"]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: f"{offer['hospital']}/{offer['treatment']}")
def test_an_offer_stays_near_the_days_of_its_treatment_and_rates_success_in_percent_or_not_at_all(
    offer: dict[str, Any],
) -> None:
    treatment = TREATMENTS[offer["treatment"]]
    assert abs(offer["hospital_days"] - treatment["hospital_days"]) <= 2
    assert abs(offer["stay_days"] - treatment["stay_days"]) <= 3
    assert 0 <= offer["hospital_days"] < offer["stay_days"]
    rate = offer["success_rate"]
    assert rate is None or (re.fullmatch(r"\d{2}\.\d", rate) and Decimal(rate) < 100)


def test_no_hospital_offers_a_treatment_twice_and_each_has_a_choice_of_them() -> None:
    assert len(SOLD) == len(OFFERS) + len(PACKAGES)
    offered = Counter(offer["hospital"] for offer in OFFERS)
    assert set(offered) == set(HOSPITALS)
    assert all(FEWEST_OFFERS <= count <= MOST_OFFERS for count in offered.values()), offered


def test_every_active_treatment_is_offered_somewhere() -> None:
    active = {code for code, treatment in TREATMENTS.items() if treatment["is_active"]}
    assert {offer["treatment"] for offer in OFFERS} == active


def test_a_treatment_costs_more_or_less_from_hospital_to_hospital_and_some_state_no_success_rate() -> None:
    knees = [offer for offer in OFFERS if offer["treatment"] == "total-knee-replacement"]
    assert len({(offer["price"], offer["currency"]) for offer in knees}) == len(knees) >= 5
    stated = sum(offer["success_rate"] is not None for offer in OFFERS)
    assert len(OFFERS) * 0.2 < stated < len(OFFERS) * 0.9


def test_there_are_ten_packages_or_more_in_many_countries_with_names_of_their_own() -> None:
    assert len({package["code"] for package in PACKAGES}) == len(PACKAGES) >= 10
    assert all(reference.SLUG.fullmatch(package["code"]) for package in PACKAGES)
    assert len({package["country"] for package in PACKAGES}) >= 7
    for language in reference.LANGUAGES:
        assert len({package["name"][language] for package in PACKAGES}) == len(PACKAGES)
        assert len({package["description"][language] for package in PACKAGES}) == len(PACKAGES)


def test_packages_differ_in_what_they_hold_and_some_lead_through_two_hospitals() -> None:
    assert {package["includes_flights"] for package in PACKAGES} == {True, False}
    assert any(len(package["hospitals"]) > 1 for package in PACKAGES)
    assert any(len(package["treatments"]) > 1 for package in PACKAGES)
    assert {len(package["seasons"]) for package in PACKAGES} == {0, 1, 2, 3}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["code"])
def test_a_package_is_made_of_what_its_hospitals_offer_in_its_country_and_currency(package: dict[str, Any]) -> None:
    hospitals = [HOSPITALS[code] for code in package["hospitals"]]
    assert {(hospital["country"], hospital["currency"]) for hospital in hospitals} == {
        (package["country"], package["currency"])
    }
    assert package["city"] in [hospital["city"] for hospital in hospitals]
    by_treatment = [
        [offer for offer in OFFERS if offer["treatment"] == code and offer["hospital"] in package["hospitals"]]
        for code in package["treatments"]
    ]
    assert by_treatment
    assert all(by_treatment)
    assert {offer["hospital"] for offers in by_treatment for offer in offers} == set(package["hospitals"])
    assert package["days"] > max(offer["hospital_days"] for offers in by_treatment for offer in offers)
    parts = sum(min(Decimal(offer["price"]) for offer in offers) for offers in by_treatment)
    prices = [package["price"], *(season["price"] for season in package["seasons"])]
    assert all(parts < Decimal(price) < parts * 3 for price in prices), "stay and transfers come on top of the parts"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["code"])
def test_seasons_of_a_package_follow_each_other_at_prices_of_their_own(package: dict[str, Any]) -> None:
    seasons = package["seasons"]
    assert len(seasons) <= 3
    assert not overlaps(seasons)
    assert all(season["starts_on_offset_days"] < season["ends_on_offset_days"] for season in seasons)
    prices = [package["price"], *(season["price"] for season in seasons)]
    assert len(set(prices)) == len(prices)
    assert len({season["name"]["en"] for season in seasons}) == len(seasons)


def test_the_check_of_seasons_finds_a_shared_day() -> None:
    first = {"starts_on_offset_days": 1, "ends_on_offset_days": 10}
    assert overlaps([{"starts_on_offset_days": 10, "ends_on_offset_days": 20}, first])
    assert not overlaps([{"starts_on_offset_days": 11, "ends_on_offset_days": 20}, first])


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["code"])
def test_the_lines_of_a_package_say_what_its_marks_say(package: dict[str, Any]) -> None:
    inside, outside = ("\n".join(package[field]["en"]).lower() for field in ("inclusions", "exclusions"))
    assert bool(re.search(r"\bflights\b", outside)) == (not package["includes_flights"])
    assert bool(re.search(r"\breturn flights\b", inside)) == package["includes_flights"]
    assert bool(re.search(r"\bnights?\b", inside)) == package["includes_stay"]
    assert bool(re.search(r"\btransfers\b|\bshuttle\b", inside)) == package["includes_transfers"]


def test_eighty_reviews_in_five_languages_are_mostly_good_and_honestly_not_always() -> None:
    ratings = Counter(review["rating"] for review in REVIEWS)
    assert len(REVIEWS) == 80
    assert set(ratings) == {1, 2, 3, 4, 5}
    assert ratings[4] + ratings[5] > len(REVIEWS) * 0.7
    assert ratings[1] + ratings[2] + ratings[3] >= 10
    assert {review["language"] for review in REVIEWS} == reference.LANGUAGES
    assert len({review["text"] for review in REVIEWS}) == len(REVIEWS)


@pytest.mark.parametrize("review", REVIEWS, ids=range(len(REVIEWS)))
def test_a_review_and_its_reply_are_written_in_the_language_of_the_patient(review: dict[str, Any]) -> None:
    assert set(review) == {"rating", "text", "language", "reply"}
    for words in filter(None, (review["text"], review["reply"])):
        script = reference.SCRIPT_OF[review["language"]]
        foreign = reference.ARABIC_OR_DEVANAGARI.search(words)
        assert script.search(words)
        assert bool(foreign) == (review["language"] in {"ar", "hi"})
        assert review["language"] in {"en", "es", "fr"} or not re.search(r"[A-Za-z]", words)
        assert words == words.strip()
        assert 20 < len(words) < 400


def test_some_reviews_have_a_reply_and_every_bad_one_has() -> None:
    answered = [review for review in REVIEWS if review["reply"]]
    assert len(REVIEWS) * 0.2 < len(answered) < len(REVIEWS) * 0.6
    assert all(review["reply"] for review in REVIEWS if review["rating"] <= 2)

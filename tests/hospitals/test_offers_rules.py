"""What a price, an offer and a package must be: the decisions at their boundaries, without a database."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.accounts.models import User
from apps.hospitals import rules
from apps.hospitals.models import Hospital, Offer, Package, Treatment


def refused(refusal):
    return sorted(refusal.errors) if refusal else None


@pytest.mark.parametrize(
    ("currency", "amount", "fits"),
    [
        ("JPY", "1", True), ("JPY", "1.000", True), ("JPY", "0.5", False),
        ("USD", "0.01", True), ("USD", "0.001", False),
        ("KWD", "0.001", True), ("KWD", "0.0001", False),
        ("USD", "0", False), ("USD", "-0.01", False), ("USD", "NaN", False), ("USD", "Infinity", False),
        ("USD", "99999999999.99", True), ("USD", "100000000000.00", False),
    ],
)  # fmt: skip
def test_a_price_is_above_zero_with_the_places_of_its_currency(currency, amount, fits):
    assert (rules.why_wrong_price(Decimal(amount), currency) is None) is fits


def test_a_fee_may_be_zero_where_that_is_said():
    assert rules.why_wrong_price(Decimal(0), "USD", may_be_zero=True) is None
    assert refused(rules.why_wrong_price(Decimal(-1), "USD", field="fee", may_be_zero=True)) == ["fee"]


@pytest.mark.parametrize(
    ("changes", "has_seasons", "missing"),
    [
        ({}, True, None),
        ({"price": 1}, True, None),
        ({"currency": "INR"}, True, None),
        ({"currency": "USD"}, False, ["price"]),
        ({"currency": "USD"}, True, ["price", "seasons"]),
        ({"currency": "USD", "price": 1}, False, None),
        ({"currency": "USD", "price": 1}, True, ["seasons"]),
        ({"currency": "USD", "price": 1, "seasons": []}, True, None),
    ],
)
def test_a_new_currency_comes_with_new_prices(changes, has_seasons, missing):
    assert refused(rules.why_not_change_currency(Offer(currency="INR"), changes, has_seasons=has_seasons)) == missing


@pytest.mark.parametrize(
    ("hospital_days", "stay_days", "fits"),
    [(3, 2, False), (3, 3, True), (3, 4, True), (None, 1, True), (3, None, True), (0, 0, True)],
)
def test_the_stay_holds_the_days_in_hospital(hospital_days, stay_days, fits):
    assert (rules.why_wrong_days(hospital_days, stay_days) is None) is fits


@pytest.mark.parametrize(
    ("items", "named"),
    [
        ({}, None),
        ({"inclusions": {"en": ["x" * 200] * 40, "ar": []}}, None),
        ({"inclusions": {"en": ["x"] * 41}}, ["inclusions.en"]),
        ({"inclusions": {"en": ["x" * 201]}, "exclusions": {"fr": ["x"] * 41}}, ["exclusions.fr", "inclusions.en"]),
    ],
)
def test_lists_are_of_forty_short_items(items, named):
    assert refused(rules.why_wrong_items(items)) == named


@pytest.mark.parametrize(
    ("role", "is_own", "fields", "may"),
    [
        ("admin", False, {"price", "inclusions"}, True),
        ("hospital_admin", True, {"price", "is_active"}, True),
        ("hospital_admin", False, {"inclusions"}, False),
        ("translator", False, {"inclusions", "exclusions"}, True),
        ("translator", False, {"inclusions", "price"}, False),
        ("translator", False, set(), False),
        ("coordinator", False, {"inclusions"}, False),
        ("support", False, {"inclusions"}, False),
        ("doctor", False, {"inclusions"}, False),
        ("patient", True, {"inclusions"}, False),
    ],
)
def test_who_keeps_an_offer(role, is_own, fields, may):
    assert (rules.why_not_keep_offer(fields, by=User(role=role), is_own=is_own) is None) is may


@pytest.mark.parametrize(
    ("role", "fields", "may"),
    [
        ("admin", {"price"}, True),
        ("translator", {"name", "description"}, True),
        ("translator", {"name", "days"}, False),
        ("hospital_admin", {"name"}, False),
        ("coordinator", {"name"}, False),
    ],
)
def test_who_keeps_the_catalogue(role, fields, may):
    assert (rules.why_not_keep_catalogue(fields, rules.PACKAGE_TEXTS, by=User(role=role)) is None) is may


def test_the_system_keeps_everything():
    assert rules.why_not_keep_offer({"price"}, by=None, is_own=False) is None
    assert rules.why_not_keep_catalogue({"price"}, (), by=None) is None


TREATMENT = Treatment(pk=uuid4(), name_en="Knee")
OTHER = Treatment(pk=uuid4(), name_en="Hip", is_active=False)


def hospital(**details):
    return Hospital(**{"pk": uuid4(), "name_en": "Bay", "country": "IN", "verification": "approved", **details})


@pytest.mark.parametrize(
    ("treatments", "hospitals", "offers", "named"),
    [
        ([TREATMENT], [hospital()], True, None),
        ([], [hospital()], True, ["treatments"]),
        ([TREATMENT], [], True, ["hospitals"]),
        ([], [], True, ["hospitals", "treatments"]),
        ([TREATMENT, OTHER], [hospital()], True, ["treatments"]),
        ([TREATMENT], [hospital(), hospital(country="TR")], True, ["hospitals"]),
        ([TREATMENT], [hospital(verification="pending")], True, ["hospitals"]),
        ([TREATMENT], [hospital(is_active=False)], True, ["hospitals"]),
        ([TREATMENT], [hospital()], False, ["hospitals"]),
    ],
)
def test_what_a_package_is_made_of(treatments, hospitals, offers, named):
    offered = {place.pk: {TREATMENT.pk} for place in hospitals} if offers else {}
    refusal = rules.why_not_compose(Package(country="IN"), treatments, hospitals, offered)
    assert refused(refusal) == named


def season(starts, ends, price="100.00"):
    return {"starts_on": date(2027, 1, starts), "ends_on": date(2027, 1, ends), "price": Decimal(price)}


@pytest.mark.parametrize(
    ("seasons", "named"),
    [
        ([], None),
        ([season(1, 1)], None),
        ([season(1, 10), season(11, 20)], None),
        ([season(11, 20), season(1, 10)], None),
        ([season(1, 10), season(10, 20)], ["seasons.1.starts_on"]),
        ([season(5, 6), season(1, 20)], ["seasons.1.starts_on"]),
        ([season(2, 1)], ["seasons.0.ends_on"]),
        ([season(1, 1), season(2, 2, "0.001")], ["seasons.1.price"]),
        ([season(1, 1)] * (rules.MAX_SEASONS + 1), ["seasons"]),
    ],
)
def test_seasons_share_no_day(seasons, named):
    assert refused(rules.why_wrong_seasons(seasons, "USD")) == named

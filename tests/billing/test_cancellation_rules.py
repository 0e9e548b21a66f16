"""What a cancellation gives back: by the terms of whoever cancels, to the second."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.billing import exceptions, rules
from apps.billing.workflow import Canceller
from apps.common.money import Money

BEGINS = datetime(2031, 3, 10, 9, tzinfo=UTC)
TERMS = [
    {"actor": "patient", "hours_before": 0, "percent": 50},
    {"actor": "patient", "hours_before": 24, "percent": 100},
    {"actor": "visa_refused", "hours_before": 168, "percent": 90},
]
PAID = Money(Decimal("80.00"), "USD")
SECOND = timedelta(seconds=1)


def quote(before, actor="patient", terms=TERMS, paid=PAID, begins_at=BEGINS):
    return rules.refund_due(terms, actor, begins_at, BEGINS - before, paid)


@pytest.mark.parametrize(
    ("before", "percent", "amount"),
    [
        (timedelta(days=30), 100, "80.00"),
        (timedelta(hours=24) + SECOND, 100, "80.00"),
        (timedelta(hours=24), 100, "80.00"),
        (timedelta(hours=24) - SECOND, 50, "40.00"),
        (timedelta(0), 50, "40.00"),
        (-SECOND, 0, "0.00"),
        (timedelta(days=-30), 0, "0.00"),
    ],
)
def test_a_patient_gets_back_what_the_reached_step_says(before, percent, amount):
    due = quote(before)
    assert (due.percent, due.amount) == (percent, Money(Decimal(amount), "USD"))


@pytest.mark.parametrize(
    ("before", "steps_down_at", "then", "then_amount"),
    [
        (timedelta(days=30), BEGINS - timedelta(hours=24), 50, "40.00"),
        (timedelta(hours=24), BEGINS - timedelta(hours=24), 50, "40.00"),
        (timedelta(hours=24) - SECOND, BEGINS, 0, "0.00"),
        (timedelta(0), BEGINS, 0, "0.00"),
        (-SECOND, None, None, None),
    ],
)
def test_the_next_step_down_is_named_with_what_is_left_then(before, steps_down_at, then, then_amount):
    due = quote(before)
    then_amount = None if then_amount is None else Money(Decimal(then_amount), "USD")
    assert (due.steps_down_at, due.then_percent, due.then_amount) == (steps_down_at, then, then_amount)


@pytest.mark.parametrize("before", [timedelta(days=30), timedelta(hours=24), timedelta(hours=24) - SECOND, -SECOND])
def test_what_is_promised_until_an_instant_holds_at_it_and_no_longer(before):
    due = quote(before)
    if due.steps_down_at is not None:
        assert quote(BEGINS - due.steps_down_at).percent == due.percent
        assert quote(BEGINS - due.steps_down_at - SECOND).percent == due.then_percent


@pytest.mark.parametrize("actor", [Canceller.HOSPITAL, Canceller.PLATFORM])
@pytest.mark.parametrize("before", [timedelta(days=30), timedelta(hours=1), -SECOND])
def test_whoever_sells_gives_everything_back(actor, before):
    due = quote(before, actor)
    assert (due.percent, due.amount, due.steps_down_at) == (100, PAID, None)


def test_whoever_sells_gives_back_less_only_where_the_terms_say_so():
    terms = [*TERMS, {"actor": "hospital", "hours_before": 48, "percent": 80}]
    assert quote(timedelta(hours=48), "hospital", terms).percent == 80
    assert quote(timedelta(hours=1), "hospital", terms).percent == 80
    assert quote(-SECOND, "platform", terms).percent == 100


def test_a_refused_visa_has_its_own_terms_and_bad_health_the_patients_where_none_are_said():
    assert quote(timedelta(hours=168), "visa_refused").percent == 90
    assert quote(timedelta(hours=167), "visa_refused").percent == 0
    assert quote(timedelta(hours=167), "medically_unfit").percent == 100
    assert quote(timedelta(hours=1), "medically_unfit").percent == 50


def test_what_has_no_beginning_yet_stands_at_the_most_generous_step():
    due = rules.refund_due(TERMS, "patient", None, BEGINS, PAID)
    assert (due.percent, due.steps_down_at) == (100, None)


@pytest.mark.parametrize("actor", Canceller.values)
def test_what_was_agreed_on_nothing_comes_back_whole(actor):
    assert quote(-SECOND, actor, terms=[]).amount == PAID


@pytest.mark.parametrize(
    ("paid", "currency", "back"),
    [("0.01", "USD", "0.01"), ("0.03", "USD", "0.02"), ("1", "JPY", "1"), ("3", "JPY", "2"), ("1.001", "KWD", "0.501")],
)
def test_half_of_an_odd_amount_is_rounded_once_in_the_currencys_places_for_the_payer(paid, currency, back):
    due = quote(timedelta(hours=1), paid=Money(Decimal(paid), currency))
    assert due.amount == Money(Decimal(back), currency)


def test_nothing_paid_gives_nothing_back():
    assert quote(timedelta(days=9), paid=Money(Decimal(-5), "USD")).amount == Money.zero("USD")


def test_terms_name_the_patient_and_never_reward_waiting():
    assert rules.why_not_publish(TERMS) is None
    assert isinstance(rules.why_not_publish(TERMS[2:]), exceptions.TermsIncomplete)
    rising = [*TERMS, {"actor": "visa_refused", "hours_before": 24, "percent": 95}]
    assert isinstance(rules.why_not_publish(rising), exceptions.TermsIncomplete)

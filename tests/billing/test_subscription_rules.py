"""The days and the sums of subscriptions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.models import Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.billing.rules import subscriptions as rules
from apps.common.money import Money

days = st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31))
prices = st.integers(min_value=1, max_value=10_000_000)
currencies = st.sampled_from(["JPY", "USD", "KWD"])
intervals = st.sampled_from(["month", "year"])


@pytest.mark.parametrize(
    ("first", "interval", "starts"),
    [
        (date(2031, 1, 31), "month", ["2031-02-28", "2031-03-31", "2031-04-30", "2031-05-31"]),
        (date(2032, 1, 31), "month", ["2032-02-29", "2032-03-31", "2032-04-30"]),
        (date(2031, 1, 30), "month", ["2031-02-28", "2031-03-30"]),
        (date(2031, 11, 30), "month", ["2031-12-30", "2032-01-30", "2032-02-29", "2032-03-30"]),
        (date(2031, 6, 15), "month", ["2031-07-15", "2031-08-15"]),
        (date(2028, 2, 29), "year", ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        (date(2031, 12, 31), "year", ["2032-12-31", "2033-12-31"]),
    ],
)
def test_periods_begin_on_the_day_of_the_first_or_on_a_months_last(first, interval, starts):
    found, at = [], first
    for _ in starts:
        at = rules.next_start(at, interval, first.day)
        found.append(at.isoformat())
    assert found == starts


@given(first=days, interval=intervals, count=st.integers(min_value=1, max_value=30))
def test_periods_follow_one_another_without_a_gap_and_come_back_to_their_day(first, interval, count):
    starts_on = first
    for _ in range(count):
        ends_on = rules.period_end(starts_on, interval, first.day)
        assert rules.previous_start(ends_on, interval, first.day) == starts_on
        starts_on = ends_on + timedelta(days=1)
        last_of_month = (starts_on + timedelta(days=1)).day == 1
        assert starts_on.day == first.day or (last_of_month and starts_on.day < first.day)


def test_a_trial_of_fourteen_days_lasts_through_the_fourteenth():
    assert rules.trial_end(date(2031, 1, 1), 14) == date(2031, 1, 14)
    assert not rules.is_over(date(2031, 1, 14), date(2031, 1, 14))
    assert rules.is_over(date(2031, 1, 14), date(2031, 1, 15))


@given(units=prices, currency=currencies, starts_on=days, length=st.integers(1, 366), data=st.data())
def test_the_days_before_and_after_a_change_cost_what_the_whole_does(units, currency, starts_on, length, data):
    ends_on = starts_on + timedelta(days=length - 1)
    on = starts_on + timedelta(days=data.draw(st.integers(0, length - 1)))
    price = Money.from_minor(units, currency)
    used, rest = rules.by_days(price, starts_on, ends_on, on)
    assert used + rest == price
    exact = Decimal(units) * (on - starts_on).days / length
    assert 0 <= exact - used.minor < 1


def plan(units, currency="USD", interval="month"):
    price = Money.from_minor(units, currency)
    return SubscriptionPlan(price=price.amount, currency=currency, interval=interval, code=f"{interval}-{units}")


def running(of, first):
    ends_on = rules.period_end(first, of.interval, first.day)
    period = SubscriptionPeriod(
        plan=of, starts_on=first, ends_on=ends_on, price=of.price, currency=of.currency, number=1
    )
    subscription = Subscription(status="active", plan=of, starts_on=first, ends_on=ends_on, anchor_day=first.day)
    return subscription, period


@given(
    old=prices, new=prices, currency=currencies, old_interval=intervals, new_interval=intervals, first=days,
    data=st.data(),
)  # fmt: skip
def test_a_change_charges_the_days_to_come_less_what_was_paid_for_them_and_owes_nobody(
    old, new, currency, old_interval, new_interval, first, data
):
    before, after = plan(old, currency, old_interval), plan(new, currency, new_interval)
    subscription, period = running(before, first)
    today = first + timedelta(days=data.draw(st.integers(0, (period.ends_on - first).days)))
    brings = rules.plan_change(subscription, period, before, after, today)
    nothing = Money.zero(currency)
    if not brings.is_now:
        assert (brings.due, brings.credit, brings.charge) == (nothing, nothing, after.value)
        assert brings.begins_on == period.ends_on + timedelta(days=1)
        return
    assert rules.a_year(after) > rules.a_year(before)
    assert brings.due == brings.charge - brings.credit > nothing
    used, rest = rules.by_days(before.value, first, period.ends_on, today)
    assert brings.credit == rest
    if old_interval == new_interval:
        assert brings.ends_on == period.ends_on
        assert brings.charge == rules.by_days(after.value, first, period.ends_on, today)[1]
        # Paid in all: the old plan for the days that it was used, the new one for the others; to the smallest unit.
        assert before.value + brings.due == used + brings.charge
    else:
        assert brings.charge == after.value
        assert brings.ends_on == rules.period_end(today, new_interval, today.day)


@pytest.mark.parametrize(
    ("today", "credit", "charge", "due"),
    [
        (date(2031, 4, 1), "30.00", "90.00", "60.00"),  # the first day: the whole difference
        (date(2031, 4, 16), "15.00", "45.00", "30.00"),
        (date(2031, 4, 30), "1.00", "3.00", "2.00"),  # the last one
    ],
)
def test_an_upgrade_within_a_month_of_thirty_days(today, credit, charge, due):
    small, large = plan(3000), plan(9000)
    subscription, period = running(small, date(2031, 4, 1))
    brings = rules.plan_change(subscription, period, small, large, today)
    assert [str(each.amount) for each in (brings.credit, brings.charge, brings.due)] == [credit, charge, due]


def test_a_second_upgrade_credits_what_the_first_one_charged():
    small, middle, large = plan(3000), plan(6000), plan(9000)
    subscription, period = running(small, date(2031, 4, 1))
    first = rules.plan_change(subscription, period, small, middle, date(2031, 4, 11))
    taken = SubscriptionPeriod(
        plan=middle, starts_on=date(2031, 4, 11), ends_on=period.ends_on, price=first.charge.amount, currency="USD"
    )
    second = rules.plan_change(subscription, taken, middle, large, date(2031, 4, 21))
    assert (str(first.due), str(second.credit), str(second.due)) == ("20.00 USD", "20.00 USD", "10.00 USD")
    # Ten days of each plan: 10 + 20 + 30.
    assert small.value + first.due + second.due == Money(Decimal(60), "USD")


def test_what_costs_less_in_a_year_waits_for_the_next_period():
    monthly, yearly = plan(5000), plan(50000, interval="year")
    subscription, period = running(monthly, date(2031, 4, 1))
    assert not rules.plan_change(subscription, period, monthly, yearly, date(2031, 4, 10)).is_now
    dear = plan(70000, interval="year")
    brings = rules.plan_change(subscription, period, monthly, dear, date(2031, 4, 16))
    assert (brings.is_now, str(brings.due), brings.ends_on) == (True, "675.00 USD", date(2032, 4, 15))


def test_another_currency_waits_for_the_next_period():
    dollars, yen = plan(3000), plan(900000, "JPY")
    subscription, period = running(dollars, date(2031, 4, 1))
    assert not rules.plan_change(subscription, period, dollars, yen, date(2031, 4, 10)).is_now


def test_in_a_trial_the_plan_changes_at_once_and_for_nothing():
    small, large = plan(3000), plan(9000)
    subscription, period = running(small, date(2031, 4, 1))
    subscription.status = "trialing"
    brings = rules.plan_change(subscription, period, small, large, date(2031, 4, 10))
    assert (brings.is_now, brings.due.minor, brings.ends_on) == (True, 0, period.ends_on)


def test_who_has_not_paid_is_asked_again_after_one_three_five_and_seven_days():
    since = datetime(2031, 3, 1, 4, 10, tzinfo=UTC)
    asked = [rules.asked_again_at(since, attempts) for attempts in (1, 2, 3, 4, 5)]
    assert [at and (at - since).days for at in asked] == [1, 3, 5, 7, None]
    assert rules.grace_end(since) == date(2031, 3, 15)


def test_only_who_never_had_one_gets_a_trial():
    with_trial = SubscriptionPlan(trial_days=14)
    assert rules.has_trial(with_trial, [])
    assert rules.has_trial(with_trial, [Subscription(starts_on=None)])
    assert not rules.has_trial(with_trial, [Subscription(starts_on=date(2030, 1, 1))])
    assert not rules.has_trial(SubscriptionPlan(trial_days=0), [])

"""The hourly job of subscriptions: renewals at the end of months, charges, what is not paid."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from apps.billing import services
from apps.billing.models import Bill, Mandate, Payment
from apps.billing.services import renewals, subscriptions
from apps.notifications.models import Message
from tests.factories.subscriptions import PlanFactory

from .subscribing import at, captured, days_of, heard, pay, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return PlanFactory(code="plus", price=Decimal("149.00"), max_doctors=10)


def begun(fake_gateway, user, plan, day):
    """A subscription that was paid on a day, with leave to charge again."""
    with time_machine.travel(at(day), tick=False):
        subscription = subscribe(user, plan)
        pay(fake_gateway, subscription, user)
    subscription.refresh_from_db()
    return subscription


def run(day, **hour):
    """The job of that day."""
    now = at(day, **hour)
    with time_machine.travel(now, tick=False):
        return services.renew_subscriptions(now)


def told(kind):
    return list(Message.objects.filter(kind=f"billing.subscription_{kind}", channel="email").order_by("due_at", "pk"))


def test_a_subscription_of_the_31st_is_renewed_on_the_last_of_short_months_and_charged_each_time(
    fake_gateway, hospital_admin, plan
):
    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    for day in ("2031-02-27", "2031-02-28", "2031-03-30", "2031-03-31", "2031-04-29", "2031-04-30"):
        run(day)
    assert days_of(subscription) == [
        (1, "2031-01-31", "2031-02-27"),
        (2, "2031-02-28", "2031-03-30"),
        (3, "2031-03-31", "2031-04-29"),
        (4, "2031-04-30", "2031-05-30"),
    ]
    assert captured(fake_gateway) == 4 * 14900
    subscription.refresh_from_db()
    assert (subscription.status, subscription.attempts, subscription.next_charge_at) == ("active", 0, None)
    assert [message.context["amount"] for message in told("paid")] == ["$149.00"] * 3


def test_a_run_twice_on_the_last_of_a_month_charges_once(fake_gateway, hospital_admin, plan):
    begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    first, second = run("2031-02-28"), run("2031-02-28")
    assert (first["renewed"], first["charged"], second["renewed"], second["charged"]) == (1, 1, 0, 0)
    assert captured(fake_gateway) == 2 * 14900


def test_control_a_job_that_does_not_look_whether_the_period_is_over_charges_twice(
    fake_gateway, hospital_admin, plan, monkeypatch
):
    begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    monkeypatch.setattr(renewals.rules, "is_over", lambda ends_on, today: True)
    monkeypatch.setattr("apps.billing.querysets.SubscriptionQuerySet.over", lambda rows, today: rows)
    run("2031-02-28")
    run("2031-02-28")
    assert captured(fake_gateway) == 3 * 14900


def test_a_job_that_was_away_for_26_hours_misses_nothing(fake_gateway, hospital_admin, plan):
    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    run("2031-03-01")
    assert days_of(subscription)[-1] == (2, "2031-02-28", "2031-03-30")
    assert captured(fake_gateway) == 2 * 14900


def test_a_year_from_29_february_comes_back_to_it(fake_gateway, hospital_admin):
    plan = PlanFactory(interval="year", price=Decimal("1490.00"))
    subscription = begun(fake_gateway, hospital_admin, plan, "2028-02-29")
    for day in ("2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"):
        run(day)
    assert [starts for _number, starts, _ends in days_of(subscription)] == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


# --- not paid ---


@pytest.fixture
def declined(fake_gateway, hospital_admin, plan):
    """A subscription whose card is declined from its second period on."""
    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    fake_gateway.decline_card(Mandate.objects.get().method)
    return subscription


def test_who_is_declined_is_charged_again_after_1_3_5_and_7_days_and_it_ends_after_14(fake_gateway, declined, hospital):
    seen = []
    for day in range(16):
        result = run(str((at("2031-02-28") + timedelta(days=day)).date()))
        declined.refresh_from_db()
        seen.append((result["charged"], declined.status))
    assert [day for day, (charged, _status) in enumerate(seen) if charged] == [0, 1, 3, 5, 7]
    assert [status for _charged, status in seen] == ["past_due"] * 15 + ["ended"]
    assert Payment.objects.filter(mandate__isnull=False, status="failed").count() == 5
    assert captured(fake_gateway) == 14900
    assert len(told("unpaid")) == 5
    assert [message.context["is_tried_again"] for message in told("unpaid")] == [True] * 4 + [False]
    assert [message.context["until"] for message in told("grace_ends")] == ["March 14, 2031"]
    assert len(told("ended")) == 1
    hospital.refresh_from_db()
    assert hospital.max_doctors is None
    assert Bill.objects.latest("pk").status == "cancelled"


def test_during_the_grace_the_plan_is_in_force(declined, hospital):
    run("2031-02-28")
    run("2031-03-14")
    declined.refresh_from_db()
    hospital.refresh_from_db()
    assert (declined.status, str(declined.grace_until), hospital.max_doctors) == ("past_due", "2031-03-14", 10)


def test_a_declined_charge_that_goes_through_the_next_day_makes_it_active_again(fake_gateway, declined):
    run("2031-02-28")
    fake_gateway.server.books.declined_cards.clear()
    run("2031-03-01")
    declined.refresh_from_db()
    assert (declined.status, declined.grace_until, declined.attempts) == ("active", None, 0)
    assert captured(fake_gateway) == 2 * 14900
    run("2031-03-03")
    assert captured(fake_gateway) == 2 * 14900


def test_who_pays_by_the_link_is_charged_no_more(fake_gateway, declined, hospital_admin, client):
    run("2031-02-28")
    link = told("unpaid")[0].context["link"]
    with time_machine.travel(at("2031-02-28", timedelta(hours=9)), tick=False):
        address = link.removeprefix("http://localhost:8000")
        shown = client.get(address)
        assert "$149.00" in shown.content.decode()
        opened = client.post(address)
        payment = Payment.objects.latest("pk")
        assert payment.checkout_url in opened.content.decode()
        fake_gateway.pay(payment.checkout_url)
        heard(payment)
        assert "Everything is paid" in client.get(address).content.decode()
    fake_gateway.server.books.declined_cards.clear()
    run("2031-03-01")
    declined.refresh_from_db()
    assert (declined.status, captured(fake_gateway)) == ("active", 2 * 14900)


def test_a_link_that_we_did_not_make_shows_nothing(client, declined):
    answer = client.get("/pay/subscription/not-ours")
    assert answer.status_code == 404
    assert declined.number not in answer.content.decode()


def test_without_leave_to_charge_the_payer_is_asked_on_the_same_days(fake_gateway, hospital_admin):
    plan = PlanFactory(trial_days=14, price=Decimal("99.00"))
    with time_machine.travel(at("2031-01-01"), tick=False):
        subscription = subscribe(hospital_admin, plan)
    run("2031-01-10")
    assert not told("trial_ends")
    run("2031-01-11")
    run("2031-01-12")
    assert [message.context["until"] for message in told("trial_ends")] == ["January 14, 2031"]
    run("2031-01-14")
    subscription.refresh_from_db()
    assert subscription.status == "trialing"
    run("2031-01-15")
    subscription.refresh_from_db()
    assert (subscription.status, str(subscription.starts_on), subscription.anchor_day) == ("past_due", "2031-01-15", 15)
    assert not Payment.objects.exists()
    assert told("unpaid")[0].context["was_charged"] is False
    with time_machine.travel(at("2031-01-16"), tick=False):
        pay(fake_gateway, subscription, hospital_admin)
    subscription.refresh_from_db()
    assert (subscription.status, str(subscription.ends_on)) == ("active", "2031-02-14")
    run("2031-02-15")
    assert captured(fake_gateway) == 2 * 9900


def test_a_charge_without_an_answer_is_not_made_again_until_it_is_known(fake_gateway, hospital_admin, plan):
    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    fake_gateway.lose(vendor="sandbox", path="charges")
    run("2031-02-28")
    subscription.refresh_from_db()
    assert (subscription.status, Bill.objects.latest("pk").status) == ("active", "open")
    run("2031-02-28", hour=timedelta(hours=12))
    payment = Payment.objects.latest("pk")
    assert payment.is_unknown
    heard(payment)  # the sweep asks
    subscription.refresh_from_db()
    assert (subscription.status, subscription.next_charge_at) == ("active", None)
    assert captured(fake_gateway) == 2 * 14900


def test_a_run_that_was_killed_before_it_charged_is_followed_by_another_an_hour_later(
    fake_gateway, hospital_admin, plan, monkeypatch
):
    class Killed(BaseException):
        """As a worker that is gone."""

    def kill(*args, **kwargs):
        raise Killed

    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    with monkeypatch.context() as patch:
        patch.setattr(renewals.paying, "charge_mandate", kill)
        with pytest.raises(Killed):
            run("2031-02-28")
    assert captured(fake_gateway) == 14900
    run("2031-02-28", hour=timedelta(hours=5))
    assert captured(fake_gateway) == 14900
    run("2031-02-28", hour=timedelta(hours=6))
    assert captured(fake_gateway) == 2 * 14900
    assert len(days_of(subscription)) == 2


def test_one_that_fails_stops_no_other(fake_gateway, hospital_admin, other_hospital_admin, plan, monkeypatch):
    begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    other = begun(fake_gateway, other_hospital_admin, plan, "2031-01-31")
    create = renewals.subscribing.create

    def fail_for_one(period, **kwargs):
        if period.subscription_id != other.pk:
            raise subscriptions.exceptions.NothingToPay()
        return create(period, **kwargs)

    monkeypatch.setattr(renewals.subscribing, "create", fail_for_one)
    assert run("2031-02-28")["renewed"] == 1
    assert captured(fake_gateway) == 3 * 14900


def test_a_better_plan_that_was_not_paid_is_given_up_when_the_period_ends(fake_gateway, hospital_admin, plan):
    subscription = begun(fake_gateway, hospital_admin, plan, "2031-01-31")
    larger = PlanFactory(price=Decimal("449.00"))
    with time_machine.travel(at("2031-02-27", timedelta(hours=20)), tick=False):
        services.change_plan(subscription.pk, by=hospital_admin, plan=larger.code)
    run("2031-02-28")
    subscription.refresh_from_db()
    assert (subscription.plan, days_of(subscription)[-1]) == (plan, (3, "2031-02-28", "2031-03-30"))
    assert captured(fake_gateway) == 2 * 14900

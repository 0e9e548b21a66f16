"""Two runs of the renewals at once, with real commits: the gateway's own books say that each was charged once.

Behind that stand the row's lock with a second look, the unique number of a period, the bill's unique purpose, and the
lease of whoever charges. The control takes them away.
"""

import threading
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection

from apps.billing import services
from apps.billing.models import Bill, Subscription, SubscriptionPeriod
from apps.billing.services import renewals, subscribing
from tests.bookings.racing import GIVE_UP_SECONDS, at_once
from tests.factories.hospitals import HospitalStaffFactory
from tests.factories.subscriptions import PlanFactory

from .subscribing import at, captured, pay, subscribe

pytestmark = pytest.mark.django_db(transaction=True)
DAY = at("2031-02-28")


@pytest.fixture
def begun(fake_gateway):
    """Three hospitals that subscribed on 31 January."""
    plan = PlanFactory(price=Decimal("149.00"))
    found = []
    with time_machine.travel(at("2031-01-31"), tick=False):
        for _number in range(3):
            staff = HospitalStaffFactory()
            subscription = subscribe(staff.user, plan)
            pay(fake_gateway, subscription, staff.user)
            found.append(subscription)
    return found


def run_at_once(count):
    with time_machine.travel(DAY, tick=False):
        at_once(*[lambda: services.renew_subscriptions(DAY)] * count)


def test_four_runs_at_once_and_one_more_renew_and_charge_each_once(fake_gateway, begun):
    run_at_once(4)
    run_at_once(1)
    assert SubscriptionPeriod.objects.count() == Bill.objects.count() == 2 * len(begun)
    assert set(Bill.objects.values_list("status", flat=True)) == {"paid"}
    assert captured(fake_gateway) == 2 * 14900 * len(begun)
    assert set(Subscription.objects.values_list("status", "attempts", "next_charge_at")) == {("active", 0, None)}


def test_control_without_the_lock_and_with_free_numbers_two_runs_charge_twice(fake_gateway, begun, monkeypatch):
    """Both have read the subscription before one of them writes."""
    only = begun[0]
    Subscription.objects.exclude(pk=only.pk).update(status="ended", ended_at=DAY, next_charge_at=None)
    both, numbers = threading.Barrier(2), iter(range(100, 200))

    def read_and_wait(subscription_id, *, by=None):
        found = Subscription.objects.select_related("plan", "next_plan", "payer").get(pk=subscription_id)
        both.wait(GIVE_UP_SECONDS)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(subscribing, "give_up", lambda *args, **kwargs: None)
        patch.setattr(subscribing, "locked", read_and_wait)
        patch.setattr(subscribing, "next_number", lambda subscription: next(numbers))
        with time_machine.travel(DAY, tick=False):
            at_once(*[lambda: renewals.renew(only.pk, now=DAY)] * 2)
    assert SubscriptionPeriod.objects.filter(subscription=only).count() == 3
    with time_machine.travel(DAY, tick=False):
        for bill in Bill.objects.filter(subject_id=only.pk, status="open"):
            services.charge_mandate(bill.pk, subscribing.mandate_of(only), now=DAY)
    charged = [each["captured"] for each in fake_gateway.books().values()]
    assert sum(charged) == (len(begun) + 2) * 14900


def test_the_tables_number_alone_lets_one_of_two_runs_through(fake_gateway, begun, monkeypatch):
    only = begun[0]
    both = threading.Barrier(2)

    def read_and_wait(subscription_id, *, by=None):
        found = Subscription.objects.select_related("plan", "next_plan", "payer").get(pk=subscription_id)
        both.wait(GIVE_UP_SECONDS)
        return found

    def renew_only():
        try:
            return renewals.renew(only.pk, now=DAY)
        except IntegrityError:
            return None

    monkeypatch.setattr(subscribing, "give_up", lambda *args, **kwargs: None)
    monkeypatch.setattr(subscribing, "locked", read_and_wait)
    with time_machine.travel(DAY, tick=False):
        results = at_once(renew_only, renew_only)
    assert sorted(map(str, results)) == ["None", "True"]
    assert SubscriptionPeriod.objects.filter(subscription=only).count() == 2
    assert connection.in_atomic_block is False


def test_of_two_who_charge_one_has_the_lease(fake_gateway, begun):
    Subscription.objects.update(next_charge_at=DAY)
    pks = [each.pk for each in begun]
    taken = at_once(*[lambda: [renewals.lease(pk, now=DAY) for pk in pks]] * 4)
    assert [sum(each) for each in zip(*taken, strict=True)] == [1, 1, 1]

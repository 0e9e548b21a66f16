"""The demo's subscriptions: one in each state, made by the verbs themselves."""

import pytest
from django.utils import timezone

from apps.billing.models import Subscription
from medivoy.demo import hospitals, reference, staff, subscriptions

pytestmark = pytest.mark.django_db


def test_the_hospitals_of_the_demo_have_subscriptions_in_every_state():
    now = timezone.now()
    for room in (reference, staff, hospitals):
        room.load(now)
    assert subscriptions.load(now) == 6
    found = {each.status for each in Subscription.objects.all()}
    assert found == {"pending", "trialing", "active", "past_due", "ended"}
    overdue = Subscription.objects.get(status="past_due")
    assert overdue.attempts == 4
    assert overdue.next_charge_at > now
    assert Subscription.objects.filter(status="active", cancelled_at__isnull=False).count() == 1

"""Paying through a gateway: the row first, then the call; every news once, and nothing lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing import exceptions, gateways, rules, services
from apps.billing.models import MoneyTask, Payment, WebhookEvent
from apps.common.exceptions import Forbidden, Invalid, NotFound
from tests.billing.paying import bill_for, due_now, sums, start, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(patient, fake_gateway):
    return bill_for(patient.user)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def codes(payment):
    return [event.code for event in payment.events.order_by("at", "id")]


def test_a_page_is_opened_paid_and_the_bill_with_it(bill, fake_gateway, client):
    payment = start(bill)
    assert (payment.status, payment.value, payment.gateway) == ("pending", bill.balance, "sandbox")
    assert payment.checkout_url.startswith(fake_gateway.url)
    fake_gateway.pay(payment.checkout_url)
    assert [answer.status_code for answer in fake_gateway.deliver(client)] == [200]
    assert (fresh(payment).status, fresh(bill).status) == ("pending", "open")
    assert services.apply_webhooks() == 1
    assert (fresh(payment).status, fresh(payment).method, fresh(bill).status) == ("completed", "card", "paid")
    assert codes(payment) == ["created", "page_opened", "captured"]
    assert sums(payment) == {"captured": Decimal("120.50")}
    assert WebhookEvent.objects.get().status == "applied"


def test_the_row_is_there_before_the_gateway_is_called(bill, fake_gateway, monkeypatch):
    seen = []
    sandbox = gateways.get("sandbox")
    opened = sandbox.open_checkout

    def look(order):
        seen.append(Payment.objects.get(pk=order.key).status)
        return opened(order)

    monkeypatch.setattr(sandbox, "open_checkout", look)
    start(bill)
    assert seen == ["pending"]

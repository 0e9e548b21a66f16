"""A method that the payer let us keep is kept, whichever of Stripe's news comes first: one tells of the money alone."""

import pytest

from apps.billing import services
from apps.billing.gateways import Facts, Stage
from apps.billing.models import Payment
from tests.billing.paying import bill_for, start

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_the_news_of_the_money_may_come_before_those_of_the_method(patient, fake_gateway, client, order):
    payment = start(bill_for(patient.user), gateway="stripe", keep_method=True)
    fake_gateway.pay(payment.checkout_url)
    told = fake_gateway.take()
    for number in order:
        code, body, headers = told[number]
        answer = client.post(f"/api/v1/webhooks/{code}", data=body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
        services.apply_webhooks()
    paid = Payment.objects.get(pk=payment.pk)
    assert (paid.status, paid.captured) == ("completed", paid.amount)
    assert paid.mandate.customer.startswith("cus_")
    assert paid.entries.count() == 1


def test_a_method_that_nobody_was_asked_for_is_not_kept(patient, fake_gateway, client):
    payment = start(bill_for(patient.user), gateway="stripe")
    fake_gateway.pay(payment.checkout_url)
    fake_gateway.deliver(client)
    services.apply_webhooks()
    assert Payment.objects.get(pk=payment.pk).mandate is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_how_it_was_paid_is_said_of_the_money_and_not_of_an_attempt_before(patient, fake_gateway, order):
    payment = start(bill_for(patient.user), gateway="razorpay")
    attempt = Facts(key=payment.pk, reference="pay_1", stage=Stage.PROCESSING, method="upi")
    money = Facts(key=payment.pk, reference="pay_2", stage=Stage.CAPTURED, captured=payment.value, method="card")
    for number in order:
        services.apply_facts("razorpay", (attempt, money)[number], source="webhook")
    paid = Payment.objects.get(pk=payment.pk)
    assert (paid.status, paid.method, paid.gateway_reference) == ("completed", "card", "pay_2")

"""Refunds over the API."""

import pytest

from apps.billing.models import Refund
from tests.billing.refunding import captured, figures

pytestmark = pytest.mark.django_db


def refund(client, payment, key=None, **body):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        f"/api/v1/payments/{payment.pk}/refund", {"reason": "Asked for"} | body, format="json", headers=headers
    )


def test_a_part_and_then_all_that_is_left(api, coordinator):
    payment = captured()
    first = refund(api(coordinator), payment, amount="30.00")
    assert first.status_code == 201
    shown = first.json()["data"]
    assert (shown["amount"], shown["currency"], shown["status"], shown["cause"]) == (
        "30.00",
        "USD",
        "requested",
        "staff",
    )
    assert refund(api(coordinator), payment).json()["data"]["amount"] == "70.00"
    refused = refund(api(coordinator), payment)
    assert (refused.status_code, refused.json()["code"]) == (409, "billing.refund_too_large")
    assert figures(payment)["refunding"] == 100


def test_more_than_is_left_says_how_much_that_is(api, platform_admin):
    payment = captured("1000", "JPY")
    refused = refund(api(platform_admin), payment, amount="1001")
    assert (refused.status_code, refused.json()["data"]) == (409, {"left": "1000", "currency": "JPY"})
    assert refund(api(platform_admin), payment, amount="0.5").status_code == 400
    assert refund(api(platform_admin), payment, amount="1", reason="").status_code == 400
    assert not Refund.objects.exists()


def test_the_same_key_refunds_once(api, coordinator):
    payment = captured()
    client = api(coordinator)
    first, again = (refund(client, payment, "key-1", amount="30.00") for _time in range(2))
    assert again.json()["data"] == first.json()["data"]
    assert again["Idempotent-Replayed"] == "true"
    assert refund(client, payment, "key-1", amount="31.00").status_code == 422
    assert figures(payment)["refunding"] == 30


def test_payers_read_their_refunds_and_ask_for_none(api, coordinator, patient, other_patient):
    payment = captured(payer=patient.user)
    refund(api(coordinator), payment, amount="30.00", reason="Goodwill")
    answer = api(patient.user).get(f"/api/v1/payments/{payment.pk}/refunds")
    [row] = answer.json()["data"]
    assert (row["amount"], row["status"]) == ("30.00", "requested")
    assert "Goodwill" not in answer.content.decode()
    assert refund(api(patient.user), payment, amount="1").status_code == 403
    assert api(other_patient.user).get(f"/api/v1/payments/{payment.pk}/refunds").status_code == 404

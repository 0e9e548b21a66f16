"""Webhooks: signed, kept once, answered at once, applied by a worker, seen by staff."""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.billing import exceptions, services
from apps.billing.models import Payment, WebhookEvent
from apps.billing.services import applying
from apps.common.exceptions import Forbidden
from tests.billing.paying import bill_for, due_now, start, sums, work

pytestmark = pytest.mark.django_db
TWILIO = "/api/v1/webhooks/twilio"


@pytest.fixture
def payment(patient, fake_gateway):
    return start(bill_for(patient.user))


@pytest.fixture
def paid(payment, fake_gateway):
    fake_gateway.pay(payment.checkout_url)
    return payment


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def hand_over(client, fake_gateway, path="/api/v1/payments/webhook", **changes):
    _code, body, headers = fake_gateway.take()[0]
    return client.post(path, data=changes.get("body", body), content_type="application/json", headers=headers)


@pytest.mark.parametrize("path", ["/api/v1/payments/webhook", "/api/v1/webhooks/sandbox"])
def test_what_is_signed_is_kept_and_answered_before_it_is_applied(client, paid, fake_gateway, path):
    assert hand_over(client, fake_gateway, path).status_code == 200
    webhook = WebhookEvent.objects.get()
    assert (webhook.sender, webhook.status, webhook.times_sent) == ("sandbox", "received", 1)
    assert fresh(paid).status == "pending"
    services.apply_webhooks()
    assert (fresh(paid).status, fresh(webhook).status, fresh(webhook).payment) == ("completed", "applied", paid)


def test_what_is_not_signed_is_refused_and_nothing_of_it_is_kept(client, paid, fake_gateway):
    refused = hand_over(client, fake_gateway, body=b'{"id": "evt"}')
    assert (refused.status_code, refused.json()["code"]) == (400, "billing.bad_signature")
    for path in ("/api/v1/payments/webhook", "/api/v1/webhooks/stripe", "/api/v1/webhooks/razorpay", TWILIO):
        assert client.post(path, data=b"{}", content_type="application/json").status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("path", ["/api/v1/payments/webhook", "/api/v1/webhooks/stripe"])
@pytest.mark.parametrize("header", ["t=1,v1=é", "t=é,v1=1", "t=1", ",", "v1=1"])
def test_whatever_stands_in_place_of_a_signature_is_refused(client, fake_gateway, path, header):
    refused = client.post(path, data=b"{}", content_type="application/json", headers={"Stripe-Signature": header})
    assert (refused.status_code, refused.json()["code"]) == (400, "billing.bad_signature")


def test_another_gateways_address_takes_it_not(client, paid, fake_gateway):
    assert hand_over(client, fake_gateway, "/api/v1/webhooks/stripe").status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_body_above_all_measure_is_not_read(client):
    answer = client.post(
        "/api/v1/webhooks/stripe", data=b"x" * (256 * 1024 + 1), content_type="application/json",
        headers={"Stripe-Signature": "t=1,v1=2"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_the_same_event_is_one_row_and_does_nothing_twice(client, paid, fake_gateway):
    fake_gateway.deliver(client, copies=3)
    assert WebhookEvent.objects.get().times_sent == 3
    services.apply_webhooks()
    assert (sums(paid), paid.events.filter(code="captured").count()) == ({"captured": paid.amount}, 1)


def test_news_of_a_payment_that_we_do_not_know_are_parked_and_tried_again(client, paid, fake_gateway, time_machine):
    Payment.objects.filter(pk=paid.pk).update(gateway="stripe", checkout_reference="")  # as if it were not there yet
    fake_gateway.deliver(client)
    services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    assert (webhook.status, webhook.reason) == ("parked", "unknown_object")
    Payment.objects.filter(pk=paid.pk).update(gateway="sandbox")
    services.apply_webhooks()
    assert fresh(webhook).status == "parked"
    time_machine.move_to(webhook.next_attempt_at + timedelta(seconds=1))
    services.apply_webhooks()
    assert (fresh(webhook).status, fresh(paid).status) == ("applied", "completed")


def test_what_stays_unknown_for_three_days_is_left_to_a_person(client, paid, fake_gateway, time_machine):
    Payment.objects.filter(pk=paid.pk).update(gateway="stripe", checkout_reference="")
    fake_gateway.deliver(client)
    tries = 0
    while (due := WebhookEvent.objects.get().next_attempt_at) and tries < 100:
        tries += 1
        time_machine.move_to(max(due, timezone.now()) + timedelta(seconds=1))
        services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    assert (webhook.status, webhook.next_attempt_at) == ("parked", None)
    assert timezone.now() - webhook.received_at > timedelta(days=3)
    assert 10 < tries < 40


def test_another_payment_brings_no_parked_news_back_that_are_not_its_own(
    client, paid, patient, fake_gateway, time_machine
):
    Payment.objects.filter(pk=paid.pk).update(gateway="stripe", checkout_reference="")
    fake_gateway.deliver(client)
    services.apply_webhooks()
    start(bill_for(patient.user))
    services.apply_webhooks()
    assert WebhookEvent.objects.get().attempts == 1
    time_machine.move_to(timezone.now() + timedelta(days=91))
    services.empty_old_webhooks()
    start(bill_for(patient.user))
    services.apply_webhooks()
    assert (WebhookEvent.objects.get().status, WebhookEvent.objects.get().reason) == ("parked", "unknown_object")


def test_what_cannot_be_applied_is_tried_eight_times_and_stays_visible(
    client, paid, fake_gateway, time_machine, monkeypatch, caplog
):
    def fails(*_args, **_more):
        raise RuntimeError("of Canary Payer")

    monkeypatch.setattr(applying, "apply_facts", fails)
    fake_gateway.deliver(client)
    for _time in range(9):
        due = WebhookEvent.objects.get().next_attempt_at
        if due is None:
            break
        time_machine.move_to(max(due, timezone.now()) + timedelta(seconds=1))
        services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    assert (webhook.status, webhook.attempts, webhook.reason) == ("failed", 8, "RuntimeError")
    assert "Canary" not in caplog.text


def test_one_that_fails_stops_no_other(client, patient, fake_gateway, monkeypatch):
    payments = [start(bill_for(patient.user)) for _number in range(3)]
    for payment in payments:
        fake_gateway.pay(payment.checkout_url)
    fake_gateway.deliver(client)
    apply = applying.apply_facts

    def fails_for_one(gateway, facts, **more):
        if facts.key == payments[0].pk:
            raise RuntimeError
        return apply(gateway, facts, **more)

    monkeypatch.setattr(applying, "apply_facts", fails_for_one)
    services.apply_webhooks()
    assert [fresh(payment).status for payment in payments] == ["pending", "completed", "completed"]


def test_a_replay_changes_nothing_that_stands_and_is_the_desks(client, paid, fake_gateway, coordinator, patient):
    fake_gateway.deliver(client)
    services.apply_webhooks()
    webhook, before = WebhookEvent.objects.get(), sums(paid)
    with pytest.raises(Forbidden):
        services.replay_webhook(webhook.pk, by=patient.user)
    services.replay_webhook(webhook.pk, by=coordinator)
    assert fresh(webhook).status == "received"
    services.apply_webhooks()
    assert (fresh(webhook).status, sums(paid)) == ("applied", before)


def test_what_webhooks_said_is_gone_after_ninety_days(client, paid, fake_gateway, coordinator, time_machine):
    fake_gateway.deliver(client)
    services.apply_webhooks()
    assert services.empty_old_webhooks() == 0
    time_machine.move_to(timezone.now() + timedelta(days=91))
    assert services.empty_old_webhooks() == 1
    webhook = WebhookEvent.objects.get()
    assert (webhook.body, webhook.status) == ("", "applied")
    with pytest.raises(exceptions.NotReplayable):
        services.replay_webhook(webhook.pk, by=coordinator)


def signed_by_twilio(url, told, token="twilio-token"):
    text = url + "".join(name + told[name] for name in sorted(told))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_a_receipt_of_twilio_is_checked_by_the_public_address_and_kept_once_a_status(client, settings):
    settings.TWILIO_AUTH_TOKEN, settings.PUBLIC_URL = "twilio-token", "https://medivoy.example.com"

    def send(told, url=f"https://medivoy.example.com{TWILIO}"):
        return client.post(
            TWILIO, data=urlencode(told), content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signed_by_twilio(url, told)},
        ).status_code  # fmt: skip

    delivered = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+15550100"}
    assert send(delivered, url=f"http://testserver{TWILIO}") == 400
    assert [send(delivered), send(delivered), send(delivered | {"MessageStatus": "sent"})] == [200, 200, 200]
    rows = WebhookEvent.objects.order_by("event_id").values_list("event_id", "status", "reason", "times_sent")
    assert list(rows) == [("SM1:delivered", "parked", "no_sms_channel", 2), ("SM1:sent", "parked", "no_sms_channel", 1)]
    assert services.apply_webhooks() == 0


def test_the_inbox_shows_what_became_of_each_and_its_body_to_admins_alone(
    client, paid, fake_gateway, coordinator, platform_admin
):
    fake_gateway.deliver(client)
    services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    page = reverse("admin:billing_webhookevent_change", args=[webhook.pk])
    for user, sees_body in ((coordinator, False), (platform_admin, True)):
        client.force_login(user)
        assert paid.number in client.get(reverse("admin:billing_webhookevent_changelist")).content.decode()
        assert (paid.checkout_reference in client.get(page).content.decode()) is sees_body
    client.post(reverse("admin:billing_webhookevent_replay", args=[webhook.pk]))
    assert fresh(webhook).status == "received"
    assert client.get(reverse("admin:billing_webhookevent_replay", args=[webhook.pk])).status_code == 405


def test_a_payments_page_shows_its_story_and_asks_the_gateway(client, paid, fake_gateway, coordinator):
    client.force_login(coordinator)
    page = reverse("admin:billing_payment_change", args=[paid.pk])
    assert "Payment page opened" in client.get(page).content.decode()
    client.post(reverse("admin:billing_payment_ask", args=[paid.pk]))
    assert fresh(paid).status == "completed"
    shown = client.get(page).content.decode()
    assert "Money came in" in shown
    assert "Paid in" in shown


def test_a_refund_and_a_dispute_told_before_the_payment_end_as_told_in_order(client, paid, fake_gateway):
    fake_gateway.refund_at_gateway(paid.pk, 2050)
    fake_gateway.dispute(paid.pk, 1000)
    fake_gateway.deliver(client, order="reversed", copies=2)
    work()
    due_now()
    work()
    payment = fresh(paid)
    assert payment.status == "disputed"
    assert [payment.figure(each).minor for each in ("captured", "refunded", "withheld")] == [12050, 2050, 1000]

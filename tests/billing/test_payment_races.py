"""Many at once, with real commits: one page a bill, one capture a payment, one row a webhook. Each with its control."""

import pytest

from apps.billing import gateways, querysets, services
from apps.billing.models import LedgerEntry, Payment, WebhookEvent
from apps.billing.services import ledger
from apps.common import ids
from apps.common.exceptions import Busy
from tests.billing.paying import bill_for, start
from tests.bookings.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


@pytest.fixture
def unlocked(monkeypatch):
    monkeypatch.setattr(querysets.BilledQuerySet, "lock", lambda rows, pk: rows.get(pk=pk))


def click(bill):
    try:
        return start(bill).pk
    except Busy:
        return None


def clicks(patient):
    bill = bill_for(patient.user)
    return {found for found in at_once(*[lambda: click(bill)] * MANY) if found}


def open_pages(fake):
    return [each for each in fake.server.books.checkouts.values() if each.status == "open"]


def test_twenty_clicks_at_once_open_one_page(patient, fake_gateway):
    assert len(clicks(patient)) == 1
    assert (Payment.objects.count(), len(open_pages(fake_gateway))) == (1, 1)


@pytest.mark.usefixtures("unlocked")
def test_control_without_the_bills_lock_there_are_several(patient, fake_gateway):
    clicks(patient)
    assert len(open_pages(fake_gateway)) > 1


def told_by_everybody(payment):
    """Return page, sweep and webhooks at the same moment; how many of them ended in an error."""
    facts = gateways.get("sandbox").look_up(payment.pk, checkout="", reference="")

    def tell():
        try:
            services.apply_facts("sandbox", facts, source="return")
        except Exception as error:  # noqa: BLE001  it is counted
            return type(error).__name__
        return ""

    return [error for error in at_once(*[tell] * MANY) if error]


def paid(patient, fake):
    payment = start(bill_for(patient.user))
    fake.pay(payment.checkout_url)
    return payment


def test_twenty_who_tell_the_same_at_once_capture_once(patient, fake_gateway):
    payment = paid(patient, fake_gateway)
    assert told_by_everybody(payment) == []
    assert [entry.value for entry in LedgerEntry.objects.filter(payment=payment)] == [payment.value]
    assert payment.events.filter(code="captured").count() == 1


@pytest.mark.usefixtures("unlocked")
def test_control_without_the_locks_the_ledgers_key_alone_stops_a_second_capture(patient, fake_gateway):
    assert told_by_everybody(paid(patient, fake_gateway))


@pytest.mark.usefixtures("unlocked")
def test_control_without_locks_and_key_there_are_several_captures(patient, fake_gateway, monkeypatch):
    enter = ledger.enter
    monkeypatch.setattr(ledger, "enter", lambda *given, key, **more: enter(*given, key=f"{ids.uuid7()}", **more))
    payment = paid(patient, fake_gateway)
    told_by_everybody(payment)
    total = sum(entry.amount for entry in LedgerEntry.objects.filter(payment=payment))
    errors = payment.events.filter(code="captured").count()
    assert total > payment.amount or errors > 1


def test_twenty_copies_of_a_webhook_at_once_are_one_row_and_one_capture(patient, fake_gateway):
    payment = paid(patient, fake_gateway)
    [(code, body, headers)] = fake_gateway.take()

    def receive():
        services.receive_webhook(code, body, headers)
        return services.apply_webhooks()

    at_once(*[receive] * MANY)
    services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    assert (webhook.times_sent, webhook.status) == (MANY, "applied")
    assert LedgerEntry.objects.filter(payment=payment).count() == 1


def test_control_without_the_unique_key_each_copy_is_a_row(patient, fake_gateway, monkeypatch):
    paid(patient, fake_gateway)
    [(code, body, headers)] = fake_gateway.take()
    gateway, read = gateways.get(code), gateways.get(code).read_notice

    def another(body, headers, *, now):
        notice = read(body, headers, now=now)
        return gateways.Notice(f"{ids.uuid7()}", notice.kind, notice.occurred_at, notice.facts)

    monkeypatch.setattr(gateway, "read_notice", another)
    at_once(*[lambda: services.receive_webhook(code, body, headers)] * MANY)
    assert WebhookEvent.objects.count() == MANY

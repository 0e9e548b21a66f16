"""Processes killed with -9 while they pay: the gateway has one payment, and so have we, and nobody is charged twice.

Each is a process of its own on this test's database, and talks to the test gateway over HTTP.
"""

import os
import signal
import subprocess
import sys

import pytest

from apps.billing import services
from apps.billing.models import Payment
from tests.billing.paying import bill_for, due_now, start, work
from tests.fakes.gateway import fake_gateway  # noqa: F401  a fixture

from .test_refunds_survive import PATIENCE_SECONDS, ROOT, environment, until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SETUP = "import django; django.setup(); from apps.billing import services; from apps.billing.models import *; "


def killed(fake, code, *, when, what):
    with subprocess.Popen([sys.executable, "-c", SETUP + code], cwd=ROOT, env=environment(fake)) as process:
        until(when, what=what)
        assert process.poll() is None, "it ended before it was killed"
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("moment", ["before the gateway acts", "after the gateway has acted"])
def test_a_request_killed_between_its_row_and_its_page_opens_one_page(fake_gateway, patient, moment):  # noqa: F811
    bill = bill_for(patient.user)
    opens = f"services.start_payment(by=None, gateway='sandbox', bill_id='{bill.pk}')"
    opens = opens.replace("by=None", f"by=Bill.objects.get(pk='{bill.pk}').payer")
    books = fake_gateway.server.books
    if moment.startswith("before"):
        with fake_gateway.server.lock:
            killed(fake_gateway, opens, when=Payment.objects.exists, what="the row")
    else:
        fake_gateway.delay(PATIENCE_SECONDS, path="checkouts")
        killed(fake_gateway, opens, when=lambda: len(books.checkouts) == 1, what="the page at the gateway")
    fake_gateway.heal()
    row = Payment.objects.get()
    assert (row.status, row.checkout_url) == ("pending", "")
    again = start(bill)
    assert (again.pk, bool(again.checkout_url)) == (row.pk, True)
    assert len(books.checkouts) == 1
    fake_gateway.pay(again.checkout_url)
    due_now()
    work()
    bill.refresh_from_db()
    assert (bill.status, fake_gateway.books()[str(row.pk)]["captured"]) == ("paid", 12050)


@pytest.mark.parametrize("moment", ["before the gateway acts", "after the gateway has acted"])
def test_a_worker_killed_while_it_charges_charges_once(fake_gateway, patient, moment):  # noqa: F811
    first = start(bill_for(patient.user), keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    first.refresh_from_db()
    bill = bill_for(patient.user, "19.00")
    charges = f"services.charge_mandate('{bill.pk}', Mandate.objects.get(pk='{first.mandate_id}'))"
    rows = Payment.objects.filter(bill=bill)
    if moment.startswith("before"):
        with fake_gateway.server.lock:
            killed(fake_gateway, charges, when=rows.exists, what="the row")
    else:
        fake_gateway.delay(PATIENCE_SECONDS, path="charges")
        killed(fake_gateway, charges, when=lambda: len(fake_gateway.books()) == 2, what="the charge")
    fake_gateway.heal()
    row = rows.get()
    assert row.status == "pending"
    due_now()
    services.ask_gateways()
    row.refresh_from_db()
    assert row.status == "completed"
    charged = [payment for payment in fake_gateway.server.books.payments.values() if payment.amount == 1900]
    assert [payment.captured for payment in charged] == [1900]


def test_a_worker_killed_while_it_applies_leaves_the_webhook_to_the_next(fake_gateway, patient, client):  # noqa: F811
    payment = start(bill_for(patient.user))
    fake_gateway.pay(payment.checkout_url)
    fake_gateway.deliver(client)
    waits = (
        "import time; from apps.billing.services import ledger; settle = ledger.settle_payment\n"
        "def slow(*a, **k):\n    settle(*a, **k); open('{flag}', 'w').close(); time.sleep(90)\n"
        "ledger.settle_payment = slow; services.apply_webhooks()"
    )
    flag = ROOT / "var" / f"applied-{payment.pk}"
    flag.parent.mkdir(exist_ok=True)
    try:
        killed(fake_gateway, "\n" + waits.format(flag=flag), when=flag.exists, what="it has written, not committed")
    finally:
        flag.unlink(missing_ok=True)
    payment.refresh_from_db()
    assert payment.status == "pending"
    until(lambda: services.apply_webhooks() == 1, what="the dead worker's lock is gone")
    payment.refresh_from_db()
    assert (payment.status, payment.entries.count()) == ("completed", 1)

"""A worker killed with -9 while it refunds: the gateway has one refund, and so have we.

The worker is a process of its own on this test's database, and talks to the test gateway over HTTP.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from apps.billing import services
from tests.billing.refunding import bill_of, captured, figures, usd
from tests.fakes.gateway import fake_gateway  # noqa: F401  a fixture

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
WORKER = "import django; django.setup(); from apps.billing import services; services.send_refunds()"


def environment(fake):
    database = connection.settings_dict
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    port = f":{database['PORT']}" if database["PORT"] else ""
    return (
        os.environ
        | fake.settings()
        | {
            "MEDIVOY_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "medivoy.settings",
            "DATABASE_URL": f"postgres://{login}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}",
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(ROOT),
        }
    )


def until(holds, *, what):
    deadline, tick = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, f"not seen within {PATIENCE_SECONDS} s: {what}"
        tick.wait(0.05)


@pytest.mark.parametrize("moment", ["before the gateway acts", "after the gateway has acted"])
def test_a_worker_killed_between_its_claim_and_its_mark_refunds_once(
    fake_gateway,  # noqa: F811
    coordinator,
    time_machine,
    moment,
):
    payment = captured(fake=fake_gateway, bill=bill_of())
    refund = services.request_refund(payment.pk, usd("30"), by=coordinator, cause="staff", reason="Why")
    there = fake_gateway.books()[str(payment.pk)]["refunded"]
    assert there == 0
    if moment.startswith("before"):
        fake_gateway.server.lock.acquire()
    else:
        fake_gateway.delay(PATIENCE_SECONDS, path="refunds")
    try:
        with subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment(fake_gateway)) as worker:
            if moment.startswith("before"):
                until(lambda: _claimed(refund), what="the worker has claimed the refund")
            else:
                until(lambda: fake_gateway.books()[str(payment.pk)]["refunded"], what="the gateway has acted")
            assert worker.poll() is None, "the worker ended before it was killed"
            os.kill(worker.pid, signal.SIGKILL)
    finally:
        if moment.startswith("before"):
            fake_gateway.server.lock.release()
    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("sent", 1)
    assert figures(payment)["refunding"] == 30
    fake_gateway.heal()
    time_machine.move_to(refund.next_attempt_at + timedelta(seconds=1))
    assert services.send_refunds() == 1
    assert figures(payment)["refunded"] == 30
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 3000


def _claimed(refund):
    refund.refresh_from_db()
    return refund.status == "sent"

"""A consultation is held, paid on the gateway's page, confirmed, invoiced, cancelled and refunded, over HTTP on the
running system; with the test gateway, and with Razorpay and Stripe through their own SDKs."""

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from tests.faults import stack

pytestmark = pytest.mark.faults

#: Each waits minutes for jobs by the clock; their SDKs speak to the same server in tests/billing.
vendors = pytest.mark.skipif("MEDIVOY_VENDORS" not in os.environ, reason="MEDIVOY_VENDORS=1 pays by them, too")

CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
}
ENTERED = """
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'captured'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'refunded'), 0)
    FROM billing_ledgerentry WHERE payment_id = %s
"""


class World:
    """The running system, and who is in it."""

    def __init__(self, system):
        self.system = system
        self.cast = json.loads(system.manage("-m", "tests.journeys.prepare_money"))
        self.api = f"http://127.0.0.1:{system.port}/api/v1"

    def ask(self, method, path, token, *, status=200, **more):
        answer = httpx.request(
            method,
            f"{self.api}{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
            **more,
        )
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json()["data"] if is_json else answer

    def control(self, method, what, **data):
        answer = httpx.request(method, f"{self.system.gateway}/_control/{what}", json=data or None, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def held(self, token, number):
        """The patient holds one of the doctor's free times."""
        first = datetime.now(UTC).date() + timedelta(days=4)
        period = f"from={first}&to={first + timedelta(days=2)}"
        free = self.ask("GET", f"/doctors/{self.cast['doctor']}/schedule?{period}", token)["slots"]
        body = {
            "doctor_id": self.cast["doctor"], "hospital_id": self.cast["hospital"],
            "starts_at": free[number]["starts_at"],
        }  # fmt: skip
        return self.ask("POST", "/appointments/hold", token, status=201, json=body)

    def begun(self, token, held, gateway):
        """A page is open on which it is paid."""
        body = {"appointment_id": held["id"], "gateway": gateway}
        return self.ask("POST", "/payments", token, status=201, json=body)

    def becomes(self, token, held, status):
        path = f"/appointments/{held['id']}"
        self.system.until(lambda: self.ask("GET", path, token)["status"] == status, what=f"{status}")
        return self.ask("GET", path, token)


@pytest.fixture(scope="module")
def world():
    with stack.running() as system:
        yield World(system)


def pay_in_a_browser(address):
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        page = browser.new_page()
        page.goto(address)
        assert "Test gateway" in page.content()
        page.get_by_role("button", name="Pay", exact=True).click()
        page.wait_for_load_state()
        shown = page.url
        browser.close()
    return shown


def pay_by_the_form(address):
    answer = httpx.post(address, data={"act": "pay"}, trust_env=False)
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.parametrize(
    ("number", "gateway", "pay"),
    [
        (0, "sandbox", pay_in_a_browser),
        pytest.param(1, "razorpay", pay_by_the_form, marks=vendors),
        pytest.param(2, "stripe", pay_by_the_form, marks=vendors),
    ],
)
def test_from_the_hold_to_the_refund_our_books_are_the_gateways(world, number, gateway, pay):
    token = world.cast["tokens"][number]
    held = world.held(token, number)
    payment = world.begun(token, held, gateway)
    assert (payment["amount"], payment["currency"]) == (held["fee"], held["currency"])
    assert pay(payment["checkout_url"])

    # The webhook books it; the doctor confirms.
    booked = world.becomes(token, held, "requested")
    assert booked["is_paid"] is True
    confirm = {"status": "appointment_confirmed"}
    world.ask("PATCH", f"/appointments/{held['id']}/status", world.cast["doctor_token"], json=confirm)

    # An invoice comes by itself.
    bill = world.ask("GET", f"/payments/{payment['id']}", token)["bill_id"]
    invoices = f"/invoices?bill={bill}"
    world.system.until(lambda: world.ask("GET", invoices, token), what="an invoice")
    pdf = world.ask("GET", f"/invoices/{world.ask('GET', invoices, token)[0]['id']}/pdf", token)
    assert pdf.content.startswith(b"%PDF")

    # What was foretold is what the gateway gives back.
    foretold = world.ask("GET", f"/appointments/{held['id']}/cancellation", token)
    assert (foretold["is_possible"], foretold["refund"]["percent"]) == (True, 100)
    world.ask("DELETE", f"/appointments/{held['id']}", token, status=204)
    world.system.until(
        lambda: world.ask("GET", f"/payments/{payment['id']}", token)["status"] == "refunded", what="the refund"
    )
    books = world.control("GET", "books")[payment["id"]]
    captured, refunded = world.system.rows(ENTERED, payment["id"])[0]
    assert (captured, refunded) == (Decimal(held["fee"]), Decimal(foretold["refund"]["amount"]))
    assert (books["captured"], books["refunded"]) == (int(captured * 100), int(refunded * 100))
    assert world.ask("GET", f"/bills/{bill}", token)["status"] == "cancelled"


def test_with_every_webhook_lost_the_sweep_books_what_was_paid(world):
    token = world.cast["tokens"][3]
    world.control("POST", "webhooks", drop=100)
    held = world.held(token, 3)
    payment = world.begun(token, held, "stripe")
    pay_by_the_form(payment["checkout_url"])
    assert world.becomes(token, held, "requested")["is_paid"] is True
    sent = "SELECT count(*) FROM billing_webhookevent WHERE payment_id = %s"
    assert world.system.rows(sent, payment["id"]) == [(0,)]
    assert world.system.rows(ENTERED, payment["id"])[0][0] == Decimal(held["fee"])

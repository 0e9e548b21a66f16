"""The test gateway in a test: the real SDKs talk to it over HTTP, and it is paid, disputed and refunded from here.

    def test_a_payment_is_captured(fake_gateway, client):          # the fixture sets all settings, also the addresses
        checkout = gateways.get("sandbox").open_checkout(order)    # or "stripe", "razorpay"
        fake_gateway.pay(checkout.url)                              # as a click on the hosted page, over HTTP
        fake_gateway.deliver(client)                                # its webhooks, signed, to ROUTES

In another folder than tests/billing, import the fixture: `from tests.fakes.gateway import fake_gateway  # noqa: F401`.

Acts of the payer: `pay`, `decline`, `pay_later`, `leave` (a checkout's URL, or our payment's id). Of their bank, by our
payment's id: `settle` and `fail` (what was paid later), `capture_late`, `dispute`, `win_disputes`, `lose_disputes`. At
the gateway's own pages: `refund_at_gateway`, `settle_refunds`, `fail_refunds`. `refunds_become("pending")`: new ones.

Faults: `lose(path="refunds")` acts and cuts the connection instead of answering; `cut()` before acting;
`delay(seconds)`; `answer(status)`; `nonsense()`. Each for the next `times=1` calls that match `vendor=`, `method=`,
`path=`; `heal()` takes them back.

Webhooks wait until `deliver(client, order=None | "reversed" | <seed>, copies=1)`, which returns the responses, or
`take()`, which returns them as (code, body, headers) to hand over in any way. `forget()` drops all that wait.
`books()` is {our payment's id: {"vendor", "currency", "captured", "refunded", "disputed"}} in the vendor's units, which
are `Money.minor` but for Stripe's special currencies (ISK, UGX: a hundred to a whole).
"""

import random
from collections.abc import Iterator

import httpx
import pytest

from medivoy.fake_gateway import Endpoint, Fault, Gateway, control

KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_of_the_tests",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
    "RAZORPAY_KEY_ID": "rzp_test_of_the_tests",
    "RAZORPAY_KEY_SECRET": "secret-of-the-tests",
    "RAZORPAY_WEBHOOK_SECRET": "webhook-secret-of-the-tests",
    "SANDBOX_GATEWAY_SECRET": "sandbox-secret-of-the-tests",
}
ENDPOINTS = {
    "stripe": Endpoint(KEYS["STRIPE_SECRET_KEY"], KEYS["STRIPE_WEBHOOK_SECRET"]),
    "razorpay": Endpoint(f"{KEYS['RAZORPAY_KEY_ID']}:{KEYS['RAZORPAY_KEY_SECRET']}", KEYS["RAZORPAY_WEBHOOK_SECRET"]),
    "sandbox": Endpoint(KEYS["SANDBOX_GATEWAY_SECRET"], KEYS["SANDBOX_GATEWAY_SECRET"]),
}
ROUTES = {code: f"/api/v1/webhooks/{code}" for code in ENDPOINTS}


class FakeGateway:
    def __init__(self, endpoints=ENDPOINTS) -> None:
        self.server = Gateway(endpoints)
        self.server.start()
        self.url = self.server.url

    def stop(self) -> None:
        self.server.stop()

    def settings(self) -> dict[str, str]:
        """What our settings must be to reach it."""
        return KEYS | {
            "STRIPE_API_BASE": f"{self.url}/stripe",
            "RAZORPAY_API_BASE": f"{self.url}/razorpay",
            "SANDBOX_GATEWAY_URL": f"{self.url}/sandbox",
        }

    def books(self) -> dict[str, dict]:
        with self.server.lock:
            return self.server.books.summary()

    # --- acts ---

    def pay(self, checkout) -> str:
        """Returns the address that the payer is sent back to."""
        return self._click(checkout, "pay")

    def pay_later(self, checkout) -> str:
        return self._click(checkout, "later")

    def decline(self, checkout) -> None:
        self._click(checkout, "decline")

    def leave(self, checkout) -> str:
        return self._click(checkout, "leave")

    def settle(self, payment) -> None:
        self._act("settle", payment)

    def fail(self, payment) -> None:
        self._act("fail", payment)

    def capture_late(self, payment) -> None:
        self._act("capture_late", payment)

    def dispute(self, payment, amount=None) -> None:
        self._act("dispute", payment, amount)

    def win_disputes(self, payment) -> None:
        self._act("win_disputes", payment)

    def lose_disputes(self, payment) -> None:
        self._act("lose_disputes", payment)

    def refund_at_gateway(self, payment, amount=None) -> None:
        self._act("refund", payment, amount)

    def settle_refunds(self, payment) -> None:
        self._act("settle_refunds", payment)

    def fail_refunds(self, payment) -> None:
        self._act("fail_refunds", payment)

    def refunds_become(self, status: str) -> None:
        """succeeded (as at first), pending, or failed."""
        self.server.books.refunds_become = status

    def decline_card(self, method: str) -> None:
        """The next charges of this mandate's method are declined."""
        self.server.books.declined_cards.add(method)

    # --- faults ---

    def lose(self, **which) -> None:
        self._fault("lose", **which)

    def cut(self, **which) -> None:
        self._fault("cut", **which)

    def delay(self, seconds: float, **which) -> None:
        self._fault("delay", seconds=seconds, **which)

    def answer(self, status: int, **which) -> None:
        self._fault("status", status=status, **which)

    def nonsense(self, **which) -> None:
        self._fault("nonsense", **which)

    def heal(self) -> None:
        self.server.faults.clear()

    # --- webhooks ---

    def take(self) -> list[tuple[str, bytes, dict[str, str]]]:
        return [(each.vendor, each.body, each.headers()) for each in self.server.deliveries.take()]

    def forget(self) -> int:
        return len(self.server.deliveries.take())

    def deliver(self, client, *, order=None, copies: int = 1) -> list:
        waiting = self.take() * copies
        if order == "reversed":
            waiting.reverse()
        elif order is not None:
            random.Random(order).shuffle(waiting)
        return [
            client.post(ROUTES[code], data=body, content_type="application/json", headers=headers)
            for code, body, headers in waiting
        ]

    # --- inside ---

    def _act(self, what: str, payment, amount=None) -> None:
        with self.server.lock:
            control.act(self.server, what, payment=str(payment), amount=amount)

    def _click(self, checkout, act: str) -> str:
        answer = httpx.post(self._page(str(checkout)), data={"act": act}, trust_env=False)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return answer.headers["Location"]

    def _page(self, checkout: str) -> str:
        if "/" in checkout:
            return checkout
        known = self.server.books.checkouts
        found = [each.id for each in known.values() if checkout in (each.id, each.key)]
        return f"{self.url}/pay/{found[-1]}"

    def _fault(self, kind: str, **which) -> None:
        self.server.faults.calls.append(Fault(kind, **which))


@pytest.fixture
def fake_gateway(settings) -> Iterator[FakeGateway]:
    fake = FakeGateway()
    for name, value in fake.settings().items():
        setattr(settings, name, value)
    yield fake
    fake.stop()

"""What the gateway knows, whichever vendor's language it is asked in, and every act that changes it.

Amounts are whole numbers of the units that the vendor counts in. Whoever calls holds the server's lock.
"""

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

_LETTERS = string.ascii_letters + string.digits
#: How long a bank has the evidence asked for.
_EVIDENCE_SECONDS = 7 * 24 * 60 * 60


class NotPossible(Exception):
    """What was asked cannot be done to it as it stands; the text is for the vendor's own words."""


@dataclass
class Refund:
    id: str
    amount: int
    key: str
    #: pending, succeeded, failed
    status: str
    created: int
    failure: str = ""
    notes: dict[str, str] = field(default_factory=dict)


@dataclass
class Dispute:
    id: str
    amount: int
    reason: str
    created: int
    due: int
    #: open, won, lost
    status: str = "open"


@dataclass
class Payment:
    id: str
    vendor: str
    amount: int
    currency: str
    created: int
    key: str = ""
    #: open, processing, captured, failed, expired
    stage: str = "open"
    captured: int | None = None
    method: str = ""
    failure: str = ""
    checkout: str = ""
    #: Whom it may be charged to again, and by what.
    customer: str = ""
    card: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)

    def refunded(self, *statuses: str) -> int:
        return sum(refund.amount for refund in self.refunds if refund.status in (statuses or ("succeeded",)))

    def disputed(self) -> int:
        """Withheld or gone: a dispute that was won gives it back."""
        return sum(dispute.amount for dispute in self.disputes if dispute.status != "won")


@dataclass
class Checkout:
    id: str
    vendor: str
    amount: int
    currency: str
    created: int
    expires: int
    key: str = ""
    #: open, complete, expired, cancelled
    status: str = "open"
    description: str = ""
    return_url: str = ""
    cancel_url: str = ""
    keeps_method: bool = False
    payments: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


#: Told of every act: its name, the payment or checkout, and what else it is about.
Listener = Callable[[str, Any, Any], None]


class Books:
    """All checkouts and payments. `now` is asked, so that a test's clock counts here too."""

    def __init__(self, tell: Listener, *, now: Callable[[], float] = time.time) -> None:
        self._tell = tell
        self._now = now
        self.checkouts: dict[str, Checkout] = {}
        self.payments: dict[str, Payment] = {}
        #: What new refunds become: succeeded, pending, or failed.
        self.refunds_become = "succeeded"
        #: Cards that are declined when they are charged without their owner.
        self.declined_cards: set[str] = set()

    def now(self) -> int:
        return int(self._now())

    # --- pages ---

    def open_checkout(self, vendor: str, prefix: str, **facts: Any) -> Checkout:
        checkout = Checkout(id=new_id(prefix), vendor=vendor, created=self.now(), **facts)
        self.checkouts[checkout.id] = checkout
        return checkout

    def lapse(self) -> None:
        """Pages whose time is over close."""
        for checkout in list(self.checkouts.values()):
            if checkout.status == "open" and checkout.expires <= self.now():
                self.close(checkout, "expired")

    def close(self, checkout: Checkout, status: str) -> None:
        if checkout.status != "open":
            raise NotPossible(f"it is {checkout.status}")
        checkout.status = status
        for payment in self.of(checkout):
            if payment.stage == "open":
                payment.stage = "expired"
        self._tell("checkout_closed", checkout, None)

    def submit(self, checkout: Checkout, how: str, *, method: str = "card") -> Payment:
        """The payer's own act: `pay`, `decline` (their bank refuses), or `later` (their bank takes its time)."""
        self.lapse()
        if checkout.status != "open":
            raise NotPossible(f"it is {checkout.status}")
        payment = self._attempt(checkout, method)
        if how == "decline":
            payment.failure = "card_declined"
            if checkout.vendor == "razorpay":  # that attempt has ended; elsewhere it goes on with another card
                payment.stage = "failed"
            self._tell("declined", payment, checkout)
            return payment
        checkout.status = "complete"
        payment.failure = ""
        if checkout.keeps_method:
            payment.customer = payment.customer or new_id("cus_")
            payment.card = payment.card or new_id("pm_")
        if how == "later":
            payment.stage = "processing"
            self._tell("submitted", payment, checkout)
        else:
            payment.stage, payment.captured = "captured", payment.amount
            self._tell("captured", payment, checkout)
        return payment

    def _attempt(self, checkout: Checkout, method: str) -> Payment:
        """Razorpay makes a payment for every attempt; elsewhere all attempts of a page are one."""
        earlier = self.of(checkout)
        if earlier and checkout.vendor != "razorpay":
            earlier[-1].method = method
            return earlier[-1]
        prefix = {"stripe": "pi_", "razorpay": "pay_", "sandbox": "sbp_"}[checkout.vendor]
        payment = Payment(
            id=new_id(prefix), vendor=checkout.vendor, amount=checkout.amount, currency=checkout.currency,
            created=self.now(), key=checkout.key, checkout=checkout.id, method=method, notes=dict(checkout.notes),
            extra=dict(checkout.extra),
        )  # fmt: skip
        self.payments[payment.id] = payment
        checkout.payments.append(payment.id)
        return payment

    def of(self, checkout: Checkout) -> list[Payment]:
        return [self.payments[payment] for payment in checkout.payments]

    # --- money ---

    def charge(self, vendor: str, prefix: str, *, card: str, **facts: Any) -> Payment:
        """Without the payer. A card that is declined leaves a failed payment behind."""
        payment = Payment(id=new_id(prefix), vendor=vendor, created=self.now(), card=card, method="card", **facts)
        self.payments[payment.id] = payment
        if card in self.declined_cards:
            payment.stage, payment.failure = "failed", "card_declined"
            self._tell("declined", payment, None)
        else:
            payment.stage, payment.captured = "captured", payment.amount
            self._tell("captured", payment, None)
        return payment

    def settle(self, payment: Payment, *, succeeds: bool = True) -> None:
        """What the bank took its time over is done, or fails."""
        if payment.stage != "processing":
            raise NotPossible(f"it is {payment.stage}")
        if succeeds:
            payment.stage, payment.captured = "captured", payment.amount
        else:
            payment.stage, payment.failure = "failed", "payment_failed"
            if payment.vendor == "razorpay":  # a link waits for another attempt
                self.checkouts[payment.checkout].status = "open"
        self._tell("settled", payment, self.checkouts.get(payment.checkout))

    def capture_late(self, payment: Payment) -> None:
        """A payment that had failed, or whose page had closed, is captured after all."""
        if payment.captured is not None:
            raise NotPossible("it is captured")
        payment.stage, payment.captured, payment.failure = "captured", payment.amount, ""
        checkout = self.checkouts.get(payment.checkout)
        if checkout is not None:
            checkout.status = "complete"
        self._tell("captured", payment, checkout)

    def refund(self, payment: Payment, prefix: str, amount: int | None, *, key: str = "", **facts: Any) -> Refund:
        """All that is left where no amount is said. What is disputed is with the bank, and nobody gives it back."""
        if payment.captured is None:
            raise NotPossible("nothing was captured")
        left = payment.captured - payment.refunded("succeeded", "pending") - payment.disputed()
        amount = left if amount is None else amount
        if not 0 < amount <= left:
            raise NotPossible("it is more than what is left")
        refund = Refund(
            id=new_id(prefix), amount=amount, key=key, status=self.refunds_become, created=self.now(), **facts
        )
        if refund.status == "failed":
            refund.failure = "expired_or_canceled_card"
        payment.refunds.append(refund)
        self._tell("refund_made", payment, refund)
        return refund

    def settle_refund(self, payment: Payment, refund: Refund, *, succeeds: bool) -> None:
        """What was pending is done or fails; one that had succeeded may fail afterwards, and the money is back."""
        if refund.status == "failed":
            raise NotPossible("it has failed")
        refund.status = "succeeded" if succeeds else "failed"
        refund.failure = "" if succeeds else "expired_or_canceled_card"
        self._tell("refund_settled", payment, refund)

    def dispute(self, payment: Payment, prefix: str, amount: int | None = None, reason: str = "fraudulent") -> Dispute:
        if payment.captured is None:
            raise NotPossible("nothing was captured")
        left = payment.captured - payment.refunded("succeeded", "pending") - payment.disputed()
        amount = left if amount is None else amount  # a bank may well ask for what was given back already
        if not 0 < amount <= payment.captured - payment.disputed():
            raise NotPossible("it is more than what is left")
        now = self.now()
        dispute = Dispute(new_id(prefix), amount, reason, now, now + _EVIDENCE_SECONDS)
        payment.disputes.append(dispute)
        self._tell("disputed", payment, dispute)
        return dispute

    def close_dispute(self, payment: Payment, dispute: Dispute, *, won: bool) -> None:
        if dispute.status != "open":
            raise NotPossible(f"it is {dispute.status}")
        dispute.status = "won" if won else "lost"
        self._tell("dispute_closed", payment, dispute)

    # --- reading ---

    def summary(self) -> dict[str, dict[str, Any]]:
        """By our payment's id (the gateway's own where it was told none): what was taken, given back and withheld."""
        found: dict[str, dict[str, Any]] = {}
        for payment in self.payments.values():
            row = found.setdefault(
                payment.key or payment.id,
                {"vendor": payment.vendor, "currency": payment.currency, "captured": 0, "refunded": 0, "disputed": 0},
            )
            row["captured"] += payment.captured or 0
            row["refunded"] += payment.refunded()
            row["disputed"] += payment.disputed()
        return found

    def as_data(self) -> dict[str, Any]:
        return {
            "checkouts": [asdict(checkout) for checkout in self.checkouts.values()],
            "payments": [asdict(payment) for payment in self.payments.values()],
            "declined_cards": sorted(self.declined_cards),
        }

    def take(self, data: dict[str, Any]) -> None:
        self.checkouts = {each["id"]: Checkout(**each) for each in data["checkouts"]}
        self.declined_cards = set(data["declined_cards"])
        for each in data["payments"]:
            refunds = [Refund(**refund) for refund in each.pop("refunds")]
            disputes = [Dispute(**dispute) for dispute in each.pop("disputes")]
            self.payments[each["id"]] = Payment(**each, refunds=refunds, disputes=disputes)


def new_id(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(14))

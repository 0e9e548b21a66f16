"""What billing asks of a payment gateway, and the facts that one states: the only words the rest of billing knows.

A gateway never changes our rows. It opens a hosted page, charges, refunds, and says how things stand; whatever it says,
be it the answer to a call, a webhook or a look-up, comes as `Facts`, and is applied by one function under one lock.
Amounts are `Money`; each gateway converts them to its own units. Every call has a timeout, and is made outside any
transaction with a key of ours, so that the same call may be made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from apps.common.money import Money


class Stage(StrEnum):
    """How far a payment is at the gateway. What is captured stays captured: refunds and disputes are facts of their
    own. A failed or expired one may yet be captured (late authorisation). One that was declined on a page that is still
    open is OPEN, with a failure code: the payer may try again there."""

    OPEN = "open"
    PROCESSING = "processing"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"


class RefundStage(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True)
class Order:
    """What is to be paid, on the gateway's own page. `key` is the payment's id, and the call's idempotency key."""

    key: UUID
    number: str
    amount: Money
    description: str
    payer_email: str
    payer_name: str
    language: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    #: Ask the payer to let us charge later without them (subscriptions).
    keep_method: bool = False


@dataclass(frozen=True)
class Checkout:
    """The hosted page: the payer is sent to `url`, which closes at `expires_at`."""

    reference: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Mandate:
    """A payer's leave to charge without them: references that mean something to the gateway only, and a label that a
    person recognises (“Visa •••• 4242”)."""

    customer: str
    method: str
    label: str


@dataclass(frozen=True)
class RefundOrder:
    """Give `amount` of the payment back. `key` is the refund's id, and the call's idempotency key."""

    key: UUID
    payment_key: UUID
    payment_reference: str
    amount: Money


@dataclass(frozen=True)
class RefundFacts:
    """One refund as the gateway has it. `key` is ours; None for one that was made at the gateway's own page."""

    reference: str
    key: UUID | None
    amount: Money
    stage: RefundStage
    failure: str = ""


@dataclass(frozen=True)
class DisputeFacts:
    """One dispute (chargeback) as the gateway has it. While it is open the amount is withheld; lost, it is gone."""

    reference: str
    amount: Money
    stage: DisputeStage
    reason: str = ""
    evidence_due_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """One payment as the gateway has it: all of it, or as much as a webhook tells.

    `key` is our payment's id where the gateway tells it; `reference` the gateway's own for the money (payment intent,
    payment); `checkout` its reference of the hosted page or order. `captured` is what was captured before any refund;
    None where this says nothing of it. Refunds and disputes that are not named are not denied.
    """

    key: UUID | None
    checkout: str = ""
    reference: str = ""
    stage: Stage | None = None
    captured: Money | None = None
    #: How it was paid, in the gateway's words: card, upi, netbanking.
    method: str = ""
    failure_code: str = ""
    #: Told of what is captured only, and maybe after that: by another webhook.
    mandate: Mandate | None = None
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()


@dataclass(frozen=True)
class Notice:
    """One webhook whose signature was right. `facts` is None for kinds that say nothing to us."""

    event_id: str
    kind: str
    occurred_at: datetime | None
    facts: Facts | None


class GatewayError(Exception):
    """Base of what a call to a gateway may raise. `code` is the gateway's, for our log and screens; no secret in it."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


class Refused(GatewayError):
    """The gateway said no, for good: nothing happened there."""


class Unknown(GatewayError):
    """No answer, or one that says nothing (timeout, connection cut, 5xx, too many requests): it may have happened.
    Whoever called asks again with the same key."""


class NotConfigured(GatewayError):
    """No keys are set for this gateway."""


class BadSignature(GatewayError):
    """A webhook that this gateway did not sign, or signed too long ago."""


class BadNotice(GatewayError):
    """A webhook that is signed and cannot be read."""


class Gateway(Protocol):
    """One gateway. `code` is what rows and the API call it."""

    code: ClassVar[str]
    #: Whether it can charge a mandate without the payer.
    charges_later: ClassVar[bool]

    def is_configured(self) -> bool: ...

    def takes(self, amount: Money) -> bool:
        """Whether it takes this currency, and so much or little of it; asked before it is offered."""
        ...

    def open_checkout(self, order: Order) -> Checkout:
        """The hosted page; the same again for the same key. Raises Refused, Unknown, NotConfigured."""
        ...

    def close_checkout(self, checkout: str) -> None:
        """Nobody pays on that page any more; no error if it is closed or paid already. Raises Unknown."""
        ...

    def charge(self, order: Order, mandate: Mandate) -> Facts:
        """Charge without the payer; once for the same key. Raises Refused (declined), Unknown, NotConfigured."""
        ...

    def refund(self, order: RefundOrder) -> RefundFacts:
        """Once for the same key. Raises Refused, Unknown, NotConfigured."""
        ...

    def look_up(self, key: UUID, *, checkout: str, reference: str) -> Facts | None:
        """All that the gateway has of this payment, with refunds and disputes; found by `key` where neither reference
        is known to us. None: it has none, so no call of ours ever arrived. Raises Unknown, NotConfigured."""
        ...

    def read_notice(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> Notice:
        """A webhook's raw body, its signature checked. Raises BadSignature, BadNotice, NotConfigured."""
        ...

    def reread(self, body: bytes) -> Notice:
        """The same of a body that was checked when it came, and kept: for the worker that applies it, and for replays.
        `event_id` is empty where it came in a header. Raises BadNotice."""
        ...

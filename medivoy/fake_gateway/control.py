"""What tests and curious people do to the gateway itself: `/_control/...`, JSON both ways.

GET books: what it has taken, by our payment's id. GET webhooks: all that it ever sent. POST faults {kind, times,
vendor, method, path, seconds, status} and POST webhooks {drop, copies, shuffle}: what shall go wrong. DELETE faults:
nothing any more. POST acts/<what> {payment | checkout, amount}: as a click on a page.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .books import Books, NotPossible, Payment
from .faults import Fault, WebhookFaults
from .messages import Answer, Request

if TYPE_CHECKING:
    from .server import Gateway

REFUND_PREFIXES = {"stripe": "re_", "razorpay": "rfnd_", "sandbox": "sbr_"}
DISPUTE_PREFIXES = {"stripe": "du_", "razorpay": "disp_", "sandbox": "sbd_"}


def answer(gateway: "Gateway", request: Request, path: str) -> Answer:
    try:
        return _answer(gateway, request, path)
    except NotPossible as error:
        return Answer(409, {"error": str(error)})
    except (ValueError, LookupError, TypeError) as error:
        return Answer(400, {"error": f"{type(error).__name__}: {error}"})


def _answer(gateway: "Gateway", request: Request, path: str) -> Answer:
    data = json.loads(request.body or b"{}")
    match request.method, path.split("/"):
        case "GET", ["books"]:
            return Answer(200, gateway.books.summary())
        case "GET", ["webhooks"]:
            sent = gateway.deliveries.log
            return Answer(200, [{"id": each.id, "kind": each.kind, "attempts": each.attempts} for each in sent])
        case "POST", ["faults"]:
            gateway.faults.calls.append(Fault(**data))
        case "POST", ["webhooks"]:
            gateway.faults.webhooks = WebhookFaults(**data)
        case "DELETE", ["faults"]:
            gateway.faults.clear()
        case "POST", ["acts", what]:
            act(gateway, what, **data)
        case _:
            return Answer(404, {"error": "there is nothing here"})
    return Answer(200, {})


def act(gateway: "Gateway", what: str, *, checkout: str = "", payment: str = "", amount: int | None = None) -> Payment:
    """One act of a payer, of their bank, or of somebody at the gateway's own pages. `payment` is its id or our key.
    Raises NotPossible, and KeyError for what is not there."""
    books = gateway.books
    if what in ("pay", "decline", "later"):
        return books.submit(books.checkouts[checkout], what)
    found = books.payments.get(payment) or _by_key(gateway, payment)
    if what == "refund":
        books.refund(found, REFUND_PREFIXES[found.vendor], amount)
    elif what == "dispute":
        books.dispute(found, DISPUTE_PREFIXES[found.vendor], amount)
    else:
        _DECIDED[what](books, found)
    return found


def _settle_refunds(books: Books, payment: Payment, *, succeeds: bool) -> None:
    """Pending ones; those that succeeded may fail afterwards, too."""
    for refund in payment.refunds:
        if refund.status == "pending" or (refund.status == "succeeded" and not succeeds):
            books.settle_refund(payment, refund, succeeds=succeeds)


def _close_disputes(books: Books, payment: Payment, *, won: bool) -> None:
    for dispute in payment.disputes:
        if dispute.status == "open":
            books.close_dispute(payment, dispute, won=won)


_DECIDED: dict[str, Callable[[Books, Payment], None]] = {
    "settle": partial(Books.settle, succeeds=True),
    "fail": partial(Books.settle, succeeds=False),
    "capture_late": Books.capture_late,
    "settle_refunds": partial(_settle_refunds, succeeds=True),
    "fail_refunds": partial(_settle_refunds, succeeds=False),
    "win_disputes": partial(_close_disputes, won=True),
    "lose_disputes": partial(_close_disputes, won=False),
}


def _by_key(gateway: "Gateway", key: str) -> Payment:
    """The newest payment of this key; one that was captured before one that failed."""
    found: list[Any] = [each for each in gateway.books.payments.values() if key and each.key == key]
    if not found:
        raise KeyError(key)
    return max(reversed(found), key=lambda each: each.captured is not None)

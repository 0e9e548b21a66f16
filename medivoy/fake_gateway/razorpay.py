"""Razorpay's language, as far as we speak it: payment links, their orders and payments, refunds, disputes, webhooks.

A reference is used for one link, ever. Refunds are made once for an `X-Refund-Idempotency`; the same key with another
body is a bad request. Webhooks have no time in them.
"""

import base64
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from . import razorpay_shapes as shapes
from .books import Books, Checkout, Dispute, NotPossible, Payment, Refund, new_id
from .messages import Answer, Remembered, Request, hmac_hex

SIGNATURE_HEADER, EVENT_HEADER = "X-Razorpay-Signature", "X-Razorpay-Event-Id"
_SHORTEST_LINK = 15 * 60
_THREE_DECIMALS = frozenset(["BHD", "KWD", "OMR"])


class Refusal(Exception):
    """An error in Razorpay's words."""

    def __init__(self, description: str, *, status: int = 400, reason: str = "input_validation_failed"):
        super().__init__(description)
        said = {
            "code": "BAD_REQUEST_ERROR",
            "description": description,
            "source": "business",
            "step": "payment_initiation",
            "reason": reason,
            "metadata": {},
        }
        self.answer = Answer(status, {"error": said})


class Razorpay:
    def __init__(self, books: Books, key: str, pages: str) -> None:
        self.books = books
        self._key = key
        self._pages = pages
        self.remembered = Remembered(books)

    def answer(self, request: Request) -> Answer:
        expected = "Basic " + base64.b64encode(self._key.encode()).decode()
        if not hmac.compare_digest(request.headers.get("Authorization", ""), expected):
            return Refusal("Authentication failed", status=401, reason="NA").answer
        try:
            return self._do(request)
        except Refusal as refusal:
            return refusal.answer
        except NotPossible as error:
            return Refusal(str(error)).answer
        except (LookupError, ValueError, TypeError) as error:
            return Refusal(f"The field {error} is required.").answer

    def _do(self, request: Request) -> Answer:
        path = request.path.removeprefix("/v1/").strip("/").split("/")
        if request.method == "GET":
            return Answer(200, self._get(path, request.parameters()))
        said = json.loads(request.body or b"{}")
        match path:
            case ["payment_links"]:
                return Answer(200, self._open(said))
            case ["payment_links", link, "cancel"]:
                return Answer(200, self._cancel(self._link(link)))
            case ["payments", payment, "capture"]:
                return Answer(200, self._capture(self._payment(payment), said))
            case ["payments", payment, "refund"]:
                return self._refund_once(self._payment(payment), said, request)
        raise Refusal("The requested URL was not found on the server.", status=404)

    def _get(self, path: list[str], said: dict[str, str]) -> dict[str, Any]:
        match path:
            case ["payment_links"]:
                found = [each for each in self._links() if each.key == said.get("reference_id", each.key)]
                return {"payment_links": [self._shape(each) for each in found]}
            case ["payment_links", link]:
                return self._shape(self._link(link))
            case ["orders", order, "payments"]:
                [paid] = [each for each in self._links() if shapes.order_id(each) == order]
                return shapes.collection([shapes.payment(each) for each in self.books.of(paid)])
            case ["payments", payment]:
                return shapes.payment(self._payment(payment))
            case ["payments", payment, "refunds"]:
                found_payment = self._payment(payment)
                made = [shapes.refund(found_payment, each) for each in reversed(found_payment.refunds)]
                return shapes.collection(_page(made, said))
            case ["disputes"]:
                return shapes.collection(_page(self._disputes(), said))
        raise Refusal("The requested URL was not found on the server.", status=404)

    # --- acts ---

    def _open(self, said: dict[str, Any]) -> dict[str, Any]:
        reference, amount, currency = said["reference_id"], said["amount"], said["currency"]
        if any(each.key == reference for each in self._links()):
            raise Refusal(
                f"payment link with given reference_id: {reference} already exists. "
                "Please create a payment link with a different reference_id"
            )
        if len(reference) > 40:
            raise Refusal("The reference id may not be greater than 40 characters.")
        if said["expire_by"] < self.books.now() + _SHORTEST_LINK:
            raise Refusal("expire_by: timestamp must be atleast 15 minutes in future.")
        if not isinstance(amount, int) or amount < (100 if currency == "INR" else 1):
            raise Refusal("The amount must be at least INR 1.00")
        if currency in _THREE_DECIMALS and amount % 10:
            raise Refusal("The last digit of the amount must be 0 for three decimal currencies.")
        link = self.books.open_checkout(
            "razorpay", "plink_", amount=amount, currency=currency, key=reference, expires=said["expire_by"],
            description=said["description"], return_url=said["callback_url"], notes=said.get("notes", {}),
        )  # fmt: skip
        return self._shape(link)

    def _cancel(self, link: Checkout) -> dict[str, Any]:
        if link.status != "open":
            raise Refusal("Payment Link cannot be cancelled in its current state.")
        self.books.close(link, "cancelled")
        return self._shape(link)

    def _capture(self, payment: Payment, said: dict[str, Any]) -> dict[str, Any]:
        if payment.captured is not None:
            raise Refusal("This payment has already been captured", reason="payment_already_captured")
        if payment.stage != "processing":
            raise Refusal("Only payments which have been authorized and not yet captured can be captured")
        if said["amount"] != payment.amount:
            raise Refusal("Capture amount must be equal to the amount authorized")
        self.books.settle(payment)
        return shapes.payment(payment)

    def _refund_once(self, payment: Payment, said: dict[str, Any], request: Request) -> Answer:
        key = request.headers.get("X-Refund-Idempotency", "")
        try:
            kept = self.remembered.find(key, request) if key else None
        except KeyError:
            message = "Different request with the same idempotency key has already been processed."
            raise Refusal(message, reason="NA") from None
        if kept is not None:
            return kept
        left = (payment.captured or 0) - payment.refunded("succeeded", "pending")
        if payment.captured is None:
            raise Refusal("The payment status should be captured for action to be taken")
        if not left:
            raise Refusal("The payment has been fully refunded already")
        if said.get("amount", left) > left:
            raise Refusal("The refund amount provided is greater than amount captured")
        notes = said.get("notes") or {}
        made = self.books.refund(payment, "rfnd_", said.get("amount"), key=notes.get("refund", ""), notes=notes)
        answer = Answer(200, shapes.refund(payment, made) | {"receipt": said.get("receipt")})
        if key:
            self.remembered.keep(key, request, answer)
        return answer

    # --- finding ---

    def _links(self) -> list[Checkout]:
        return [each for each in reversed(self.books.checkouts.values()) if each.vendor == "razorpay"]

    def _link(self, identifier: str) -> Checkout:
        found = self.books.checkouts.get(identifier)
        if found is None or found.vendor != "razorpay":
            raise Refusal(f"{identifier} is not a valid id")
        return found

    def _payment(self, identifier: str) -> Payment:
        found = self.books.payments.get(identifier)
        if found is None or found.vendor != "razorpay":
            raise Refusal(f"{identifier} is not a valid id")
        return found

    def _disputes(self) -> list[dict[str, Any]]:
        found = [
            shapes.dispute(payment, each)
            for payment in self.books.payments.values()
            if payment.vendor == "razorpay"
            for each in payment.disputes
        ]
        return sorted(found, key=lambda each: -each["created_at"])

    def _shape(self, link: Checkout) -> dict[str, Any]:
        return shapes.link(link, self.books.of(link), self._pages)

    # --- webhooks and pages ---

    def notices(self, act: str, subject: Any, other: Any) -> list[tuple[str, str, dict[str, Any]]]:
        if isinstance(subject, Checkout):
            kind = "payment_link.expired" if subject.status == "expired" else "payment_link.cancelled"
            return [self._event(kind, payment_link=self._shape(subject))]
        payment = shapes.payment(subject)
        if isinstance(other, Refund):
            return [
                self._event(kind, refund=shapes.refund(subject, other), payment=payment)
                for kind in _of_refund(act, other)
            ]
        if isinstance(other, Dispute):
            kind = "created" if act == "disputed" else other.status
            return [self._event(f"payment.dispute.{kind}", payment=payment, dispute=shapes.dispute(subject, other))]
        if subject.captured is None:
            return [self._event("payment.authorized" if act == "submitted" else "payment.failed", payment=payment)]
        told = [] if act == "settled" else [self._event("payment.authorized", payment=shapes.authorised(subject))]
        told.append(self._event("payment.captured", payment=payment))
        link = self.books.checkouts[subject.checkout]
        parts = {"payment_link": self._shape(link), "order": shapes.order(link), "payment": payment}
        return [*told, self._event("payment_link.paid", **parts)]

    def _event(self, kind: str, **parts: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        return new_id("evt_"), kind, {
            "entity": "event",
            "account_id": "acc_ofTheTestGate",
            "event": kind,
            "contains": list(parts),
            "payload": {name: {"entity": part} for name, part in parts.items()},
            "created_at": self.books.now(),
        }  # fmt: skip

    def sign(self, body: bytes, event: str, secret: str) -> dict[str, str]:
        return {"Content-Type": "application/json", SIGNATURE_HEADER: hmac_hex(secret, body), EVENT_HEADER: event}

    def return_url(self, checkout: Checkout) -> str:
        """With what Razorpay adds, and its signature of that."""
        paid = checkout.payments[-1] if checkout.payments else ""
        status = self._shape(checkout)["status"]
        secret = self._key.partition(":")[2]
        signature = hmac_hex(secret, f"{checkout.id}|{checkout.key}|{status}|{paid}".encode())
        added = {
            "razorpay_payment_id": paid,
            "razorpay_payment_link_id": checkout.id,
            "razorpay_payment_link_reference_id": checkout.key,
            "razorpay_payment_link_status": status,
            "razorpay_signature": signature,
        }
        return f"{checkout.return_url}{'&' if '?' in checkout.return_url else '?'}{urlencode(added)}"

    def leave_url(self, checkout: Checkout) -> str:
        return ""  # a payment link knows no such way

    def decimals(self, currency: str) -> int:
        return 0 if currency == "JPY" else 3 if currency in _THREE_DECIMALS else 2


def _of_refund(act: str, refund: Refund) -> list[str]:
    if act == "refund_made" and refund.status == "pending":
        return ["refund.created"]
    settled = "refund.failed" if refund.status == "failed" else "refund.processed"
    return ["refund.created", settled] if act == "refund_made" else [settled]


def _page(found: list[dict[str, Any]], said: dict[str, str]) -> list[dict[str, Any]]:
    skip, count = int(said.get("skip", 0)), int(said.get("count", 10))
    return found[skip : skip + count]

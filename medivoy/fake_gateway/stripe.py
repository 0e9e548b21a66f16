"""Stripe's language, as far as we speak it: Checkout Sessions, PaymentIntents, Refunds, Disputes, and its webhooks.

Answers by idempotency key, errors, lists that are turned over page by page, and events are as Stripe documents them.
"""

import hmac
import itertools
import re
from typing import Any

from . import stripe_shapes as shapes
from .books import Books, Checkout, NotPossible, Payment, Refund, new_id
from .messages import Answer, Remembered, Request, stamped
from .stripe_shapes import nested

SIGNATURE_HEADER = "Stripe-Signature"
_SHORTEST_PAGE, _LONGEST_PAGE = 30 * 60, 24 * 60 * 60
_LEAST_UNITS = {"USD": 50, "EUR": 50, "GBP": 30, "JPY": 50, "INR": 50, "AED": 200}
_MOST_UNITS = 99_999_999
_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_STEPS = {"ISK": 100, "UGX": 100, "BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}


class Refusal(Exception):
    """An error in Stripe's words. One found before any work is not remembered for its idempotency key."""

    def __init__(self, status: int, code: str, message: str, *, kind: str = "invalid_request_error", **more: str):
        super().__init__(code)
        self.remembered = status == 402
        self.answer = Answer(status, {"error": {"type": kind, "code": code, "message": message} | more})


class Stripe:
    def __init__(self, books: Books, key: str, pages: str) -> None:
        self.books = books
        self._key = key
        self._pages = pages
        self.remembered = Remembered(books)

    def answer(self, request: Request) -> Answer:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._key}"):
            said = {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}
            return Answer(401, said)
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        try:
            kept = self.remembered.find(key, request) if key else None
        except KeyError:
            message = "Keys for idempotent requests can only be used with the same parameters they were first used with"
            return Answer(400, {"error": {"type": "idempotency_error", "message": message}})
        if kept is not None:
            return Answer(kept.status, kept.data, kept.headers | {"Idempotent-Replayed": "true"})
        remembered = True
        try:
            made = Answer(200, self._do(request))
        except Refusal as refusal:
            made, remembered = refusal.answer, refusal.remembered
        except NotPossible as error:
            made, remembered = Refusal(400, "resource_state", str(error)).answer, False
        except (LookupError, ValueError) as error:
            made, remembered = Refusal(400, "parameter_missing", f"Missing or malformed: {error}").answer, False
        if key and remembered:
            self.remembered.keep(key, request, made)
        return Answer(made.status, made.data, {"Request-Id": new_id("req_")})

    def _do(self, request: Request) -> dict[str, Any]:
        path = request.path.removeprefix("/v1/").split("/")
        if request.method == "GET":
            return self._get(path, nested(request.query))
        said = nested(request.body.decode())
        match path:
            case ["checkout", "sessions"]:
                return self._open(said)
            case ["checkout", "sessions", session, "expire"]:
                return self._expire(self._checkout(session))
            case ["payment_intents"]:
                return self._charge(said)
            case ["refunds"]:
                return self._refund(said)
        raise Refusal(404, "", f"Unrecognized request URL (POST: {request.path})")

    def _get(self, path: list[str], said: dict[str, Any]) -> dict[str, Any]:
        match path:
            case ["checkout", "sessions"]:
                return self._list_sessions(said)
            case ["checkout", "sessions", session]:
                return shapes.session(self._checkout(session), self.books, self._pages, expands="expand" in said)
            case ["payment_intents", "search"]:
                return self._search(said)
            case ["payment_intents", intent]:
                return shapes.intent(self._payment(intent), expands="expand" in said)
            case ["refunds"]:
                payment = self._payment(said["payment_intent"])
                return _page([shapes.refund(payment, each) for each in reversed(payment.refunds)], said, "/v1/refunds")
            case ["disputes"]:
                payment = self._payment(said["payment_intent"])
                found = [shapes.dispute(payment, each) for each in reversed(payment.disputes)]
                return _page(found, said, "/v1/disputes")
        raise Refusal(404, "", f"Unrecognized request URL (GET: /v1/{'/'.join(path)})")

    # --- acts ---

    def _open(self, said: dict[str, Any]) -> dict[str, Any]:
        expires, now = int(said["expires_at"]), self.books.now()
        if not now + _SHORTEST_PAGE <= expires <= now + _LONGEST_PAGE:
            message = (
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
            )
            raise Refusal(400, "", message, param="expires_at")
        price = said["line_items"]["0"]["price_data"]
        amount, currency = int(price["unit_amount"]), price["currency"].upper()
        _check_amount(amount, currency)
        if not said.get("customer_email", "").isascii():
            raise Refusal(400, "email_invalid", "Invalid email address", param="customer_email")
        intent = said.get("payment_intent_data", {})
        checkout = self.books.open_checkout(
            "stripe", "cs_test_", amount=amount, currency=currency, key=intent.get("metadata", {}).get("payment", ""),
            expires=expires, description=price["product_data"]["name"], return_url=said["success_url"],
            cancel_url=said["cancel_url"], keeps_method=intent.get("setup_future_usage") == "off_session",
            notes=intent.get("metadata", {}),
            extra={
                "client_reference_id": said.get("client_reference_id"),
                "description": intent.get("description"),
                "metadata": said.get("metadata", {}),
                "email": said.get("customer_email"),
                "locale": said.get("locale"),
                "setup_future_usage": intent.get("setup_future_usage"),
            },
        )  # fmt: skip
        return shapes.session(checkout, self.books, self._pages)

    def _expire(self, checkout: Checkout) -> dict[str, Any]:
        if checkout.status != "open":
            raise Refusal(
                400, "", f"Only Checkout Sessions with a status in [`open`] can be expired: {checkout.status}"
            )
        self.books.close(checkout, "expired")
        return shapes.session(checkout, self.books, self._pages)

    def _charge(self, said: dict[str, Any]) -> dict[str, Any]:
        amount, currency = int(said["amount"]), said["currency"].upper()
        _check_amount(amount, currency)
        known = {(each.customer, each.card) for each in self.books.payments.values() if each.card}
        if (said["customer"], said["payment_method"]) not in known:
            raise Refusal(400, "resource_missing", "No such PaymentMethod", param="payment_method")
        payment = self.books.charge(
            "stripe", "pi_", card=said["payment_method"], customer=said["customer"], amount=amount, currency=currency,
            key=said["metadata"].get("payment", ""), notes=said["metadata"],
            extra={"description": said.get("description")},
        )  # fmt: skip
        if payment.failure:
            raise Refusal(
                402, "card_declined", "Your card was declined.", kind="card_error", decline_code="generic_decline",
            )  # fmt: skip
        return shapes.intent(payment, expands="expand" in said)

    def _refund(self, said: dict[str, Any]) -> dict[str, Any]:
        payment = self._payment(said["payment_intent"])
        notes = said.get("metadata", {})
        left = (payment.captured or 0) - payment.refunded("succeeded", "pending")
        if not left:
            raise Refusal(400, "charge_already_refunded", "Charge has already been refunded.")
        amount = int(said["amount"]) if "amount" in said else None
        if amount is not None and amount > left:
            message = "Refund amount is greater than unrefunded amount on charge"
            raise Refusal(400, "amount_too_large", message, param="amount")
        if any(each.status == "open" and each.amount >= (payment.captured or 0) for each in payment.disputes):
            raise Refusal(400, "charge_disputed", "Charge has been charged back.")
        made = self.books.refund(payment, "re_", amount, key=notes.get("refund", ""), notes=notes)
        return shapes.refund(payment, made)

    # --- finding ---

    def _checkout(self, identifier: str) -> Checkout:
        found = self.books.checkouts.get(identifier)
        if found is None or found.vendor != "stripe":
            raise Refusal(404, "resource_missing", "No such checkout.session", param="session")
        return found

    def _payment(self, identifier: str) -> Payment:
        found = self.books.payments.get(identifier)
        if found is None or found.vendor != "stripe":
            raise Refusal(404, "resource_missing", "No such payment_intent", param="intent")
        return found

    def _list_sessions(self, said: dict[str, Any]) -> dict[str, Any]:
        within = {name: int(value) for name, value in said.get("created", {}).items()}
        first, last = within.get("gte", 0), within.get("lte", 2**62)
        found = [
            shapes.session(each, self.books, self._pages)
            for each in reversed(self.books.checkouts.values())
            if each.vendor == "stripe" and first <= each.created <= last
        ]
        return _page(found, said, "/v1/checkout/sessions")

    def _search(self, said: dict[str, Any]) -> dict[str, Any]:
        asked = re.fullmatch(r"""metadata\[["'](\w+)["']\]:["']([^"']*)["']""", said["query"])
        if asked is None:
            raise Refusal(400, "", "We were unable to parse your search query", param="query")
        found = [
            shapes.intent(each, expands="expand" in said)
            for each in reversed(self.books.payments.values())
            if each.vendor == "stripe" and each.notes.get(asked[1]) == asked[2]
        ]
        return {
            "object": "search_result",
            "url": "/v1/payment_intents/search",
            "has_more": False,
            "data": found,
            "next_page": None,
        }

    # --- webhooks and pages ---

    def notices(self, act: str, subject: Any, other: Any) -> list[tuple[str, str, dict[str, Any]]]:
        checkout = self.books.checkouts.get(getattr(subject, "checkout", "")) if act != "checkout_closed" else subject
        told: list[tuple[str, dict[str, Any]]] = []
        if act == "checkout_closed":
            told += [("payment_intent.canceled", shapes.intent(each)) for each in self.books.of(subject)]
            told.append(("checkout.session.expired", shapes.session(subject, self.books, self._pages)))
        elif act in _OF_PAYMENT:
            failed = subject.stage == "failed" or act == "declined"
            of_intent, of_session = _OF_PAYMENT[act][failed]
            told.append((of_intent, shapes.intent(subject)))
            if of_session and checkout is not None:
                told.append((of_session, shapes.session(checkout, self.books, self._pages)))
        elif isinstance(other, Refund):
            told += [(kind, shapes.refund(subject, other)) for kind in _of_refund(act, other)]
            if act == "refund_made":
                told.append(("charge.refunded", shapes.charge(subject)))
        else:
            kind = "charge.dispute.created" if act == "disputed" else "charge.dispute.closed"
            told.append((kind, shapes.dispute(subject, other)))
        return [self._event(kind, data) for kind, data in told]

    def _event(self, kind: str, data: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        event = new_id("evt_")
        return event, kind, {
            "id": event,
            "object": "event",
            "api_version": shapes.API_VERSION,
            "created": self.books.now(),
            "data": {"object": data},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }  # fmt: skip

    def sign(self, body: bytes, event: str, secret: str) -> dict[str, str]:
        return {"Content-Type": "application/json", SIGNATURE_HEADER: stamped(secret, body, self.books.now())}

    def return_url(self, checkout: Checkout) -> str:
        return checkout.return_url.replace("{CHECKOUT_SESSION_ID}", checkout.id)

    def leave_url(self, checkout: Checkout) -> str:
        return checkout.cancel_url

    def decimals(self, currency: str) -> int:
        return 0 if currency in _NO_DECIMALS else 3 if _STEPS.get(currency) == 10 else 2


#: By act: what is told when it went well, and when it failed, of the intent and of its page.
_OF_PAYMENT = {
    "declined": {True: ("payment_intent.payment_failed", "")},
    "submitted": {False: ("payment_intent.processing", "checkout.session.completed")},
    "captured": {False: ("payment_intent.succeeded", "checkout.session.completed")},
    "settled": {
        False: ("payment_intent.succeeded", "checkout.session.async_payment_succeeded"),
        True: ("payment_intent.payment_failed", "checkout.session.async_payment_failed"),
    },
}


def _of_refund(act: str, refund: Refund) -> list[str]:
    if act == "refund_made":
        return ["refund.created"]
    return ["refund.updated", "refund.failed"] if refund.status == "failed" else ["refund.updated"]


def _check_amount(amount: int, currency: str) -> None:
    if amount < _LEAST_UNITS.get(currency, 1):
        raise Refusal(400, "amount_too_small", "Amount must be at least the minimum", param="amount")
    if amount > _MOST_UNITS and currency != "IDR":
        raise Refusal(400, "amount_too_large", "Amount must be no more than 99999999", param="amount")
    if amount % _STEPS.get(currency, 1):
        raise Refusal(400, "invalid_charge_amount", "Amount must be divisible by ten or a hundred", param="amount")


def _page(found: list[dict[str, Any]], said: dict[str, Any], url: str) -> dict[str, Any]:
    """Newest first; `starting_after` is the last one that was seen."""
    if "starting_after" in said:
        found = list(itertools.dropwhile(lambda each: each["id"] != said["starting_after"], found))[1:]
    limit = int(said.get("limit", 10))
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}

"""Its own language: JSON both ways, a bearer secret, amounts in ISO 4217 minor units, our key with every call."""

import hmac
import json
from typing import Any

from babel import numbers

from .books import Books, Checkout, NotPossible, Payment, Refund, new_id
from .messages import Answer, Remembered, Request, stamped

SIGNATURE_HEADER = "Sandbox-Signature"


class Sandbox:
    """One payment a checkout, made when the page is opened; every webhook tells the whole payment."""

    def __init__(self, books: Books, secret: str, pages: str) -> None:
        self.books = books
        self._secret = secret
        self._pages = pages
        self.remembered = Remembered(books)

    def answer(self, request: Request) -> Answer:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._secret}"):
            return _refusal(401, "unauthorized")
        if request.method == "GET":
            return self._find(request.parameters())
        key = request.headers.get("Idempotency-Key", "")
        try:
            kept = self.remembered.find(key, request) if key else None
        except KeyError:
            return _refusal(422, "key_reused")
        if kept is not None:
            return kept
        try:
            data = json.loads(request.body or b"{}")
            made = self._do(request.path.strip("/").split("/"), data)
        except NotPossible as error:
            made = _refusal(400, str(error).replace(" ", "_"))
        except (ValueError, LookupError, TypeError):
            return _refusal(400, "bad_request")
        if key and made.status < 500:
            self.remembered.keep(key, request, made)
        return made

    def _do(self, path: list[str], data: dict[str, Any]) -> Answer:
        match path:
            case ["checkouts"]:
                return self._open(data)
            case ["checkouts", checkout, "close"]:
                found = self.books.checkouts.get(checkout)
                if found is None:
                    return _refusal(404, "no_such_checkout")
                if found.status == "open":
                    self.books.close(found, "expired")
                return Answer(200, {"status": found.status})
            case ["charges"]:
                return self._charge(data)
            case ["refunds"]:
                return self._refund(data)
        return _refusal(404, "no_such_path")

    def _open(self, data: dict[str, Any]) -> Answer:
        amount = _positive(data["amount"])
        if data["expires_at"] <= self.books.now():
            raise NotPossible("expires too soon")
        checkout = self.books.open_checkout(
            "sandbox", "sbc_", amount=amount, currency=data["currency"], key=data["key"], expires=data["expires_at"],
            description=data["description"], return_url=data["return_url"], cancel_url=data["cancel_url"],
            keeps_method=bool(data.get("keep_method")), extra={"language": data["language"]},
        )  # fmt: skip
        payment = Payment(
            id=new_id("sbp_"), vendor="sandbox", amount=amount, currency=checkout.currency, created=self.books.now(),
            key=checkout.key, checkout=checkout.id,
        )  # fmt: skip
        self.books.payments[payment.id] = payment
        checkout.payments.append(payment.id)
        return Answer(
            200,
            {"id": checkout.id, "url": f"{self._pages}/pay/{checkout.id}", "expires_at": checkout.expires},
        )

    def _charge(self, data: dict[str, Any]) -> Answer:
        known = {(payment.customer, payment.card) for payment in self.books.payments.values() if payment.card}
        if (data["customer"], data["method"]) not in known:
            raise NotPossible("no such mandate")
        payment = self.books.charge(
            "sandbox", "sbp_", card=data["method"], customer=data["customer"], amount=_positive(data["amount"]),
            currency=data["currency"], key=data["key"],
        )  # fmt: skip
        return Answer(402 if payment.failure else 200, self.payment(payment) | {"error": payment.failure})

    def _refund(self, data: dict[str, Any]) -> Answer:
        payment = self.books.payments.get(data["payment"])
        if payment is None:
            return _refusal(404, "no_such_payment")
        return Answer(200, _refund(self.books.refund(payment, "sbr_", _positive(data["amount"]), key=data["key"])))

    def _find(self, asked: dict[str, str]) -> Answer:
        for payment in reversed(self.books.payments.values()):
            about = {"key": payment.key, "checkout": payment.checkout, "payment": payment.id}
            if payment.vendor == "sandbox" and any(value and asked.get(name) == value for name, value in about.items()):
                return Answer(200, {"payment": self.payment(payment)})
        return Answer(200, {"payment": None})

    def payment(self, payment: Payment) -> dict[str, Any]:
        mandate = {"customer": payment.customer, "method": payment.card, "label": "Test •••• 4242"}
        return {
            "id": payment.id,
            "key": payment.key,
            "checkout": payment.checkout,
            "stage": payment.stage,
            "amount": payment.amount,
            "currency": payment.currency,
            "captured": payment.captured,
            "method": payment.method,
            "failure": payment.failure,
            "mandate": mandate if payment.card else None,
            "refunds": [_refund(refund) for refund in payment.refunds],
            "disputes": [
                {"id": each.id, "amount": each.amount, "status": each.status, "reason": each.reason, "due": each.due}
                for each in payment.disputes
            ],
        }

    def notices(self, act: str, subject: Any, other: Any) -> list[tuple[str, str, dict[str, Any]]]:
        payments = self.books.of(subject) if isinstance(subject, Checkout) else [subject]
        told = []
        for payment in payments:
            event = new_id("sbe_")
            kind = f"payment.{act}"
            now = self.books.now()
            told.append(
                (event, kind, {"id": event, "kind": kind, "occurred_at": now, "payment": self.payment(payment)})
            )
        return told

    def sign(self, body: bytes, event: str, secret: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: stamped(secret, body, self.books.now()),
        }

    def return_url(self, checkout: Checkout) -> str:
        return checkout.return_url

    def leave_url(self, checkout: Checkout) -> str:
        return checkout.cancel_url

    def decimals(self, currency: str) -> int:
        return numbers.get_currency_precision(currency)


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "key": refund.key,
        "amount": refund.amount,
        "status": refund.status,
        "failure": refund.failure,
    }


def _positive(amount: Any) -> int:
    if not isinstance(amount, int) or amount <= 0:
        raise NotPossible("amount is not positive")
    return amount


def _refusal(status: int, code: str) -> Answer:
    return Answer(status, {"error": code})

"""Razorpay, by its own SDK: a hosted payment link, refunds, signed webhooks.

A link's `reference_id` is our payment's id, and there is never a second one of it: that is the key of opening. Refunds
have an idempotency key, and are looked for by their notes first. Charging without the payer is not offered: it takes
tokens under the Reserve Bank's rules for recurring payments, with a notice to the payer before each.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import razorpay
import requests
from django.conf import settings
from django.utils import timezone

from apps.common.money import Money

from . import base, razorpay_facts, razorpay_units
from .razorpay_units import UNITS

SIGNATURE_HEADER, EVENT_HEADER = "X-Razorpay-Signature", "X-Razorpay-Event-Id"
#: Automatic capture takes minutes; what stands authorised for longer is captured by us, or Razorpay gives it back.
_CAPTURED_BY_ITSELF = timedelta(hours=1)
_PAGE, _MOST_PAGES = 100, 20
#: Answers that are no for good, unless their code blames a bank or the gateway itself.
_NO = {400, 402, 404, 405, 415, 422}


class Razorpay:
    code: ClassVar[str] = "razorpay"
    charges_later: ClassVar[bool] = False

    def is_configured(self) -> bool:
        return bool(settings.RAZORPAY_KEY_ID and settings.RAZORPAY_KEY_SECRET and settings.RAZORPAY_WEBHOOK_SECRET)

    def takes(self, amount: Money) -> bool:
        return razorpay_units.takes(amount)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        """`expires_at` is at least 15 minutes away, or Razorpay refuses. The payer's name and address stay here:
        Razorpay asks them itself."""
        units = UNITS.must(order.amount)
        asked = {
            "amount": units,
            "currency": order.amount.currency,
            "accept_partial": False,
            "reference_id": str(order.key),
            "description": order.description,
            "expire_by": int(order.expires_at.timestamp()),
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "callback_url": order.return_url,
            "callback_method": "get",
            "notes": {razorpay_facts.PAYMENT: str(order.key), "number": order.number},
        }
        with _talking() as client:
            try:
                link = client.payment_link.create(asked)
            except _Said as refusal:
                known = _link_of(client, order.key)
                if known is None and "already exists" in refusal.description:
                    raise base.Unknown("reference_exists") from None
                if known is None:
                    raise
                if (known["amount"], known["currency"]) != (units, order.amount.currency):
                    raise base.Unknown("reference_exists") from None
                link = known
            return base.Checkout(link["id"], link["short_url"], datetime.fromtimestamp(link["expire_by"], UTC))

    def close_checkout(self, checkout: str) -> None:
        with contextlib.suppress(base.Refused), _talking() as client:  # it is closed, or paid
            client.payment_link.cancel(checkout)

    def charge(self, order: base.Order, mandate: base.Mandate) -> base.Facts:
        raise base.Refused("charges_nobody_without_them")

    def refund(self, order: base.RefundOrder) -> base.RefundFacts:
        asked = {
            "amount": UNITS.must(order.amount),
            "speed": "normal",
            "receipt": str(order.key),
            "notes": {razorpay_facts.REFUND: str(order.key), razorpay_facts.PAYMENT: str(order.payment_key)},
        }
        with _talking() as client:
            for known in _refunds(client, order.payment_reference):
                facts = razorpay_facts.of_refund(known)
                if facts.key == order.key:
                    return facts
            headers = {"X-Refund-Idempotency": str(order.key)}
            return razorpay_facts.of_refund(client.payment.refund(order.payment_reference, asked, headers=headers))

    def look_up(self, key: UUID, *, checkout: str, reference: str) -> base.Facts | None:
        try:
            with _talking() as client:
                if reference and not checkout:
                    payment = _captured_if_late(client, client.payment.fetch(reference))
                    facts = razorpay_facts.of_payment(payment)
                else:
                    link = client.payment_link.fetch(checkout) if checkout else _link_of(client, key)
                    if link is None:
                        return None
                    facts = razorpay_facts.of_link(link, _attempts(client, link))
                if facts.captured is None:
                    return facts
                return _with_what_followed(client, facts)
        except (
            base.Refused
        ) as error:  # what Razorpay itself had named to us is not there: another account's key, perhaps
            raise base.Unknown(error.code) from None

    def read_notice(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> base.Notice:
        """There is no time in it: one that is sent again is told by its event's id alone."""
        if not self.is_configured():
            raise base.NotConfigured(self.code)
        try:
            razorpay.Utility().verify_webhook_signature(
                body.decode(), headers.get(SIGNATURE_HEADER, ""), settings.RAZORPAY_WEBHOOK_SECRET
            )
        except (razorpay.errors.SignatureVerificationError, UnicodeDecodeError, TypeError):
            raise base.BadSignature("mismatch") from None
        notice = self.reread(body)
        event = headers.get(EVENT_HEADER) or hashlib.sha256(body).hexdigest()
        return base.Notice(event, notice.kind, notice.occurred_at, notice.facts)

    def reread(self, body: bytes) -> base.Notice:
        try:
            event = json.loads(body)
            at = event.get("created_at")
            return base.Notice(
                event_id="",
                kind=event["event"],
                occurred_at=datetime.fromtimestamp(at, UTC) if at else None,
                facts=razorpay_facts.told(event["event"], event["payload"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError):
            raise base.BadNotice("unreadable") from None


class _Said(base.Refused):
    """A refusal with what Razorpay wrote, which stays in this file: it may quote the payer."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.description = description


def _link_of(client: Any, key: UUID) -> dict[str, Any] | None:
    """The link of this key. Razorpay is asked for it alone, and may answer with others all the same."""
    found = client.payment_link.all({"reference_id": str(key)})["payment_links"]
    return next((link for link in found if link.get("reference_id") == str(key)), None)


def _attempts(client: Any, link: dict[str, Any]) -> list[dict[str, Any]]:
    """All payments that were tried on this link, as they are now."""
    if link.get("order_id"):
        found = client.order.payments(link["order_id"])["items"]
    else:
        found = [client.payment.fetch(each["payment_id"]) for each in link.get("payments") or ()]
    if link["status"] in {"expired", "cancelled"}:  # nobody is waiting for that money: Razorpay gives it back
        return list(found)
    return [_captured_if_late(client, payment) for payment in found]


def _captured_if_late(client: Any, payment: dict[str, Any]) -> dict[str, Any]:
    authorised_at = datetime.fromtimestamp(payment["created_at"], UTC)
    if payment["status"] != "authorized" or timezone.now() - authorised_at < _CAPTURED_BY_ITSELF:
        return payment
    try:
        captured: dict[str, Any] = client.payment.capture(
            payment["id"], payment["amount"], {"currency": payment["currency"]}
        )
    except base.Refused:  # it was captured meanwhile, or given back
        captured = client.payment.fetch(payment["id"])
    return captured


def _refunds(client: Any, payment: str) -> Iterator[dict[str, Any]]:
    for page in range(_MOST_PAGES):
        found = client.payment.fetch_multiple_refund(payment, {"count": _PAGE, "skip": page * _PAGE})["items"]
        yield from found
        if len(found) < _PAGE:
            return
    raise base.Unknown("too_many_refunds")


def _with_what_followed(client: Any, facts: base.Facts) -> base.Facts:
    refunds = [razorpay_facts.of_refund(each) for each in _refunds(client, facts.reference)]
    disputes: list[base.DisputeFacts] = []
    with contextlib.suppress(base.Refused):  # an account without that list: webhooks tell of disputes
        disputes = [razorpay_facts.of_dispute(each) for each in _disputes(client, facts.reference)]
    return base.Facts(**vars(facts) | {"refunds": tuple(reversed(refunds)), "disputes": tuple(reversed(disputes))})


def _disputes(client: Any, payment: str) -> Iterator[dict[str, Any]]:
    for page in range(_MOST_PAGES):
        found = client.dispute.all({"count": _PAGE, "skip": page * _PAGE})["items"]
        yield from (each for each in found if each["payment_id"] == payment)
        if len(found) < _PAGE:
            return


class _Session(requests.Session):
    """What the SDK sends with. It gives each call a time limit, and judges the answer before the SDK does, which knows
    a failure by its text only and prints what it cannot place."""

    def request(self, method: str, url: str, *arguments: Any, **what: Any) -> requests.Response:
        try:
            answer = super().request(
                method, url, *arguments, **what | {"timeout": settings.GATEWAY_TIMEOUTS, "allow_redirects": False}
            )
            said = answer.json()
        except ValueError:
            raise base.Unknown("bad_answer") from None
        except requests.RequestException as error:
            raise base.Unknown(type(error).__name__) from None
        if answer.ok and isinstance(said, dict) and not answer.is_redirect:
            return answer
        failed = said.get("error") if isinstance(said, dict) else None
        failed = failed if isinstance(failed, dict) else {}
        kind, description = str(failed.get("code", "")), str(failed.get("description", ""))
        code = _code(failed.get("reason"), kind, answer.status_code)
        if answer.status_code not in _NO or kind in {"GATEWAY_ERROR", "SERVER_ERROR"} or "idempotency" in description:
            raise base.Unknown(code)
        raise _Said(code, description)


def _code(reason: Any, kind: str, status: int) -> str:
    """Razorpay's reason, or else its kind of error; never a sentence."""
    for said in (reason, kind):
        if isinstance(said, str) and said != "NA" and re.fullmatch(r"\w{1,60}", said):
            return said.lower()
    return f"http_{status}"


@contextlib.contextmanager
def _talking() -> Iterator[Any]:
    """The SDK's client, for one piece of work; all that can go wrong comes out as Refused or Unknown."""
    if not Razorpay().is_configured():
        raise base.NotConfigured(Razorpay.code)
    keys = (settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET)
    with _Session() as session:
        try:
            yield razorpay.Client(session=session, auth=keys, base_url=settings.RAZORPAY_API_BASE)
        except _Said as refusal:
            raise base.Refused(refusal.code) from None
        except (LookupError, TypeError, ValueError, AttributeError):
            raise base.Unknown("bad_answer") from None

"""Stripe, by its own SDK: a Checkout page by redirect, refunds, charges without the payer, signed webhooks.

Keys of ours go along as idempotency keys, which Stripe keeps for a day or longer and then forgets; and as metadata, by
which a call looks first whether a refund or a charge of this key is there already. With one key Stripe gives the same
answer again, an error 500 too: what then helps is to look up.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import stripe
from django.conf import settings
from django.utils import timezone

from apps.common.money import Money

from . import base, stripe_facts, stripe_units
from .stripe_units import UNITS

#: How old a webhook's signature may be.
TOLERANCE = timedelta(minutes=5)
#: Payments are found by their metadata up to a minute after they were made (docs.stripe.com/search).
_SEARCH_LAGS = timedelta(minutes=2)
#: How long after its row a page may have been opened, and how many pages of a hundred are looked through for it.
_OPENED_WITHIN, _MOST_PAGES = timedelta(hours=26), 20
#: Checkout speaks no Arabic; it then takes what the browser asks for.
_LOCALES = {"en": "en", "es": "es", "fr": "fr", "hi": "hi-IN"}
_EXPAND = ["latest_charge"]
#: Which of several payments of one key is told of: the last of these.
_PREFERRED = [None, base.Stage.EXPIRED, base.Stage.FAILED, base.Stage.OPEN, base.Stage.PROCESSING, base.Stage.CAPTURED]

stripe.enable_telemetry = False


class Stripe:
    code: ClassVar[str] = "stripe"
    charges_later: ClassVar[bool] = True

    def is_configured(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET)

    def takes(self, amount: Money) -> bool:
        return stripe_units.takes(amount)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        """`expires_at` is 30 minutes to 24 hours away, or Stripe refuses: it is not moved here, as the same key must
        ask for the same."""
        intent: dict[str, Any] = {
            "description": order.description,
            "metadata": {stripe_facts.PAYMENT: str(order.key), "number": order.number, stripe_facts.PAGE: "1"},
        }
        asked: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": str(order.key),
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.amount.currency.lower(),
                        "unit_amount": UNITS.must(order.amount),
                        "product_data": {"name": order.description},
                    },
                }
            ],
            "payment_intent_data": intent,
            "metadata": {stripe_facts.PAYMENT: str(order.key)},
            "success_url": order.return_url,
            "cancel_url": order.cancel_url,
            "expires_at": int(order.expires_at.timestamp()),
            "locale": _LOCALES.get(order.language, "auto"),
            "adaptive_pricing": {"enabled": False},  # what is captured is what was asked, in its currency
        }
        if order.payer_email:
            asked["customer_email"] = order.payer_email
        if order.keep_method:
            intent["setup_future_usage"] = "off_session"
            asked["customer_creation"] = "always"
        with _talking() as v1:
            try:
                session = _opened(v1, order.key, asked)
            except stripe.InvalidRequestError as error:
                if error.param != "customer_email":
                    raise
                del asked["customer_email"]  # an address that Stripe takes for none: the page asks for one
                session = _opened(v1, order.key, asked)
            return base.Checkout(session["id"], session["url"], datetime.fromtimestamp(session["expires_at"], UTC))

    def close_checkout(self, checkout: str) -> None:
        with contextlib.suppress(base.Refused), _talking() as v1:  # it is closed, or paid
            v1.checkout.sessions.expire(checkout)

    def charge(self, order: base.Order, mandate: base.Mandate) -> base.Facts:
        asked: dict[str, Any] = {
            "amount": UNITS.must(order.amount),
            "currency": order.amount.currency.lower(),
            "customer": mandate.customer,
            "payment_method": mandate.method,
            "off_session": True,
            "confirm": True,
            "description": order.description,
            "metadata": {stripe_facts.PAYMENT: str(order.key), "number": order.number},
            "expand": _EXPAND,
        }
        with _talking() as v1:
            with contextlib.suppress(stripe.InvalidRequestError):  # accounts in India have no search
                for intent in _search(v1, order.key):
                    facts = stripe_facts.of_intent(intent)
                    if facts.stage in {base.Stage.CAPTURED, base.Stage.PROCESSING}:
                        return facts
            made = v1.payment_intents.create(asked, {"idempotency_key": f"charge:{order.key}"})
            return stripe_facts.of_intent(made.to_dict())

    def refund(self, order: base.RefundOrder) -> base.RefundFacts:
        asked: dict[str, Any] = {
            "payment_intent": order.payment_reference,
            "amount": UNITS.must(order.amount),
            "metadata": {stripe_facts.REFUND: str(order.key), stripe_facts.PAYMENT: str(order.payment_key)},
        }
        with _talking() as v1:
            for known in v1.refunds.list({"payment_intent": order.payment_reference, "limit": 100}).auto_paging_iter():
                facts = stripe_facts.of_refund(known.to_dict())
                if facts.key == order.key:
                    return facts
            made = v1.refunds.create(asked, {"idempotency_key": f"refund:{order.key}"})
            return stripe_facts.of_refund(made.to_dict())

    def look_up(self, key: UUID, *, checkout: str, reference: str) -> base.Facts | None:
        try:
            with _talking() as v1:
                facts = _found(v1, key, checkout, reference)
                if facts is None or facts.captured is None:
                    return facts
                return _with_what_followed(v1, facts)
        except base.Refused as error:  # what Stripe itself had named to us is not there: another account's key, perhaps
            raise base.Unknown(error.code) from None

    def read_notice(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> base.Notice:
        _must_be_configured()
        header = headers.get("Stripe-Signature", "")
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, header, settings.STRIPE_WEBHOOK_SECRET)
            signed_at = int(next(part[2:] for part in header.split(",") if part.startswith("t=")))
        except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration, IndexError):
            raise base.BadSignature("mismatch") from None
        if abs(now.timestamp() - signed_at) > TOLERANCE.total_seconds():
            raise base.BadSignature("too_old")
        return self.reread(body)

    def reread(self, body: bytes) -> base.Notice:
        try:
            event = json.loads(body)
            subject = event["data"]["object"]
            return base.Notice(
                event_id=event["id"],
                kind=event["type"],
                occurred_at=datetime.fromtimestamp(event["created"], UTC),
                facts=_told(event["type"], subject),
            )
        except (LookupError, TypeError, ValueError, AttributeError):
            raise base.BadNotice("unreadable") from None


def _opened(v1: Any, key: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        made: dict[str, Any] = v1.checkout.sessions.create(asked, {"idempotency_key": f"checkout:{key}"}).to_dict()
    except stripe.IdempotencyError:  # the payer has another address or language than when it was opened
        known = _page_of(v1, key)
        if known is None:
            raise
        made = v1.checkout.sessions.retrieve(known).to_dict()
        price = asked["line_items"][0]["price_data"]
        same = (made["amount_total"], made["currency"]) == (price["unit_amount"], price["currency"])
        if made["status"] != "open" or not same:
            raise
    return made


def _told(kind: str, subject: dict[str, Any]) -> base.Facts | None:
    match kind.split("."):
        case ["checkout", "session", "async_payment_failed"]:
            return stripe_facts.of_failed_session(subject)
        case ["checkout", "session", _]:
            return stripe_facts.of_session(subject)
        case ["payment_intent", _]:
            return stripe_facts.of_intent(subject)
        case ["charge", "refunded"]:
            return stripe_facts.of_charge(subject)
        case ["refund", _]:
            return stripe_facts.with_refunds([subject])
        case ["charge", "refund", "updated"]:
            return stripe_facts.with_refunds([subject])
        case ["charge", "dispute", _]:
            return stripe_facts.with_dispute(subject)
    return None


def _found(v1: Any, key: UUID, checkout: str, reference: str) -> base.Facts | None:
    if checkout:
        expand = ["payment_intent.latest_charge"]
        return stripe_facts.of_session(v1.checkout.sessions.retrieve(checkout, {"expand": expand}).to_dict())
    if reference:
        return stripe_facts.of_intent(v1.payment_intents.retrieve(reference, {"expand": _EXPAND}).to_dict())
    intents = [stripe_facts.of_intent(intent) for intent in _search(v1, key)]
    if intents:
        return max(intents, key=lambda facts: _PREFERRED.index(facts.stage))
    session = _page_of(v1, key)
    if session is not None:
        return _found(v1, key, session, "")
    made_at = _made_at(key)
    if made_at is not None and timezone.now() - made_at < _SEARCH_LAGS:
        raise base.Unknown("search_lags")
    return None


def _search(v1: Any, key: UUID) -> list[dict[str, Any]]:
    query = f'metadata["{stripe_facts.PAYMENT}"]:"{key}"'
    found = v1.payment_intents.search({"query": query, "limit": 100, "expand": ["data.latest_charge"]})
    return [intent.to_dict() for intent in found.data]


def _page_of(v1: Any, key: UUID) -> str | None:
    """The page that was opened for this key. Stripe finds none by its reference: those of the hours after the row was
    made are looked through."""
    made_at = _made_at(key)
    if made_at is None:
        return None
    within = {
        "gte": int((made_at - timedelta(minutes=5)).timestamp()),
        "lte": int((made_at + _OPENED_WITHIN).timestamp()),
    }
    pages = v1.checkout.sessions.list({"created": within, "limit": 100})
    for number, session in enumerate(pages.auto_paging_iter()):
        if session.client_reference_id == str(key):
            return str(session.id)
        if number >= _MOST_PAGES * 100:
            raise base.Unknown("too_many_pages")
    return None


def _made_at(key: UUID) -> datetime | None:
    """Our ids tell when they were made."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC) if key.version == 7 else None


def _with_what_followed(v1: Any, facts: base.Facts) -> base.Facts:
    asked = {"payment_intent": facts.reference, "limit": 100}
    refunds = [stripe_facts.of_refund(each.to_dict()) for each in v1.refunds.list(asked).auto_paging_iter()]
    found = [each.to_dict() for each in v1.disputes.list(asked).auto_paging_iter()]
    disputes = [stripe_facts.of_dispute(each) for each in found if not stripe_facts.is_inquiry(each)]
    return base.Facts(**vars(facts) | {"refunds": tuple(reversed(refunds)), "disputes": tuple(reversed(disputes))})


def _must_be_configured() -> None:
    if not (settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET):
        raise base.NotConfigured(Stripe.code)


@contextlib.contextmanager
def _talking() -> Iterator[Any]:
    """The SDK's services, for one piece of work; all that can go wrong comes out as Refused or Unknown. A wrong key
    (401, 403) says nothing of the payment, and a key of ours that was used for something else says that something was
    done: both are Unknown. What Stripe wrote is left out: it may quote the payer."""
    _must_be_configured()
    transport = stripe.RequestsClient(timeout=settings.GATEWAY_TIMEOUTS)
    try:
        client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            max_network_retries=0,
            http_client=transport,
        )
        yield client.v1
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        said = getattr(error.error, "decline_code", None)
        raise base.Refused(_code(said or error.code, error)) from None
    except stripe.StripeError as error:
        raise base.Unknown(_code(error.code, error)) from None
    except (LookupError, TypeError, ValueError, AttributeError):
        raise base.Unknown("bad_answer") from None
    finally:
        transport.close()


def _code(said: str | None, error: stripe.StripeError) -> str:
    """Stripe's code, or what kind of failure it was; never a sentence."""
    if said and re.fullmatch(r"\w{1,60}", said):
        return said
    return f"http_{error.http_status}" if error.http_status else type(error).__name__

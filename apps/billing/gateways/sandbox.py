"""The test gateway of `make demo` and of tests: medivoy.fake_gateway, over HTTP. Production refuses to know it."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import httpx
from django.conf import settings

from apps.common.money import Money

from . import base

SIGNATURE_HEADER = "Sandbox-Signature"
TOLERANCE_SECONDS = 5 * 60
LONGEST_CODE = 60


class Sandbox:
    """It takes every currency, in the currency's own smallest units, and tells the whole payment each time."""

    code: ClassVar[str] = "sandbox"
    charges_later: ClassVar[bool] = True

    def is_configured(self) -> bool:
        return bool(settings.SANDBOX_GATEWAY_URL and settings.SANDBOX_GATEWAY_SECRET) and not settings.PRODUCTION

    def takes(self, amount: Money) -> bool:
        return amount > Money.zero(amount.currency)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        said = self._post(
            "checkouts",
            f"checkout:{order.key}",
            _ordered(order)
            | {
                "return_url": order.return_url,
                "cancel_url": order.cancel_url,
                "expires_at": int(order.expires_at.timestamp()),
                "keep_method": order.keep_method,
                "language": order.language,
            },
        )
        try:
            return base.Checkout(said["id"], said["url"], datetime.fromtimestamp(said["expires_at"], UTC))
        except (LookupError, TypeError, ValueError):
            raise base.Unknown("bad_answer") from None

    def close_checkout(self, checkout: str) -> None:
        try:
            self._post(f"checkouts/{checkout}/close", "", {})
        except base.Refused:  # there is none: nobody pays on it
            return

    def charge(self, order: base.Order, mandate: base.Mandate) -> base.Facts:
        data = _ordered(order) | {"customer": mandate.customer, "method": mandate.method}
        return _facts(self._post("charges", f"charge:{order.key}", data))

    def refund(self, order: base.RefundOrder) -> base.RefundFacts:
        data = {"key": str(order.key), "payment": order.payment_reference, "amount": order.amount.minor}
        said = self._post("refunds", f"refund:{order.key}", data)
        try:
            return _refund(said, order.amount.currency)
        except (LookupError, TypeError, ValueError):
            raise base.Unknown("bad_answer") from None

    def look_up(self, key: UUID, *, checkout: str, reference: str) -> base.Facts | None:
        try:
            said = self._asked("GET", "payments", params={"key": str(key), "checkout": checkout, "payment": reference})
        except base.Refused as error:
            raise base.Unknown(error.code) from None
        if "payment" not in said:
            raise base.Unknown("bad_answer")
        return _facts(said["payment"]) if said["payment"] else None

    def read_notice(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> base.Notice:
        self._must_be_configured()
        _check(body, headers.get(SIGNATURE_HEADER, ""), settings.SANDBOX_GATEWAY_SECRET, now)
        return self.reread(body)

    def reread(self, body: bytes) -> base.Notice:
        try:
            said = json.loads(body)
            return base.Notice(
                event_id=said["id"],
                kind=said["kind"],
                occurred_at=datetime.fromtimestamp(said["occurred_at"], UTC),
                facts=_facts(said["payment"]),
            )
        except (LookupError, TypeError, ValueError, base.Unknown):
            raise base.BadNotice("unreadable") from None

    def _must_be_configured(self) -> None:
        if not self.is_configured():
            raise base.NotConfigured(self.code)

    def _post(self, path: str, key: str, data: dict[str, Any]) -> dict[str, Any]:
        return self._asked("POST", path, json=data, headers={"Idempotency-Key": key})

    def _asked(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        self._must_be_configured()
        connect, read = settings.GATEWAY_TIMEOUTS
        headers = {"Authorization": f"Bearer {settings.SANDBOX_GATEWAY_SECRET}"} | what.pop("headers", {})
        address = f"{settings.SANDBOX_GATEWAY_URL.rstrip('/')}/{path}"
        try:
            with httpx.Client(timeout=httpx.Timeout(read, connect=connect), trust_env=False) as client:
                answer = client.request(method, address, headers=headers, **what)
            said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise base.Unknown(type(error).__name__) from None
        except ValueError:
            raise base.Unknown("bad_answer") from None
        if not isinstance(said, dict):
            raise base.Unknown("bad_answer")
        code = str(said.get("error"))
        code = code if code.isidentifier() and len(code) <= LONGEST_CODE else f"http_{answer.status_code}"
        if answer.status_code in {400, 402, 404}:
            raise base.Refused(code)
        if answer.status_code != httpx.codes.OK:
            raise base.Unknown(code)
        return said


def _ordered(order: base.Order) -> dict[str, Any]:
    return {
        "key": str(order.key),
        "amount": order.amount.minor,
        "currency": order.amount.currency,
        "description": order.description,
    }


def _facts(said: Any) -> base.Facts:
    """Raises Unknown for what is no payment."""
    try:
        currency = said["currency"]
        mandate = said["mandate"] if said["captured"] is not None else None
        return base.Facts(
            key=UUID(said["key"]),
            checkout=said["checkout"],
            reference=said["id"],
            stage=base.Stage(said["stage"]),
            captured=None if said["captured"] is None else Money.from_minor(said["captured"], currency),
            method=said["method"],
            failure_code=said["failure"],
            mandate=base.Mandate(mandate["customer"], mandate["method"], mandate["label"]) if mandate else None,
            refunds=tuple(_refund(each, currency) for each in said["refunds"]),
            disputes=tuple(_dispute(each, currency) for each in said["disputes"]),
        )
    except (LookupError, TypeError, ValueError):
        raise base.Unknown("bad_answer") from None


def _refund(said: dict[str, Any], currency: str) -> base.RefundFacts:
    return base.RefundFacts(
        reference=said["id"],
        key=UUID(said["key"]) if said["key"] else None,
        amount=Money.from_minor(said["amount"], currency),
        stage=base.RefundStage(said["status"]),
        failure=said["failure"],
    )


def _dispute(said: dict[str, Any], currency: str) -> base.DisputeFacts:
    return base.DisputeFacts(
        reference=said["id"],
        amount=Money.from_minor(said["amount"], currency),
        stage=base.DisputeStage(said["status"]),
        reason=said["reason"],
        evidence_due_at=datetime.fromtimestamp(said["due"], UTC),
    )


def sign(body: bytes, secret: str, at: float | None = None) -> str:
    """The header of a body that was signed at this moment: a time and the HMAC of both, as Stripe has it."""
    moment = int(time.time() if at is None else at)
    return f"t={moment},v1={hmac.new(secret.encode(), f'{moment}.'.encode() + body, hashlib.sha256).hexdigest()}"


def _check(body: bytes, header: str, secret: str, now: datetime) -> None:
    """Raises BadSignature."""
    moment = header.partition(",")[0].removeprefix("t=")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        raise base.BadSignature("malformed")
    if not hmac.compare_digest(sign(body, secret, int(moment)).encode(), header.encode()):
        raise base.BadSignature("mismatch")
    if abs(now.timestamp() - int(moment)) > TOLERANCE_SECONDS:
        raise base.BadSignature("too_old")

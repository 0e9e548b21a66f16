"""Insurers that answer over https: one JSON call, signed by both sides with a secret that only they know.

We send `{"request", "policy_number", "holder", "birth_date"}` and get `{"request", "valid"}` with, for a policy that
holds, `coverage` and `deductible` (`{"amount", "currency"}` each), `co_pay_percent`, `valid_until`, and a `reference`.
Numbers are texts, days ISO 8601. `Medivoy-Signature: t=<seconds>,v1=<hex>` holds the HMAC-SHA256 of `<seconds>.<body>`,
on the question and on the answer; the answer repeats `request`, so that no other answer can stand in for it.
"""

import functools
import hashlib
import hmac
import json
import re
import ssl
import time
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

import httpx
from django.utils import timezone

from .base import Answer, Figures, Insurer, InsurerFailed, Question

SIGNATURE = "Medivoy-Signature"
CONNECT_SECONDS = 3.0
#: For a whole answer.
TIME_LIMIT_SECONDS = 10.0
MAX_BYTES = 64_000
#: An answer is signed about now: an old one was recorded.
TOLERANCE_SECONDS = 300
MAX_REFERENCE = 100
_SIGNED = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_NUMBER = re.compile(r"\d{1,11}(\.\d{1,3})?")


def sign(body: bytes, secret: str, *, at: int) -> str:
    """The signature of a body as it goes over the wire, made at this Unix time."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Http(Insurer):
    asks_by_itself: ClassVar[bool] = True

    def __init__(self, endpoint: str, secret: str, *, time_limit_seconds: float | None = None) -> None:
        self._endpoint, self._secret = endpoint, secret
        self._time_limit_seconds = time_limit_seconds or TIME_LIMIT_SECONDS

    def ask(self, question: Question) -> Answer:
        if not self._endpoint.startswith("https://") or not self._secret:
            raise InsurerFailed("the insurer has no address of https, or no secret")
        body = json.dumps(
            {
                "request": question.request,
                "policy_number": question.policy_number,
                "holder": question.holder,
                "birth_date": question.birth_date.isoformat() if question.birth_date else None,
            }
        ).encode()
        headers, content = self._exchanged(body, request=question.request)
        self._check(headers.get(SIGNATURE, ""), content)
        try:
            return _read(json.loads(content), request=question.request)
        except (ValueError, LookupError, TypeError, AttributeError, InvalidOperation):
            raise InsurerFailed("the answer is not as agreed") from None  # its text may name the patient

    def _exchanged(self, body: bytes, *, request: str) -> tuple[httpx.Headers, bytes]:
        """Redirects are not followed: what we send goes to the one place it is for."""
        until = time.monotonic() + self._time_limit_seconds
        wait = httpx.Timeout(self._time_limit_seconds, connect=min(CONNECT_SECONDS, self._time_limit_seconds))
        headers = {
            SIGNATURE: sign(body, self._secret, at=int(timezone.now().timestamp())), "Idempotency-Key": request,
            "Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity",
        }  # fmt: skip
        content = bytearray()
        try:
            with (
                httpx.Client(timeout=wait, verify=_trusted()) as client,
                client.stream("POST", self._endpoint, content=body, headers=headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise InsurerFailed(f"the insurer answered {response.status_code}")
                for part in response.iter_raw():
                    content += part
                    if len(content) > MAX_BYTES:
                        raise InsurerFailed("the answer is too large")
                    if time.monotonic() > until:
                        raise InsurerFailed("the answer took too long")
                return response.headers, bytes(content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise InsurerFailed(f"no answer: {type(error).__name__}") from None

    def _check(self, signature: str, content: bytes) -> None:
        found = _SIGNED.fullmatch(signature)
        if found is None:
            raise InsurerFailed("the answer is not signed")
        at = int(found[1])
        if abs(timezone.now().timestamp() - at) > TOLERANCE_SECONDS:
            raise InsurerFailed("the answer was signed at another time")
        if not hmac.compare_digest(sign(content, self._secret, at=at), signature):
            raise InsurerFailed("the answer is signed with another secret")


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities that certificates are checked against: reading them takes longer than asking."""
    return httpx.create_ssl_context()


def _read(said: Any, *, request: str) -> Answer:
    """Raises ValueError, LookupError, TypeError or InvalidOperation for what is not as agreed."""
    if said["request"] != request or not isinstance(said["valid"], bool):
        raise ValueError("another question's answer, or none")
    reference = said.get("reference") or ""
    if not isinstance(reference, str) or len(reference) > MAX_REFERENCE or not (reference or "x").isprintable():
        raise ValueError("no reference")
    if not said["valid"]:
        return Answer(valid=False, figures=Figures(), reference=reference)
    coverage, currency = _amount(said.get("coverage"))
    deductible, other = _amount(said.get("deductible"))
    if currency and other and currency != other:
        raise ValueError("two currencies")
    until, share = said.get("valid_until"), said.get("co_pay_percent")
    figures = Figures(
        coverage_amount=coverage,
        deductible=deductible,
        currency=currency or other,
        co_pay_percent=None if share is None else _number(share),
        valid_until=None if until is None else date.fromisoformat(until),
    )
    return Answer(valid=True, figures=figures, reference=reference)


def _amount(said: Any) -> tuple[Decimal | None, str]:
    if said is None:
        return None, ""
    if not isinstance(said["currency"], str):
        raise ValueError("no currency")
    return _number(said["amount"]), said["currency"]


def _number(text: Any) -> Decimal:
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return Decimal(text)

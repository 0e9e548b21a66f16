"""Requests and answers as the vendors' dialects see them, and what they have in common."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs

from .books import Books, Checkout


@dataclass(frozen=True)
class Request:
    """`path` is without the vendor's prefix: /v1/refunds. Headers are written As-This."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}


@dataclass(frozen=True)
class Answer:
    status: int
    data: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.data if isinstance(self.data, bytes) else json.dumps(self.data).encode()


class Dialect(Protocol):
    """One vendor's language."""

    books: Books

    def answer(self, request: Request) -> Answer: ...

    def notices(self, act: str, subject: Any, other: Any) -> list[tuple[str, str, dict[str, Any]]]:
        """The webhooks that an act is told by: id, kind and body of each."""
        ...

    def sign(self, body: bytes, event: str, secret: str) -> dict[str, str]:
        """The headers of a webhook, now."""
        ...

    def return_url(self, checkout: Checkout) -> str:
        """Where the payer goes after having paid."""
        ...

    def leave_url(self, checkout: Checkout) -> str:
        """Where they go without; empty where the vendor knows no such way."""
        ...

    def decimals(self, currency: str) -> int: ...


class Remembered:
    """Answers by idempotency key, for as long as the vendors keep them; a key with another request is told apart."""

    SECONDS = 24 * 60 * 60

    def __init__(self, books: Books) -> None:
        self._books = books
        self.answers: dict[str, tuple[int, str, Answer]] = {}

    def find(self, key: str, request: Request) -> Answer | None:
        """Raises KeyError where the key came with another request."""
        kept = self.answers.get(key)
        if kept is None or kept[0] + self.SECONDS < self._books.now():
            return None
        if kept[1] != _fingerprint(request):
            raise KeyError(key)
        return kept[2]

    def keep(self, key: str, request: Request, answer: Answer) -> None:
        self.answers[key] = (self._books.now(), _fingerprint(request), answer)


def _fingerprint(request: Request) -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()


def hmac_hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def stamped(secret: str, body: bytes, now: int) -> str:
    """Stripe's scheme: a time, and a signature of both."""
    return f"t={now},v1={hmac_hex(secret, f'{now}.'.encode() + body)}"

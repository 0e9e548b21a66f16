"""The server: one port, a prefix for each vendor's language, hosted pages, and a control for what shall go wrong."""

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from . import control, pages
from .books import Books
from .deliveries import Deliveries, Delivery
from .faults import Fault, Faults
from .messages import Answer, Dialect, Request
from .razorpay import Razorpay
from .sandbox import Sandbox
from .stripe import Stripe

HOST = "127.0.0.1"
_LARGEST_BODY = 1_000_000


@dataclass(frozen=True)
class Endpoint:
    """What a vendor was told about us: the key of our calls, where its webhooks go, and what they are signed with.
    Without an address they are kept until somebody asks for them."""

    key: str
    webhook_secret: str
    webhook_url: str = ""


class Gateway:
    """Everything in one: start it, use it as a context manager, or let the command run it. State is kept in `state`
    where that is given, else forgotten."""

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        *,
        port: int = 0,
        state: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.faults = Faults()
        self.deliveries = Deliveries(self.faults)
        self.lock = threading.RLock()
        self.books = Books(self._tell, now=now)
        self._endpoints = endpoints
        self._state = state
        if state is not None and state.exists():
            self.books.take(json.loads(state.read_text()))
        handler = type("Handler", (_Handler,), {"gateway": self})
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self.dialects: dict[str, Dialect] = {
            vendor: _SPOKEN[vendor](self.books, endpoint.key, self.url) for vendor, endpoint in endpoints.items()
        }
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        self.deliveries.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="gateway", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.faults.over.set()
        self._server.shutdown()
        self._server.server_close()
        self.deliveries.stop()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def answer(self, request: Request) -> Answer:
        """Pages, control and vendors; one at a time, so that the books are right without more locks."""
        first, _slash, rest = request.path.strip("/").partition("/")
        with self.lock:
            self.books.lapse()
            try:
                if first == "pay" or not first:
                    return pages.answer(self, request, rest)
                if first == "_control":
                    return control.answer(self, request, rest)
                if first in self.dialects:
                    inner = Request(request.method, f"/{rest}", request.query, request.headers, request.body)
                    return self.dialects[first].answer(inner)
                return Answer(404, {"error": "there is nothing here"})
            finally:
                self._save()

    def _tell(self, act: str, subject: Any, other: Any) -> None:
        dialect, endpoint = self.dialects[subject.vendor], self._endpoints[subject.vendor]
        for event, kind, data in dialect.notices(act, subject, other):
            body = json.dumps(data, separators=(",", ":")).encode()
            self.deliveries.add(
                Delivery(
                    subject.vendor,
                    event,
                    kind,
                    body,
                    headers=_signer(dialect, body, event, endpoint.webhook_secret),
                    url=endpoint.webhook_url,
                )
            )

    def _save(self) -> None:
        if self._state is None:
            return
        self._state.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._state.with_suffix(".new")
        fresh.write_text(json.dumps(self.books.as_data()))
        fresh.replace(self._state)


_SPOKEN: dict[str, Callable[[Books, str, str], Dialect]] = {"razorpay": Razorpay, "sandbox": Sandbox, "stripe": Stripe}


def _signer(dialect: Dialect, body: bytes, event: str, secret: str) -> Callable[[], dict[str, str]]:
    return lambda: dialect.sign(body, event, secret)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def setup(self) -> None:
        super().setup()
        # Headers and body are two small packets: without this each answer waits for an acknowledgement.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _LARGEST_BODY))
        parts = urlsplit(self.path)
        headers = {name.title(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, parts.query, headers, body)
        vendor, _slash, path = parts.path.strip("/").partition("/")
        fault = self.gateway.faults.next_for(vendor, self.command, path) if vendor in self.gateway.dialects else None
        if fault is not None and fault.kind == "cut":
            self._cut()
            return
        if fault is not None and fault.kind == "status":
            self._send(Answer(fault.status, {"error": {"message": "made to fail", "type": "api_error", "code": ""}}))
            return
        answer = self.gateway.answer(request)
        self._send_with(fault, answer)

    def _send_with(self, fault: Fault | None, answer: Answer) -> None:
        if fault is not None and fault.kind == "lose":
            self._cut()
            return
        if fault is not None and fault.kind == "nonsense":
            answer = Answer(answer.status, b"<html>not what you asked for</html>")
        if fault is not None and fault.kind == "delay":
            self.gateway.faults.over.wait(fault.seconds)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = answer.body
        try:
            self.send_response(answer.status)
            for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # whoever asked does not wait any more
            self.close_connection = True

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Said by nobody: paths hold the ids of payments."""

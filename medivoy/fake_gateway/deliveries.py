"""Webhooks on their way: sent by a thread where an address is known, otherwise kept until somebody asks for them."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from .faults import Faults

log = logging.getLogger(__name__)

#: Longer each time, up to ten minutes; the vendors go on for one to three days.
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS, _MOST_ATTEMPTS = 1.0, 600.0, 60
_ANSWER_SECONDS = 5.0


@dataclass
class Delivery:
    """One event for one endpoint. Each attempt is signed anew by `headers`, as the vendors do."""

    vendor: str
    id: str
    kind: str
    body: bytes
    headers: Callable[[], dict[str, str]]
    url: str = ""
    due_at: float = 0.0
    attempts: int = 0


class Deliveries:
    """`waiting` holds what was not taken yet, oldest first."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.waiting: list[Delivery] = []
        #: All that was ever due, dropped ones too: what the vendor's own page lists.
        self.log: list[Delivery] = []

    def add(self, delivery: Delivery) -> None:
        with self._lock:
            self.log.append(delivery)
            if self._faults.webhooks.drop > 0:
                self._faults.webhooks.drop -= 1
                return
            self.waiting.extend([delivery] * self._faults.webhooks.copies)
        self._news.set()

    def take(self) -> list[Delivery]:
        """What waits, and waits no more: for tests, which hand it over themselves."""
        with self._lock:
            taken, self.waiting = self.waiting, []
        return taken

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(timeout=_ANSWER_SECONDS)

    def _run(self) -> None:
        with httpx.Client(timeout=_ANSWER_SECONDS, trust_env=False) as client:
            while not self._over.is_set():
                for delivery in self._due():
                    self._send(client, delivery)
                self._news.wait(timeout=0.5)
                self._news.clear()

    def _due(self) -> list[Delivery]:
        now = time.time()
        with self._lock:
            due = [delivery for delivery in self.waiting if delivery.url and delivery.due_at <= now]
            self.waiting = [delivery for delivery in self.waiting if not delivery.url or delivery.due_at > now]
        if self._faults.webhooks.shuffle is not None:
            random.Random(self._faults.webhooks.shuffle).shuffle(due)  # noqa: S311  an order, not a secret
        return due

    def _send(self, client: httpx.Client, delivery: Delivery) -> None:
        delivery.attempts += 1
        try:
            answer = client.post(delivery.url, content=delivery.body, headers=delivery.headers())
            taken = answer.is_success
            said = str(answer.status_code)
        except httpx.HTTPError as error:
            taken, said = False, type(error).__name__
        log.info("webhook %s %s: %s", delivery.kind, delivery.id, said)
        if not taken and delivery.attempts < _MOST_ATTEMPTS:
            pause = min(_FIRST_RETRY_SECONDS * 2 ** (delivery.attempts - 1), _LONGEST_RETRY_SECONDS)
            delivery.due_at = time.time() + pause
            with self._lock:
                self.waiting.append(delivery)

"""The test gateway itself: its pages, its control, its webhooks on their way, and that it forgets nothing."""

import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from medivoy.fake_gateway import Endpoint, Gateway, deliveries, environment

ROOT = Path(__file__).resolve().parent.parent
SECRET = "sandbox-secret"
BEARER = {"Authorization": f"Bearer {SECRET}"}
ORDER = {
    "key": "0192f0c0-0000-7000-8000-000000000001",
    "amount": 12050,
    "currency": "USD",
    "description": "Medivoy <b>PAY-1</b>",
    "return_url": "http://localhost:8000/paid",
    "cancel_url": "http://localhost:8000/left",
    "expires_at": 4_000_000_000,
    "keep_method": False,
    "language": "en",
}
GIVE_UP_SECONDS = 20


class Listener:
    """Whom webhooks are sent to: it refuses the first ones, on request."""

    def __init__(self) -> None:
        self.refuses = 0
        self.heard: list[dict] = []
        self.expected = threading.Semaphore(0)
        handler = type("Handler", (_Handler,), {"listener": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"

    def wait_for(self, count: int) -> list[dict]:
        for _each in range(count):
            assert self.expected.acquire(timeout=GIVE_UP_SECONDS), self.heard
        return self.heard

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = self.listener.refuses > 0
        self.listener.refuses -= refused
        self.listener.heard.append(json.loads(body) | {"signature": self.headers["Sandbox-Signature"]})
        self.send_response(503 if refused else 200)
        self.end_headers()
        self.listener.expected.release()

    def log_message(self, *_arguments) -> None:
        """Nobody reads it."""


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.stop()


@pytest.fixture
def gateway(listener):
    with Gateway({"sandbox": Endpoint(SECRET, SECRET, listener.url)}) as gateway:
        yield gateway


def opened(gateway, **changes):
    return httpx.post(f"{gateway.url}/sandbox/checkouts", json=ORDER | changes, headers=BEARER).json()


def click(page, act):
    return httpx.post(page, data={"act": act})


def control(gateway, method, path, **what):
    answer = httpx.request(method, f"{gateway.url}/_control/{path}", **what)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_page_says_that_no_money_moves_and_quotes_what_it_was_told_as_text(gateway):
    page = httpx.get(opened(gateway)["url"]).text
    assert "no money moves" in page
    assert "120.50 USD" in page
    assert "&lt;b&gt;PAY-1&lt;/b&gt;" in page
    assert "<script" not in page
    for act in ("Pay", "Decline", "Pay later (delayed capture)", "Leave"):
        assert f">{act}</button>" in page


def test_after_paying_the_page_offers_what_may_follow(gateway):
    page = opened(gateway)["url"]
    answer = click(page, "pay")
    assert (answer.status_code, answer.headers["Location"]) == (303, ORDER["return_url"])
    assert ">Refund here</button>" in httpx.get(page).text
    for act in ("dispute", "win_disputes", "refund"):
        assert click(page, act).headers["Location"] == f"/pay/{page.rpartition('/')[2]}"
    assert control(gateway, "GET", "books") == {
        ORDER["key"]: {"vendor": "sandbox", "currency": "USD", "captured": 12050, "refunded": 12050, "disputed": 0}
    }
    assert ">Refund here</button>" not in httpx.get(page).text


def test_what_is_disputed_can_be_given_back_by_nobody(gateway):
    page = opened(gateway)["url"]
    click(page, "pay")
    control(gateway, "POST", "acts/dispute", json={"payment": ORDER["key"], "amount": 12000})
    for act, amount, status in (("refund", 51, 409), ("dispute", 51, 409), ("refund", 50, 200)):
        path = f"{gateway.url}/_control/acts/{act}"
        assert httpx.post(path, json={"payment": ORDER["key"], "amount": amount}).status_code == status


def test_what_cannot_be_done_is_said_on_a_page(gateway):
    page = opened(gateway)["url"]
    assert click(page, "refund").status_code == 409
    click(page, "pay")
    assert click(page, "pay").status_code == 409
    assert httpx.get(f"{gateway.url}/pay/nothing").status_code == 404
    assert page.rpartition("/")[2] in httpx.get(f"{gateway.url}/").text


def test_nobody_without_the_secret_is_answered(gateway):
    for headers in ({}, {"Authorization": "Bearer another"}):
        assert httpx.post(f"{gateway.url}/sandbox/checkouts", json=ORDER, headers=headers).status_code == 401
    assert gateway.books.checkouts == {}


def test_webhooks_are_sent_and_again_until_they_are_taken_each_time_signed_anew(gateway, listener, monkeypatch):
    monkeypatch.setattr(deliveries, "_FIRST_RETRY_SECONDS", 0.0)
    listener.refuses = 2
    click(opened(gateway)["url"], "pay")
    heard = listener.wait_for(3)
    assert len({each["id"] for each in heard}) == 1
    assert all(each["signature"].startswith("t=") for each in heard)


def test_webhooks_are_dropped_doubled_and_shuffled_on_request(gateway, listener):
    page = opened(gateway)["url"]
    control(gateway, "POST", "webhooks", json={"drop": 1, "copies": 2, "shuffle": 7})
    click(page, "pay")  # dropped
    click(page, "dispute")
    heard = listener.wait_for(2)
    assert [each["kind"] for each in heard] == ["payment.disputed"] * 2
    sent = control(gateway, "GET", "webhooks")
    assert [each["kind"] for each in sent] == ["payment.captured", "payment.disputed"]


def test_calls_go_wrong_on_request_as_often_as_was_asked(gateway):
    control(gateway, "POST", "faults", json={"kind": "lose", "vendor": "sandbox", "path": "checkouts"})
    with pytest.raises(httpx.RemoteProtocolError):
        opened(gateway)
    assert len(gateway.books.checkouts) == 1
    control(gateway, "POST", "faults", json={"kind": "status", "status": 500, "times": 2})
    for status in (500, 500, 200):
        answer = httpx.post(f"{gateway.url}/sandbox/checkouts", json=ORDER, headers=BEARER)
        assert answer.status_code == status
    control(gateway, "POST", "faults", json={"kind": "cut", "times": 9})
    control(gateway, "DELETE", "faults")
    assert opened(gateway)["id"]


def test_acts_are_asked_for_without_a_page(gateway):
    checkout = opened(gateway)["id"]
    control(gateway, "POST", "acts/later", json={"checkout": checkout})
    control(gateway, "POST", "acts/settle", json={"payment": ORDER["key"]})
    control(gateway, "POST", "acts/refund", json={"payment": ORDER["key"], "amount": 50})
    books = control(gateway, "GET", "books")
    assert (books[ORDER["key"]]["captured"], books[ORDER["key"]]["refunded"]) == (12050, 50)
    refused = httpx.post(f"{gateway.url}/_control/acts/settle", json={"payment": ORDER["key"]})
    assert refused.status_code == 409


def test_its_books_outlive_it(tmp_path):
    endpoints, state = {"sandbox": Endpoint(SECRET, SECRET)}, tmp_path / "gateway" / "books.json"
    with Gateway(endpoints, state=state) as before:
        page = opened(before)["url"]
        click(page, "pay")
        control(before, "POST", "acts/refund", json={"payment": ORDER["key"], "amount": 50})
        click(page, "dispute")
        kept = before.books.as_data()
    with Gateway(endpoints, state=state) as after:
        assert after.books.as_data() == kept
        assert httpx.get(f"{after.url}/pay/{page.rpartition('/')[2]}").status_code == 200


def test_it_does_not_run_in_production():
    done = subprocess.run(
        [sys.executable, "-m", "medivoy.fake_gateway"], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "does not run in production" in done.stderr


def test_the_command_runs_until_it_is_asked_to_stop(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"PATH": os.environ["PATH"], "MEDIVOY_ENV": "development", "FAKE_GATEWAY_PORT": str(port)}
    command = [sys.executable, "-u", "-m", "medivoy.fake_gateway"]
    with subprocess.Popen(command, cwd=ROOT, env=own | environment({}, port), stderr=subprocess.PIPE) as process:
        assert b"listens" in process.stderr.readline()
        assert httpx.get(f"http://127.0.0.1:{port}/_control/books").json() == {}
        process.terminate()
        assert process.wait(timeout=GIVE_UP_SECONDS) == 0


def test_nothing_of_django_is_needed():
    code = "import sys, medivoy.fake_gateway; print([name for name in sys.modules if name.startswith('django')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

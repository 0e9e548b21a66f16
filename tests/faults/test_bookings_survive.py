"""Worker, web and PostgreSQL are killed in turn during 200 bookings with retries: none lost, none doubled, all told."""

import http.client
import json
import queue
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from . import stack

BOOKINGS, CLIENTS = 200, 8
#: After how many bookings which program is killed.
KILLS = {20: "worker", 50: "web", 85: "PostgreSQL", 120: "worker", 150: "web", 175: "PostgreSQL"}
GIVE_UP_SECONDS = 90.0

pytestmark = pytest.mark.faults


class Client(threading.Thread):
    """Books what stands in the queue, asking again with the same key until it has an answer that is not 5xx."""

    def __init__(self, port, wishes, answers):
        super().__init__(daemon=True)
        self.port, self.wishes, self.answers = port, wishes, answers
        self.pause = threading.Event()

    def run(self):
        while True:
            try:
                token, body = self.wishes.get_nowait()
            except queue.Empty:
                return
            self.answers.put(self.book(token, body, key=str(uuid.uuid4())))

    def book(self, token, body, key):
        deadline, tries = time.monotonic() + GIVE_UP_SECONDS, 0
        while time.monotonic() < deadline:
            tries += 1
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            try:
                connection.request(
                    "POST",
                    "/api/v1/appointments",
                    body=json.dumps(body),
                    headers={
                        "Content-Type": "application/json",
                        "Authorization": f"Bearer {token}",
                        "Idempotency-Key": key,
                    },
                )
                response = connection.getresponse()
                answer = json.loads(response.read())
                if response.status < 500 and answer.get("code") != "idempotency.in_progress":
                    return response.status, answer, tries
            except (OSError, http.client.HTTPException, ValueError):
                pass  # the connection broke: what happened is unknown, so the same key is asked again
            finally:
                connection.close()
            self.pause.wait(0.2)
        return 0, None, tries


def wishes_of(prepared):
    """200 different (patient, time) and (doctor, time): every one of them must succeed."""
    day = (datetime.now(UTC) + timedelta(days=5)).date()
    wishes = queue.Queue()
    for number in range(BOOKINGS):
        patient, turn = number % len(prepared["tokens"]), number // len(prepared["tokens"])
        doctor, hospital = prepared["pairs"][patient % len(prepared["pairs"])]
        shift = patient // len(prepared["pairs"])
        starts_at = datetime(day.year, day.month, day.day, 4, 30, tzinfo=UTC) + timedelta(days=shift, minutes=30 * turn)
        body = {"doctor_id": doctor, "hospital_id": hospital, "starts_at": starts_at.isoformat()}
        wishes.put((prepared["tokens"][patient], body))
    return wishes


def test_bookings_survive_the_death_of_worker_web_and_postgres():
    with stack.running() as system:
        prepared = json.loads(system.manage("-m", "tests.faults.prepare"))
        wishes, answers = wishes_of(prepared), queue.Queue()
        clients = [Client(system.port, wishes, answers) for _number in range(CLIENTS)]
        for client in clients:
            client.start()
        for after, title in KILLS.items():
            system.until(lambda after=after: answers.qsize() >= after, what=f"{after} bookings")
            system.kill(title)
        system.until(lambda: answers.qsize() == BOOKINGS, what="all bookings answered")

        results = [answers.get() for _number in range(BOOKINGS)]
        refused = [(status, answer) for status, answer, _tries in results if status != 201]
        assert refused == []
        assert sum(tries > 1 for _status, _answer, tries in results) > 0, "nothing was hurt: it proves nothing"
        ids = {answer["data"]["id"] for _status, answer, _tries in results}
        assert len(ids) == BOOKINGS
        stored = {str(row[0]) for row in system.rows("SELECT id FROM bookings_appointment")}
        assert stored == ids

        unsent = "SELECT count(*) FROM notifications_message WHERE status <> 'sent'"
        system.until(lambda: system.rows(unsent) == [(0,)], what="all messages delivered")
        told = dict(
            system.rows("SELECT kind, count(*) FROM notifications_message WHERE channel = 'email' GROUP BY kind")
        )
        assert told == {"bookings.appointment_requested": BOOKINGS, "bookings.request_received": BOOKINGS}
        mails = system.rows("SELECT count(*) FROM notifications_message WHERE channel = 'email'")[0][0]
        caught = system.rows("SELECT count(*), count(DISTINCT message_id) FROM notifications_caughtemail")[0]
        assert caught == (mails, mails)
        assert set(KILLS.values()) <= {title for title, count in system.restarts().items() if count}

"""Workers killed with -9 while they deliver: every message arrives, none twice but the one that cannot be known of.

A real Celery worker in a process of its own, on this test's database and Redis, talks to an SMTP server of ours which
says when a message has come and what happens next.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from apps.common import redis
from apps.notifications import services
from apps.notifications.models import Message
from apps.notifications.services import delivery
from medivoy.celery import app
from tests.factories.accounts import UserFactory
from tests.factories.notifications import MessageFactory
from tests.notifications.mail_server import ACCEPT, HANG_UP, MailServer

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
MESSAGES = 40
WORKER = [
    *(sys.executable, "-m", "celery", "--app", "medivoy", "worker", "--concurrency", "1", "--pool", "prefork"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"),
]


@pytest.fixture
def mail_server():
    with MailServer() as server:
        yield server


@pytest.fixture
def start_worker(mail_server, tmp_path):
    """Starts a worker and comes back when it answers; what is left at the end is killed."""
    workers = []

    def start():
        log = tmp_path / f"worker{len(workers)}.log"
        with log.open("wb") as output:
            worker = subprocess.Popen(
                WORKER,
                cwd=ROOT,
                env=_environment(mail_server.port),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        workers.append(worker)
        _until(lambda: b" ready." in log.read_bytes(), what=f"worker ready: {log}")
        return worker

    yield start
    for worker in workers:
        _kill(worker)


def _environment(mail_port):
    database = connection.settings_dict
    login = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    port = f":{database['PORT']}" if database["PORT"] else ""
    return os.environ | {
        "MEDIVOY_ENV": "development",
        "DATABASE_URL": f"postgres://{login}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PYTHONWARNINGS": "ignore",
    }


def _kill(worker):
    """`kill -9` of the worker and of its children at one moment, as when a machine loses its power."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def _child_of(worker):
    list_processes = [shutil.which("ps"), "-A", "-o", "pid=,ppid="]
    processes = subprocess.run(list_processes, check=True, capture_output=True, text=True).stdout
    [child] = [pid for pid, parent in map(str.split, processes.splitlines()) if int(parent) == worker.pid]
    return int(child)


def _until(holds, *, what):
    deadline, tick = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, f"not seen within {PATIENCE_SECONDS} s: {what}"
        tick.wait(0.05)


def _beat():
    """What celery-beat does every ten seconds."""
    app.send_task("notifications.deliver_due")


def _all_sent():
    return not Message.objects.exclude(status="sent").exists()


def _a_minute_passes():
    """Claims of the dead run out; put on the rows, so that the test need not wait for it."""
    Message.objects.filter(status="sending").update(claimed_until=timezone.now() - timedelta(seconds=1))


def _write_messages():
    reader, now = UserFactory(), timezone.now()
    rows = [MessageFactory.build(recipient=reader, due_at=now, event=f"fault:{n}") for n in range(MESSAGES)]
    return {f"<{row.pk}@medivoy.example.com>" for row in Message.objects.bulk_create(rows)}


class Interruption:
    """Holds the conversation at the nth message until it is told how that ends."""

    def __init__(self, at):
        self.at, self.seen = at, 0
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.ends_with = HANG_UP

    def __call__(self, server, message):
        self.seen += 1
        if self.seen != self.at:
            return ACCEPT
        self.reached.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        return self.ends_with


@pytest.fixture
def interruption(mail_server):
    mail_server.answer = Interruption(at=MESSAGES // 3)
    return mail_server.answer


def test_a_worker_killed_before_the_server_took_the_message_loses_none_and_doubles_none(
    mail_server, start_worker, interruption
):
    expected = _write_messages()
    worker = start_worker()
    _beat()
    assert interruption.reached.wait(PATIENCE_SECONDS)
    _kill(worker)
    interruption.go_on.set()
    assert len(mail_server.ids) == MESSAGES // 3 - 1
    assert Message.objects.filter(status="sending").exists()

    _a_minute_passes()
    start_worker()
    _beat()
    _until(_all_sent, what="all messages sent")
    assert Counter(mail_server.ids) == dict.fromkeys(expected, 1)


def test_a_worker_killed_after_the_server_took_the_message_sends_that_one_again_under_the_same_id(
    mail_server, start_worker, interruption
):
    """Nobody can know whether the server took it: sending again under the same Message-ID is the safe side."""
    interruption.ends_with = ACCEPT
    expected = _write_messages()
    worker = start_worker()
    _beat()
    assert interruption.reached.wait(PATIENCE_SECONDS)
    _kill(worker)
    interruption.go_on.set()
    _until(lambda: len(mail_server.ids) == MESSAGES // 3, what="the message in doubt taken")
    in_doubt = mail_server.ids[-1]

    _a_minute_passes()
    start_worker()
    _beat()
    _until(_all_sent, what="all messages sent")
    assert Counter(mail_server.ids) == dict.fromkeys(expected, 1) | {in_doubt: 2}


def test_a_killed_task_process_is_replaced_and_the_task_comes_back_by_itself(mail_server, start_worker, interruption):
    expected = _write_messages()
    worker = start_worker()
    _beat()
    assert interruption.reached.wait(PATIENCE_SECONDS)
    os.kill(_child_of(worker), signal.SIGKILL)
    interruption.go_on.set()
    _a_minute_passes()
    _until(_all_sent, what="all messages sent without another beat")
    assert Counter(mail_server.ids) == dict.fromkeys(expected, 1)


def test_a_claim_runs_out_soon_enough_for_the_promise_of_two_minutes():
    assert delivery.CLAIMED_FOR + timedelta(seconds=10) < timedelta(seconds=120)


@pytest.fixture
def redis_gone(settings, monkeypatch):
    with MailServer() as nobody_home:
        settings.REDIS_URL = f"redis://127.0.0.1:{nobody_home.port}"
    monkeypatch.setattr(redis, "breaker", redis.Breaker(redis.LEFT_ALONE_SECONDS))
    redis.client.cache_clear()
    yield
    redis.client.cache_clear()


def test_with_redis_gone_the_request_succeeds_and_the_message_is_delivered_by_hand(
    api, coordinator, redis_gone, mailoutbox
):
    client, reader = api(coordinator), UserFactory()
    answer = client.post("/api/v1/notifications", {"user_ids": [str(reader.pk)], "title": "T", "body": "B"})
    assert answer.status_code == 201
    assert services.deliver_due() == 1
    assert [email.to for email in mailoutbox] == [[reader.email]]

"""Workers and people at once, each with a connection and real commits: an insurer is asked by one worker, and one
answer counts.

The guards are the claim (SKIP LOCKED, and a time during which it holds) and the second look when a worker says what it
heard. With the claim off, the same race asks several times (the control); with the second look off, the answer about an
old policy counts for the new one.
"""

import contextlib
import os
import subprocess
import sys
import threading
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.clinical import exceptions, insurers, services
from apps.clinical.insurers import http
from apps.clinical.models import InsuranceVerification
from apps.clinical.services import insurance
from apps.notifications.models import Message
from tests.bookings.racing import at_once
from tests.factories.clinical import InsurerFactory, PolicyFactory
from tests.fakes.insurer import InsurerServer

GIVE_UP_SECONDS = 60
WORKERS = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(monkeypatch):
    server = InsurerServer()
    monkeypatch.setenv("SSL_CERT_FILE", server.certificate_file)
    http._trusted.cache_clear()
    server.policies["LH-7788"] = {"valid": True}
    yield server
    server.close()
    http._trusted.cache_clear()


@pytest.fixture
def policy(server):
    provider = InsurerFactory(verification_kind="http", endpoint=server.url, secret=server.secret)
    return PolicyFactory(provider=provider, number="LH-7788")


@pytest.fixture
def asked(policy):
    return services.request_insurance_verification(policy.patient, by=policy.patient.user, policy=policy)[0]


def sweep():
    return services.ask_insurers(timezone.now())


@pytest.fixture
def all_are_at_it(monkeypatch):
    """Whoever asks waits, before it does, until so many do (or a second is over)."""
    meeting = threading.Barrier(WORKERS, timeout=1)
    real = http.Http.ask

    def ask_together(self, question):
        with contextlib.suppress(threading.BrokenBarrierError):  # those who found nothing to do never come
            meeting.wait()
        return real(self, question)

    monkeypatch.setattr(http.Http, "ask", ask_together)


def test_of_several_workers_one_asks(asked, server, all_are_at_it):
    assert sorted(at_once(*[sweep] * WORKERS)) == [0] * (WORKERS - 1) + [1]
    assert len(server.asked) == 1
    assert Message.objects.filter(kind="clinical.insurance_decided").values("event").distinct().count() == 1


def test_control_without_the_claim_each_asks(asked, server, all_are_at_it, monkeypatch):
    def claim(now):
        rows = InsuranceVerification.objects.filter(status="asking", due_at__lte=now, attempts=0)
        return rows.select_related("policy__patient__user", "policy__provider").first()

    monkeypatch.setattr(insurance, "_claim", claim)
    at_once(*[sweep] * WORKERS)
    assert len(server.asked) > 1


@pytest.fixture
def changed_meanwhile(asked, policy, monkeypatch):
    """The patient gives another number, by another connection, between the insurer's answer and the worker's mark."""
    real = http.Http.ask

    def ask(self, question):
        answer = real(self, question)
        given = {"by": policy.patient.user, "number": "LH-9999"}
        at_once(lambda: services.change_entry(policy, "insurance_policies", **given))
        return answer

    monkeypatch.setattr(http.Http, "ask", ask)


def test_an_answer_does_not_count_for_what_the_policy_has_become_meanwhile(changed_meanwhile, policy):
    assert sweep() == 0
    policy.refresh_from_db()
    assert policy.verification == "unverified"


def test_control_without_the_second_look_it_would(changed_meanwhile, asked, policy, monkeypatch):
    def decide(policy, asked, answer, *, now, **more):
        """Without the question's own row, which the database no longer lets change."""
        asked.valid, asked.decided_at = answer.valid, now
        insurance._follow(policy, asked)

    monkeypatch.setattr(insurance, "_ours", lambda asked: asked)
    monkeypatch.setattr(insurance, "_decide", decide)
    assert sweep() == 1
    policy.refresh_from_db()
    assert (policy.number, policy.verification) == ("LH-9999", "verified")


def test_an_insurers_answer_and_a_coordinators_are_not_both_kept(asked, policy, coordinator, server):
    server.policies["LH-7788"] = {"valid": True}

    def decide():
        with contextlib.suppress(exceptions.VerificationNotRequested):
            services.decide_insurance(policy, verified=False, note="Unknown number", by=coordinator)

    at_once(sweep, decide)
    asked.refresh_from_db()
    policy.refresh_from_db()
    assert policy.verification == ("verified" if asked.valid else "rejected")
    assert Message.objects.filter(kind="clinical.insurance_decided").values("event").distinct().count() == 1


WORKER = """
import django
django.setup()
from apps.clinical import tasks
tasks.ask_insurers()
"""


@pytest.fixture
def worker(server):
    """Starts the job in a process of its own, on this test's database."""
    database = connection.settings_dict
    login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    port = f":{database['PORT']}" if database["PORT"] else ""
    environ = os.environ | {
        "DATABASE_URL": f"postgres://{login}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "medivoy.settings",
        "SSL_CERT_FILE": server.certificate_file,
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environ, stdout=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait(GIVE_UP_SECONDS)


def test_a_worker_that_is_killed_between_the_answer_and_the_mark_loses_nothing(asked, server, worker):
    """`kill -9`: the insurer has decided, and nobody here knows of it. The same question gets the same answer."""
    was_killed = threading.Event()

    def kill():
        worker.kill()
        worker.wait(GIVE_UP_SECONDS)
        was_killed.set()

    server.before_answer = kill
    assert was_killed.wait(GIVE_UP_SECONDS)
    server.before_answer = lambda: None
    asked.refresh_from_db()
    assert (asked.status, asked.attempts) == ("asking", 1)

    assert sweep() == 0, "the claim still holds"
    with time_machine.travel(asked.due_at, tick=True):
        assert sweep() == 1
    asked.refresh_from_db()
    assert (asked.status, asked.reference, server.answers[str(asked.pk)]) == ("decided", "R1", 2)


def test_an_insurer_is_asked_outside_of_any_transaction(asked, server, monkeypatch):
    found = []
    real = http.Http.ask

    def ask(self, question: insurers.Question):
        found.append(connection.in_atomic_block)
        return real(self, question)

    monkeypatch.setattr(http.Http, "ask", ask)
    sweep()
    assert found == [False]

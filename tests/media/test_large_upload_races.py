"""Two at once, on real connections with real commits; each with the control that shows what the guard is for."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.media import exceptions, rules, services, storage
from apps.media.models import StoredFile, UploadSession
from apps.media.services import checking
from apps.media.storage import local
from tests.factories.accounts import UserFactory

from .conftest import stored_bytes
from .sessions import begun, complete, row_of, scan_of, seen, send_parts

pytestmark = pytest.mark.django_db(transaction=True)
PART = 64 * 1024
PATIENCE = 20
ROUNDS = 5


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(rules, "PART_BYTES", PART)


@pytest.fixture
def client(api):
    return api(UserFactory())


def sent(client, content):
    session = begun(client, content)
    send_parts(client, session, content)
    return session


def test_completing_twice_at_once_hands_the_upload_over_once(api, together):
    for _round in range(ROUNDS):
        person = UserFactory()
        clients, content = [api(person) for _number in range(2)], scan_of(2 * PART)
        session = sent(clients[0], content)
        answers = together(*[lambda c=client, s=session: complete(c, s) for client in clients])
        assert [answer.status_code for answer in answers] == [202, 202]
        checked = together(services.check_uploads, services.check_uploads)
        assert sum(checked) == 1, checked
        assert StoredFile.objects.filter(pk=session["id"]).count() == 1
        assert seen(clients[0], session)["status"] == "ready"


@contextmanager
def everyone_alone(job):
    yield True


def claim_without_a_lock(now):
    """The control: reads and writes with nothing between two who do so at the same moment."""
    session = UploadSession.objects.due(now).first()
    if session is not None:
        barrier = claim_without_a_lock.barrier
        barrier.wait()
        session.due_at = now + rules.CLAIMED_FOR
        UploadSession.objects.filter(pk=session.pk).update(due_at=session.due_at)
    return session


def test_two_workers_never_take_up_the_same_upload(client, together, monkeypatch):
    monkeypatch.setattr(checking.alone, "the_only", everyone_alone)
    for _round in range(ROUNDS):
        complete(client, sent(client, scan_of(2 * PART)))
        claimed = together(*[lambda: checking.claim(timezone.now())] * 2)
        assert len([session for session in claimed if session is not None]) == 1


def test_control_without_the_lock_both_take_it_up_and_still_one_file_comes_of_it(client, together, monkeypatch):
    content = scan_of(2 * PART)
    session = sent(client, content)
    complete(client, session)
    claim_without_a_lock.barrier = threading.Barrier(2, timeout=PATIENCE)
    claimed = together(*[lambda: claim_without_a_lock(timezone.now())] * 2)
    assert [each.pk for each in claimed] == [row_of(session).pk] * 2
    for each in claimed:
        each.due_at = row_of(session).due_at
    ended = together(*[lambda each=each: checking._check(each) for each in claimed])
    assert ended == [None, None]
    assert stored_bytes(StoredFile.objects.get()) == content
    assert row_of(session).status == "stored"


class Halting:
    """A part's body that stops in the middle until it is let go on."""

    def __init__(self, content):
        self._halves = [content[: len(content) // 2], content[len(content) // 2 :]]
        self.half_read, self.go_on = threading.Event(), threading.Event()

    def read(self, size=-1):
        if len(self._halves) == 1:
            self.half_read.set()
            assert self.go_on.wait(PATIENCE)
        return self._halves.pop(0) if self._halves else b""


def late_part(client, content, meanwhile):
    """Part 1 is on its way, with other bytes, while `meanwhile` happens; how its sender was answered."""
    session = sent(client, content)
    row, body = row_of(session), Halting(b"z" * PART)
    answers = []

    def sending():
        try:
            services.take_part(row.key, 1, PART, body, now=timezone.now())
            answers.append("taken")
        except exceptions.UploadClosed:
            answers.append("closed")
        finally:
            connection.close()

    thread = threading.Thread(target=sending)
    thread.start()
    assert body.half_read.wait(PATIENCE)
    try:
        assert complete(client, session).status_code == 202
        meanwhile()
    finally:
        body.go_on.set()
        thread.join(PATIENCE)
    return session, answers


def test_a_part_that_is_on_its_way_when_the_upload_is_joined_is_refused_and_changes_nothing(client):
    content = scan_of(3 * PART)
    session, answers = late_part(client, content, services.check_uploads)
    assert answers == ["closed"]
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content


def test_control_without_closing_the_folder_the_late_part_would_be_accepted_and_lost(client, monkeypatch):
    content = scan_of(3 * PART)
    monkeypatch.setattr(local.LocalStorage, "_closed", local.LocalStorage._coming)
    monkeypatch.setattr(local.shutil, "rmtree", lambda *args, **kwargs: None)
    monkeypatch.setattr(Path, "rename", lambda self, target: None)
    session, answers = late_part(client, content, services.check_uploads)
    assert answers == ["taken"], "its sender believes that it counts"
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content


def test_giving_up_and_completing_at_once_end_soundly(api, together, local_store):
    for _round in range(ROUNDS):
        person = UserFactory()
        one, other = api(person), api(person)
        session = sent(one, scan_of(2 * PART))
        ended, given_up = together(
            lambda c=one, s=session: complete(c, s),
            lambda c=other, s=session: c.delete(f"/api/v1/upload/sessions/{s['id']}"),
        )
        services.check_uploads()
        status = row_of(session).status
        assert (status, given_up.status_code) in {("stored", 409), ("aborted", 204)}
        if status == "aborted":
            assert ended.status_code in {202, 409}
            assert not (local_store / "private" / "parts").exists() or not any(
                (local_store / "private" / "parts").iterdir()
            )


def test_of_many_begun_at_once_no_more_are_open_than_allowed(api, together, monkeypatch):
    monkeypatch.setattr(rules, "MAX_OPEN_SESSIONS", 2)
    person = UserFactory()
    clients = [api(person) for _number in range(4)]
    body = {"purpose": "medical_record", "size": PART, "name": "a.dcm"}
    answers = together(*[lambda c=client: c.post("/api/v1/upload/sessions", body, format="json") for client in clients])
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    assert UploadSession.objects.count() == 2


def test_only_one_worker_checks_at_a_time_and_the_lock_ends_with_its_connection(client, together):
    complete(client, sent(client, scan_of(2 * PART)))
    held, let_go = threading.Event(), threading.Event()

    def holding():
        with services.alone.the_only("media.check_uploads") as is_mine:
            assert is_mine
            held.set()
            assert let_go.wait(PATIENCE)
            connection.close()  # as when the process dies

    def checking_meanwhile():
        assert held.wait(PATIENCE)
        checked = services.check_uploads()
        let_go.set()
        return checked

    assert together(holding, checking_meanwhile) == [None, 0]
    with transaction.atomic(), connection.cursor() as cursor:  # PostgreSQL notices the end of a connection in its time
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('media.check_uploads', 0))")
    assert services.check_uploads() == 1


def test_a_claim_that_ran_out_gives_its_first_worker_nothing_to_write(client):
    content = scan_of(2 * PART)
    session = sent(client, content)
    complete(client, session)
    slow = checking.claim(timezone.now())
    quick = checking.claim(timezone.now() + rules.CLAIMED_FOR + timedelta(seconds=1))
    assert quick.pk == slow.pk
    checking._check(quick)
    checking._check(slow)
    assert row_of(session).status == "stored"
    assert stored_bytes(StoredFile.objects.get()) == content


def test_the_file_is_made_in_one_transaction_with_the_end_of_its_upload(client, monkeypatch):
    session = sent(client, scan_of(2 * PART))
    complete(client, session)
    claimed = checking.claim(timezone.now())
    with transaction.atomic():
        StoredFile.objects.create(
            pk=claimed.pk, purpose="medical_record", visibility="private", key="aa/other", size=1, sha256="0" * 64,
            content_type="application/dicom", extension=".dcm",
        )  # fmt: skip
    checking._check(claimed)
    assert row_of(session).status == "checking", "the row that could not be written took the end back with it"
    with storage.on_disk("private", claimed.key) as file:
        assert file.read() == scan_of(2 * PART), "and nothing is lost"

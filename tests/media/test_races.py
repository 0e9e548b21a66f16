"""A file is taken into use while the clean-up forgets it: one of the two gives way, and no row is left without objects.

Real connections and commits. The control leaves out what the clean-up asks of the database, and the file is lost.
"""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts import services as account_services
from apps.accounts.models import User
from apps.common.api import errors
from apps.media import services
from apps.media.models import DiscardedFile, StoredFile
from tests.factories.accounts import UserFactory
from tests.factories.media import StoredFileFactory, pdf

from .conftest import send

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 15
PATIENCE = 20


def forgotten_file(person):
    file = StoredFileFactory(owner=person)
    StoredFile.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(days=3))
    return file


def is_sound(person, file):
    """Either in use with its objects, or gone and used by nobody."""
    person = User.objects.get(pk=person.pk)
    exists = StoredFile.objects.filter(pk=file.pk).exists()
    discarded = any(file.key in note.keys for note in DiscardedFile.objects.all())
    return exists != discarded and (person.picture_id is None or exists)


def attach(person, file):
    return account_services.update_user(person.pk, changes={"picture_id": file.pk}, by=person)


def test_taking_into_use_and_forgetting_at_once_end_soundly(together):
    outcomes = set()
    for _ in range(ROUNDS):
        person = UserFactory()
        file = forgotten_file(person)
        attached, counts = together(lambda p=person, f=file: attach(p, f), lambda: services.clean_up(timezone.now()))
        assert is_sound(person, file)
        if isinstance(attached, Exception):
            assert errors.as_refusal(attached).status in {400, 409}
        assert counts["unused"] + counts["kept"] <= 1
        outcomes.add(User.objects.get(pk=person.pk).picture_id is not None)
    assert outcomes


def interleaved(person, file, forget):
    """The attaching transaction has written its row and not yet ended when the clean-up looks, acts and ends."""
    written, go_on = threading.Event(), threading.Event()
    refusals = []

    def attaching():
        try:
            with transaction.atomic():
                User.objects.filter(pk=person.pk).update(picture=file)
                written.set()
                assert go_on.wait(PATIENCE)
        except IntegrityError as error:
            refusals.append(errors.as_refusal(error).code)
        finally:
            connection.close()

    thread = threading.Thread(target=attaching)
    thread.start()
    assert written.wait(PATIENCE)
    try:
        forget()
    finally:
        go_on.set()
        thread.join(PATIENCE)
    return refusals


def test_whoever_takes_a_file_into_use_too_late_is_refused():
    person = UserFactory()
    file = forgotten_file(person)
    refusals = interleaved(person, file, lambda: services.clean_up(timezone.now()))
    assert refusals == ["conflict"]
    assert is_sound(person, file)


def test_a_file_taken_into_use_after_the_clean_up_chose_it_stays(monkeypatch):
    person = UserFactory()
    file = forgotten_file(person)
    forget = services.files._forget

    def late(pk, now):
        attach(person, file)
        return forget(pk, now)

    monkeypatch.setattr(services.files, "_forget", late)
    assert services.clean_up(timezone.now()) == {"never_ended": 0, "unused": 0, "kept": 1, "quarantined": 0}
    assert User.objects.get(pk=person.pk).picture_id == file.pk
    assert is_sound(person, file)


def test_control_marking_a_file_as_removed_without_asking_the_foreign_keys_would_lose_it():
    """The same interleaving with a clean-up that only writes a mark: the picture then points to objects that go."""
    person = UserFactory()
    file = forgotten_file(person)

    def mark():
        with transaction.atomic():
            assert services.files._abandoned(timezone.now()).filter(pk=file.pk).exists(), "it looks unused"
            DiscardedFile.objects.create(visibility=file.visibility, keys=file.keys)
            StoredFile.objects.filter(pk=file.pk).update(status="pending")

    assert interleaved(person, file, mark) == []
    assert not is_sound(person, file)


def test_two_clean_ups_at_once_forget_each_file_once(together):
    person = UserFactory()
    for _ in range(10):
        forgotten_file(person)
    first, second = together(*[lambda: services.clean_up(timezone.now())] * 2)
    assert first["unused"] + second["unused"] == 10
    assert DiscardedFile.objects.count() == 10


def test_the_same_upload_twice_at_once_gives_one_file(api, together):
    person = UserFactory()
    clients = [api(person) for _ in range(3)]
    answers = together(
        *[lambda c=client: send(c, pdf(), "document", headers={"Idempotency-Key": "one"}) for client in clients]
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["data"]["id"] for answer in answers if answer.status_code == 201}) == 1
    assert StoredFile.objects.ready().count() == 1

"""Storing, removing and cleaning up: no row that can be seen without its objects, no object for ever without a row."""

import hashlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from apps.common.models import AuditEntry
from apps.media import exceptions, rules, services, storage, tasks
from apps.media.models import DiscardedFile, StoredFile
from tests.factories.media import DocumentFactory, StoredFileFactory, pdf, picture

from .conftest import objects_in, send, stored_bytes, upload

Status = StoredFile.Status


def aged(file, hours):
    StoredFile.objects.filter(pk=file.pk).update(created_at=timezone.now() - timedelta(hours=hours, seconds=1))
    return file


@pytest.fixture
def failing(monkeypatch):
    """`failing("save")`: from now on the local store cannot do that."""

    def fail(method, after=0):
        kind, calls = type(storages["public"]), []
        works = getattr(kind, method)

        def act(self, *args, **kwargs):
            calls.append(args)
            if len(calls) > after:
                raise OSError(28, "No space left on device")
            return works(self, *args, **kwargs)

        monkeypatch.setattr(kind, method, act)
        return calls

    return fail


# --- storing ---------------------------------------------------------------------------------------------------------


def test_each_purpose_has_its_place(person, local_store):
    files = {
        "public": [services.store_image(upload(picture()), by=person), services.store_generated(picture(), name="a")],
        "private": [
            services.store_image(upload(picture()), by=person, visibility="private"),
            services.store_document(upload(pdf()), by=person),
            services.store_medical_record(upload(pdf()), by=person),
        ],
    }
    for folder, stored in files.items():
        assert {file.visibility for file in stored} == {folder}
        assert objects_in(local_store / folder) == sorted(key for file in stored for key in file.keys)


def test_what_is_stored_is_what_the_row_says(person):
    file = services.store_image(upload(picture(size=(3000, 1000))), by=person)
    body = stored_bytes(file)
    assert (file.size, file.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert (file.width, file.height) == (2560, 853)


def test_nothing_is_stored_inside_a_transaction_whose_end_may_undo_the_row(transactional_db, local_store):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        services.store_generated(picture(), name="a")
    assert objects_in(local_store) == []


@pytest.mark.parametrize("after", [0, 2, 3])
def test_when_the_store_fails_nothing_can_be_seen_and_the_rest_is_swept(api, person, failing, local_store, after):
    calls = failing("save", after=after)
    response = send(api(person), picture())
    assert (response.status_code, response.json()["code"]) == (503, "media.storage_unavailable")
    assert int(response["Retry-After"]) > 0
    assert len(calls) == after + 1
    assert StoredFile.objects.get().status == Status.PENDING
    assert api(person).get("/api/v1/media").json()["data"] == []
    services.clean_up(timezone.now() + rules.PENDING_FOR + timedelta(minutes=1))
    services.erase_discarded()
    assert StoredFile.objects.count() == DiscardedFile.objects.count() == 0
    assert objects_in(local_store) == []


def test_an_upload_that_was_cleaned_up_meanwhile_is_not_published(person):
    file = services.deposit(upload(picture()), purpose="image", by=person)
    services.take_back(file)
    with pytest.raises(exceptions.StorageUnavailable):
        services.publish(file)
    assert StoredFile.objects.count() == 0


def test_the_trail_names_no_file_by_its_owners_words(person):
    services.store_document(upload(pdf(), name="Amina Okafor.pdf"), by=person)
    entries = AuditEntry.objects.filter(object_type="media.storedfile")
    assert entries.count() == 2
    assert not any("Amina" in str(entry.changes) for entry in entries)


# --- removing --------------------------------------------------------------------------------------------------------


def test_a_removed_file_loses_its_row_first_and_its_objects_later(person, local_store):
    file = services.store_image(upload(picture()), by=person)
    services.remove_file(file, by=person)
    assert StoredFile.objects.count() == 0
    assert len(objects_in(local_store / "public")) == 4
    assert services.erase_discarded() == 1
    assert objects_in(local_store / "public") == []
    assert DiscardedFile.objects.count() == 0


def test_a_file_in_use_keeps_row_and_objects(person):
    file = StoredFileFactory(owner=person)
    person.picture = file
    person.save()
    with pytest.raises(exceptions.FileInUse):
        services.remove_file(file, by=person)
    assert StoredFile.objects.filter(pk=file.pk).exists()
    assert DiscardedFile.objects.count() == 0


def test_while_the_store_is_down_removed_files_wait_and_are_erased_later(person, failing, monkeypatch, local_store):
    for _ in range(2):
        services.remove_file(services.store_image(upload(picture()), by=person), by=person)
    failing("delete", after=2)
    with pytest.raises(exceptions.StorageUnavailable):
        services.erase_discarded()
    assert DiscardedFile.objects.count() == 2
    monkeypatch.undo()
    assert services.erase_discarded() == 2


def test_one_store_that_is_down_keeps_no_removed_file_in_the_other(person, monkeypatch, local_store):
    services.remove_file(services.store_document(upload(pdf()), by=person), by=person)
    services.remove_file(services.store_image(upload(picture()), by=person), by=person)
    delete = storage.delete

    def private_is_down(visibility, keys):
        if visibility == "private":
            raise exceptions.StorageUnavailable()
        delete(visibility, keys)

    monkeypatch.setattr(storage, "delete", private_is_down)
    with pytest.raises(exceptions.StorageUnavailable):
        services.erase_discarded()
    assert objects_in(local_store / "public") == []
    assert [note.visibility for note in DiscardedFile.objects.all()] == ["private"]


def test_an_object_that_is_gone_already_is_not_missed(person):
    file = services.store_image(upload(picture()), by=person)
    storage.delete("public", file.keys)
    services.remove_file(file, by=person)
    assert services.erase_discarded() == 1


# --- cleaning up -----------------------------------------------------------------------------------------------------


def test_a_day_and_an_hour_are_the_limits(person):
    now = timezone.now()
    cases = {
        ("ready", rules.UNUSED_FOR + timedelta(seconds=1)): False,
        ("ready", rules.UNUSED_FOR - timedelta(seconds=1)): True,
        ("pending", rules.PENDING_FOR + timedelta(seconds=1)): False,
        ("pending", rules.PENDING_FOR - timedelta(seconds=1)): True,
    }
    files = {}
    for (status, age), stays in cases.items():
        file = StoredFileFactory(owner=person, status=status)
        StoredFile.objects.filter(pk=file.pk).update(created_at=now - age)
        files[file.pk] = stays
    assert services.clean_up(now) == {"never_ended": 1, "unused": 1, "kept": 0, "quarantined": 0}
    assert {pk: StoredFile.objects.filter(pk=pk).exists() for pk in files} == files


def test_what_is_used_or_kept_on_purpose_stays(person):
    used, kept, forgotten = (aged(StoredFileFactory(owner=person), 100) for _ in range(3))
    person.picture = used
    person.save()
    services.keep_file(kept, is_kept=True, by=person)
    assert services.clean_up(timezone.now())["unused"] == 1
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {used.pk, kept.pk}
    assert not StoredFile.objects.filter(pk=forgotten.pk).exists()


def test_every_foreign_key_to_files_is_looked_at_hidden_ones_too():
    declared = {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if getattr(field, "many_to_one", False) or getattr(field, "one_to_one", False)
        if field.concrete and field.model is model and field.related_model is StoredFile
    }
    assert declared, "at least a person's picture"
    assert {(key.model, key.name) for key in StoredFile.objects.foreign_keys()} == declared
    assert all(getattr(model, name).field.remote_field.hidden for model, name in declared)


def test_the_jobs_and_the_command_do_the_same(person, capsys):
    aged(DocumentFactory(owner=person), 100)
    tasks.clean_up()
    tasks.erase_discarded()
    assert StoredFile.objects.count() == DiscardedFile.objects.count() == 0
    aged(DocumentFactory(owner=person), 100)
    call_command("clean_up_media")
    told = capsys.readouterr().out.splitlines()
    assert {"unused: 1", "never_ended: 0", "erased: 1"} <= set(told)


def test_how_much_was_cleaned_up_is_logged(person, caplog):
    aged(StoredFileFactory(owner=person), 100)
    with caplog.at_level("INFO", logger="apps.media"):
        services.clean_up(timezone.now())
    [line] = [record.msg for record in caplog.records if "media_cleaned_up" in str(record.msg)]
    assert line["unused"] == 1

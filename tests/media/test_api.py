"""The routes of media: uploads, one's own files, and the files themselves on a local disk."""

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from apps.common.models import IdempotencyKey
from apps.media import links, rules, services
from apps.media.models import DiscardedFile, StoredFile
from tests.factories.accounts import UserFactory
from tests.factories.media import DocumentFactory, StoredFileFactory, dicom, pdf, picture

from .conftest import objects_in, send, stored_bytes


def path_of(url):
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
    return parts.path


def fetched(url):
    """The answer at the file's own address, read to its end into `answer.body`."""
    answer = APIClient().get(path_of(url))
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # closes it at its end
    return answer


# --- uploads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image", "document"])
def test_nobody_uploads_without_signing_in(api, db, kind):
    response = send(api(), picture(), kind)
    assert response.status_code == 401
    assert StoredFile.objects.count() == 0


def test_a_picture_is_answered_with_lasting_addresses_of_itself_and_its_thumbnails(api, person):
    response = send(api(person), picture(size=(1200, 800)), name="Me at work.jpg")
    assert response.status_code == 201, response.content
    data = response.json()["data"]
    assert {name: data[name] for name in ("purpose", "visibility", "content_type", "width", "height")} == {
        "purpose": "image", "visibility": "public", "content_type": "image/jpeg", "width": 1200, "height": 800,
    }  # fmt: skip
    assert data["original_name"] == "Me at work.jpg"
    file = StoredFile.objects.get(pk=data["id"])
    assert file.status == "ready"
    assert file.owner == person
    for url in (data["url"], *data["thumbnails"].values()):
        assert "work" not in url
        answer = fetched(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] in {"image/jpeg", "image/webp"}
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "sandbox" in answer["Content-Security-Policy"]
    assert {name: variant["width"] for name, variant in file.variants.items()} == {
        "small": 160, "medium": 480, "large": 960,
    }  # fmt: skip


def test_a_picture_can_be_kept_private(api, person, local_store):
    data = send(api(person), picture(), visibility="private").json()["data"]
    assert data["visibility"] == "private"
    assert objects_in(local_store / "public") == []
    assert "/media/private/" in data["url"]
    assert all("/media/private/" in url for url in data["thumbnails"].values())


def test_a_document_is_private_whatever_is_asked_for(api, person, local_store):
    response = send(api(person), pdf(), "document", name="licence.pdf", visibility="public")
    assert response.status_code == 201
    assert response.json()["data"]["visibility"] == "private"
    assert objects_in(local_store / "public") == []
    assert len(objects_in(local_store / "private")) == 1


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("patient", 201), ("doctor", 201), ("coordinator", 201), ("hospital_admin", 201), ("admin", 201),
        ("support", 403), ("translator", 403),
    ],
)  # fmt: skip
def test_medical_records_are_uploaded_by_those_who_add_to_records(api, db, role, status):
    response = send(api(UserFactory(role=role)), pdf(), "medical-record", name="x.pdf")
    assert response.status_code == status
    assert StoredFile.objects.count() == (status == 201)


@pytest.mark.parametrize("content", [pdf(), dicom(), picture("PNG"), picture("JPEG", exif=Image.Exif())])
def test_a_medical_record_is_kept_byte_for_byte(api, person, content):
    data = send(api(person), content, "medical-record").json()["data"]
    file = StoredFile.objects.get(pk=data["id"])
    assert stored_bytes(file) == content
    assert data["size"] == len(content)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"file"}),
        ({"file": "text, not a file"}, {"file"}),
        ({"picture": picture()}, {"file"}),
    ],
)
def test_a_form_without_the_file_is_refused(api, person, body, errors):
    response = api(person).post("/api/v1/upload/image", body, format="multipart")
    assert response.status_code == 400
    assert set(response.json()["errors"]) == errors


def test_a_form_with_two_files_is_refused(api, person):
    files = [io.BytesIO(picture()), io.BytesIO(picture())]
    for file in files:
        file.name = "a.jpg"
    response = api(person).post("/api/v1/upload/image", {"file": files}, format="multipart")
    assert response.status_code == 400
    assert StoredFile.objects.count() == 0


def test_json_is_no_upload(api, person):
    response = api(person).post("/api/v1/upload/image", {"file": "x"}, format="json")
    assert (response.status_code, response.json()["code"]) == (415, "request.unsupported_media_type")


def test_a_body_that_breaks_off_is_refused_and_nothing_is_stored(api, person, local_store):
    boundary = "x" * 20
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode()
    whole = head + picture() + f"\r\n--{boundary}--\r\n".encode()
    for body in (whole[:-40], whole[:-26], head):
        response = api(person).generic(
            "POST", "/api/v1/upload/image", body, content_type=f"multipart/form-data; boundary={boundary}"
        )
        assert response.status_code == 400, response.content
        assert response.json()["code"] == "media.upload_incomplete"
    declared_longer = api(person).generic(
        "POST", "/api/v1/upload/image", whole, content_type=f"multipart/form-data; boundary={boundary}",
        CONTENT_LENGTH=str(len(whole) + 1000), **{"wsgi.input": io.BytesIO(whole)},
    )  # fmt: skip
    assert declared_longer.json()["code"] == "media.upload_incomplete"
    sound = api(person).generic(
        "POST", "/api/v1/upload/image", whole, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert sound.status_code == 201, "the control: the same bytes to their end"
    assert len(objects_in(local_store / "public")) == 4


def test_a_file_that_is_too_large_is_refused_by_its_declared_length_before_it_is_read(api, person):
    response = api(person).generic(
        "POST", "/api/v1/upload/image", b"never read", content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(rules.MAX_BYTES["image"] * 2),
    )  # fmt: skip
    assert (response.status_code, response.json()["code"]) == (413, "media.too_large")


def test_a_file_that_is_too_large_is_refused_while_it_is_read(api, person, monkeypatch):
    monkeypatch.setitem(rules.MAX_BYTES, "image", 64 * 1024)
    written = []
    receive = TemporaryFileUploadHandler.receive_data_chunk
    monkeypatch.setattr(
        TemporaryFileUploadHandler,
        "receive_data_chunk",
        lambda self, data, start: written.append(len(data)) or receive(self, data, start),
    )
    response = send(api(person), picture() + bytes(120 * 1024))
    assert (response.status_code, response.json()["code"]) == (413, "media.too_large")
    assert sum(written) <= 64 * 1024
    assert StoredFile.objects.count() == 0


def test_of_a_refused_upload_nothing_stays_on_the_disk(api, person, settings, tmp_path, monkeypatch):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setitem(rules.MAX_BYTES, "image", 64 * 1024)
    for content in (picture() + bytes(120 * 1024), b"<svg/>", b"", picture()[:300]):
        assert send(api(person), content).status_code >= 400
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_what_one_person_uploads_within_an_hour_is_bounded(api, person, other_person, monkeypatch):
    monkeypatch.setattr(rules, "UPLOADS_PER_HOUR", 2)
    client = api(person)
    assert [send(client, picture()).status_code for _ in range(3)] == [201, 201, 429]
    assert send(api(other_person), picture()).status_code == 201
    with time_machine.travel(timezone.now() + rules.PER_HOUR, tick=False):
        assert send(api(person), picture()).status_code == 201


# --- the same request again ------------------------------------------------------------------------------------------


def test_the_same_upload_again_under_its_key_gives_the_same_file_and_leaves_one(api, person, local_store):
    client, key = api(person), {"Idempotency-Key": "one"}
    first = send(client, pdf(), "document", headers=key)
    again = send(client, pdf(), "document", headers=key)
    assert first.status_code == again.status_code == 201
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["data"]["id"] == again.json()["data"]["id"]
    assert StoredFile.objects.count() == 1
    assert DiscardedFile.objects.count() == 1, "the second copy is to be deleted"


def test_another_file_under_a_used_key_is_refused_and_never_seen(api, person):
    client, key = api(person), {"Idempotency-Key": "one"}
    send(client, pdf(), "document", headers=key)
    other = send(client, pdf(b"<< /Other 1 >>"), "document", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert StoredFile.objects.ready().count() == 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
@pytest.mark.parametrize("kind", ["image", "document"])
def test_a_picture_of_any_kind_of_colours_is_stored_once_for_its_key(api, person, kind, mode):
    content = picture("PNG", mode=mode, colour=(1, 2, 3) if mode.startswith("RGB") else 1)
    answers = [send(api(person), content, kind, headers={"Idempotency-Key": "one"}) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["data"]["id"] for answer in answers}) == 1


def test_no_link_is_kept_for_repetitions(api, person):
    response = send(api(person), pdf(), "document", headers={"Idempotency-Key": "one"})
    assert IdempotencyKey.objects.get().body["data"] == {"id": response.json()["data"]["id"]}


# --- one's own files -------------------------------------------------------------------------------------------------


def test_people_find_their_own_files_and_admins_all(api, person, other_person, platform_admin):
    mine, theirs = StoredFileFactory(owner=person), StoredFileFactory(owner=other_person)
    StoredFileFactory(owner=person, status="pending")

    def seen_by(user):
        return [row["id"] for row in api(user).get("/api/v1/media").json()["data"]]

    assert seen_by(person) == [str(mine.pk)]
    assert seen_by(other_person) == [str(theirs.pk)]
    assert set(seen_by(platform_admin)) == {str(mine.pk), str(theirs.pk)}
    assert api(other_person).get(f"/api/v1/media/{mine.pk}").status_code == 404
    assert api(platform_admin).get(f"/api/v1/media/{mine.pk}").json()["data"]["original_name"] is None
    assert api(person).get(f"/api/v1/media/{mine.pk}").json()["data"]["original_name"] == "photo.jpg"


def test_the_list_is_narrowed_and_refuses_what_it_does_not_know(api, person):
    StoredFileFactory(owner=person)
    document = DocumentFactory(owner=person)
    rows = api(person).get("/api/v1/media?purpose=document&visibility=private").json()["data"]
    assert [row["id"] for row in rows] == [str(document.pk)]
    assert api(person).get("/api/v1/media?purpose=nonsense").status_code == 400


def test_an_admin_sees_that_a_medical_record_exists_and_cannot_open_it(api, person, platform_admin):
    record = DocumentFactory(owner=person, purpose="medical_record")
    assert api(person).get(f"/api/v1/media/{record.pk}").json()["data"]["url"]
    seen = api(platform_admin).get(f"/api/v1/media/{record.pk}").json()["data"]
    assert (seen["url"], seen["thumbnails"], seen["original_name"]) == (None, None, None)


def test_a_file_is_removed_by_its_owner_and_by_nobody_else(api, person, other_person):
    file = StoredFileFactory(owner=person)
    assert api(other_person).delete(f"/api/v1/media/{file.pk}").status_code == 404
    assert StoredFile.objects.count() == 1
    assert api(person).delete(f"/api/v1/media/{file.pk}").status_code == 204
    assert StoredFile.objects.count() == 0


def test_a_file_in_use_is_not_removed(api, person):
    file = StoredFileFactory(owner=person)
    person.picture = file
    person.save()
    response = api(person).delete(f"/api/v1/media/{file.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "media.in_use")
    assert StoredFile.objects.filter(pk=file.pk).exists()


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_private_link_saves_the_file_for_five_minutes_and_names_nobody(api, person):
    data = send(api(person), pdf(), "document", name="Amina Okafor biopsy.pdf").json()["data"]
    assert "Amina" not in data["url"]
    answer = fetched(data["url"])
    assert answer.status_code == 200
    assert answer.body == pdf()
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert "Amina" not in str(answer.headers)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    with time_machine.travel(timezone.now() + timedelta(seconds=links.LINK_SECONDS + 2), tick=False):
        assert fetched(data["url"]).status_code == 404


def test_a_forged_private_link_leads_nowhere(api, person):
    url = path_of(send(api(person), pdf(), "document").json()["data"]["url"])
    assert api().get(url[:-1] + ("A" if url[-1] != "A" else "B")).status_code == 404
    assert api().get("/media/private/x").status_code == 404


@pytest.mark.parametrize(
    "path", ["../private/x.pdf", "aa/../../private/x.jpg", "%2e%2e/x.jpg", "aa/" + "0" * 32 + ".html", ""]
)
def test_no_path_leads_out_of_the_public_folder(api, db, path):
    assert api().get(f"/media/public/{path}").status_code == 404


def test_a_private_file_is_not_reached_by_a_public_address(api, person):
    file = StoredFile.objects.get(pk=send(api(person), picture(), visibility="private").json()["data"]["id"])
    assert api().get(f"/media/public/{file.key}").status_code == 404


def test_a_removed_file_is_reached_by_no_link_once_its_objects_are_erased(api, person):
    data = send(api(person), pdf(), "document").json()["data"]
    api(person).delete(f"/api/v1/media/{data['id']}")
    services.erase_discarded()
    assert fetched(data["url"]).status_code == 404

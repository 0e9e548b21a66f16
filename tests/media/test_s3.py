"""The real django-storages and boto3 against a server that speaks S3, on a port of this machine; also when it is gone,
or takes the connection and says nothing."""

import socket
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.files.storage import storages
from django.utils import timezone

from apps.media import exceptions, links, rules, services
from apps.media.models import DiscardedFile, StoredFile
from apps.media.storage import s3
from tests.factories.media import pdf, picture

from .conftest import send, upload
from .s3_server import CACHED, dead_address, keys_in


def silent_server():
    """Takes connections and never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_public_objects_lie_in_the_public_bucket_and_private_ones_in_the_other(person, buckets):
    image = services.store_image(upload(picture()), by=person)
    private = services.store_image(upload(picture()), by=person, visibility="private")
    document = services.store_document(upload(pdf()), by=person)
    assert keys_in(buckets, "medivoy-public") == sorted(image.keys)
    assert keys_in(buckets, "medivoy-private") == sorted([*private.keys, *document.keys])


def test_objects_say_what_they_are_and_no_access_list_opens_them(person, buckets):
    image = services.store_image(upload(picture()), by=person)
    document = services.store_document(upload(pdf()), by=person)
    for bucket, key, kind in (
        ("medivoy-public", image.key, "image/jpeg"),
        ("medivoy-public", image.variants["small"]["key"], "image/webp"),
        ("medivoy-private", document.key, "application/pdf"),
    ):
        head = buckets.head_object(Bucket=bucket, Key=key)
        assert (head["ContentType"], head["CacheControl"]) == (kind, CACHED[bucket.removeprefix("medivoy-")])
        grants = buckets.get_object_acl(Bucket=bucket, Key=key)["Grants"]
        assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
        assert all(grant["Grantee"]["Type"] == "CanonicalUser" for grant in grants)


def test_a_private_link_is_signed_with_version_four_for_five_minutes_and_saves_the_file(api, person, buckets):
    data = send(api(person), pdf(), "document", name="Amina Okafor.pdf").json()["data"]
    query = parse_qs(urlsplit(data["url"]).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == [str(links.LINK_SECONDS)]
    assert "Signature" not in query, "version 2"
    assert "Amina" not in data["url"]
    answer = httpx.get(data["url"], trust_env=False)
    assert answer.content == pdf()
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="document-')
    assert answer.headers["Content-Type"] == "application/pdf"


def test_a_public_address_is_lasting_and_unsigned(api, person, buckets):
    data = send(api(person), picture()).json()["data"]
    file = StoredFile.objects.get(pk=data["id"])
    assert urlsplit(data["url"]).path == f"/medivoy-public/{file.key}"
    assert urlsplit(data["url"]).query == ""


def test_our_own_addresses_lead_to_nothing_when_files_lie_in_buckets(api, person, buckets):
    file = services.store_image(upload(picture()), by=person)
    assert api().get(f"/media/public/{file.key}").status_code == 404


def test_removed_files_leave_the_bucket(person, buckets):
    file = services.store_image(upload(picture()), by=person)
    services.remove_file(file, by=person)
    assert len(keys_in(buckets, "medivoy-public")) == 4
    assert services.erase_discarded() == 1
    assert keys_in(buckets, "medivoy-public") == []


def test_a_large_record_goes_up_in_parts_and_comes_back_the_same(person, buckets):
    content = pdf(trailer=b"%" + b"x" * 12 * rules.MEGABYTE + b"\n")
    file = services.store_medical_record(upload(content), by=person)
    with storages["private"].open(file.key) as opened:
        assert opened.read() == content


# --- when the store does not do as it is asked -----------------------------------------------------------------------


def refused_with_503(api, person):
    response = send(api(person), picture())
    assert (response.status_code, response.json()["code"]) == (503, "media.storage_unavailable")
    assert int(response["Retry-After"]) > 0
    assert StoredFile.objects.get().status == "pending"
    assert api(person).get("/api/v1/media").json()["data"] == []


def test_a_store_that_is_gone(api, person, use):
    use(dead_address())
    refused_with_503(api, person)


def test_a_store_that_takes_the_connection_and_says_nothing(api, person, use):
    listening, url = silent_server()
    with listening:
        use(url)
        refused_with_503(api, person)


def test_a_bucket_that_is_not_there(api, person, server, use):
    use(server)
    refused_with_503(api, person)


def test_a_store_that_goes_away_between_two_objects_of_a_file(api, person, buckets, use, monkeypatch, server):
    put, calls = s3.S3Storage.save, []

    def save(self, *args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            use(dead_address())
            return storages["public"].save(*args, **kwargs)
        return put(self, *args, **kwargs)

    monkeypatch.setattr(s3.S3Storage, "save", save)
    refused_with_503(api, person)
    assert len(keys_in(buckets, "medivoy-public")) == 2, "what had been stored lies there, unknown to anyone"
    monkeypatch.setattr(s3.S3Storage, "save", put)
    use(server)
    services.clean_up(timezone.now() + rules.PENDING_FOR + timedelta(minutes=1))
    services.erase_discarded()
    assert keys_in(buckets, "medivoy-public") == []
    assert StoredFile.objects.count() == 0


def test_while_the_store_is_gone_files_can_be_removed_and_are_erased_later(person, buckets, use, server):
    file = services.store_image(upload(picture()), by=person)
    use(dead_address())
    services.remove_file(file, by=person)
    with pytest.raises(exceptions.StorageUnavailable):
        services.erase_discarded()
    assert DiscardedFile.objects.count() == 1
    use(server)
    assert services.erase_discarded() == 1
    assert keys_in(buckets, "medivoy-public") == []


def test_lists_and_pages_ask_no_bucket_for_anything(api, person, buckets, use):
    services.store_image(upload(picture()), by=person)
    services.store_document(upload(pdf()), by=person)
    use(dead_address())
    rows = api(person).get("/api/v1/media").json()["data"]
    assert len(rows) == 2
    assert all(row["url"] for row in rows)

"""Large files go straight to the bucket, part by part, at addresses that we signed: real boto3 and real HTTP against a
server that speaks S3, also when it is gone."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from apps.media import rules, services, storage
from apps.media.models import StoredFile, UploadSession
from apps.media.storage import parts

from .s3_server import dead_address, keys_in
from .sessions import SESSIONS, begin, begun, complete, piece_of, put, row_of, scan_of, seen

#: S3 takes no smaller part, but for the last.
PART = 5 * rules.MEGABYTE
CONTENT = scan_of(2 * PART + 1000)


@pytest.fixture(autouse=True)
def smallest_parts(monkeypatch):
    monkeypatch.setattr(rules, "PART_BYTES", PART)


@pytest.fixture
def client(api, person):
    return api(person)


def send_straight(session, numbers=None):
    """As the person's app does: to the bucket, past us."""
    for part in session["parts"]:
        if part["url"] and (numbers is None or part["number"] in numbers):
            answer = httpx.put(part["url"], content=piece_of(CONTENT, session, part["number"]), trust_env=False)
            assert answer.status_code == 200, answer.text


def unfinished_in(buckets):
    return buckets.list_multipart_uploads(Bucket="medivoy-private").get("Uploads", [])


def test_parts_go_straight_to_the_bucket_and_become_a_file(client, person, buckets):
    session = begun(client, CONTENT)
    send_straight(session, [1, 3])
    again = seen(client, session)
    assert [part["arrived"] for part in again["parts"]] == [True, False, True]
    assert complete(client, session).json()["data"] == {"missing": [2]}
    send_straight(again)
    assert complete(client, session).status_code == 202
    services.check_uploads()
    session = seen(client, session)
    assert session["status"] == "ready", session
    file = StoredFile.objects.get(pk=session["id"])
    assert keys_in(buckets, "medivoy-private") == [file.key]
    assert b"".join(storage.chunks("private", file.key)) == CONTENT
    assert httpx.get(session["file"]["url"], trust_env=False).content == CONTENT
    assert unfinished_in(buckets) == []


def test_the_address_of_a_part_is_signed_for_fifteen_minutes_one_part_and_its_length(client, buckets):
    session = begun(client, CONTENT)
    for part in session["parts"]:
        query = parse_qs(urlsplit(part["url"]).query)
        assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert query["X-Amz-Expires"] == [str(rules.PART_ADDRESS_SECONDS)] == ["900"]
        assert query["partNumber"] == [str(part["number"])]
        assert "content-length" in query["X-Amz-SignedHeaders"][0].split(";")
        assert "scan" not in part["url"].lower().replace("x-amz", ""), "the file's name"


def test_an_upload_that_is_given_up_is_aborted_in_the_bucket(client, buckets):
    session = begun(client, CONTENT)
    send_straight(session, [1])
    assert len(unfinished_in(buckets)) == 1
    assert client.delete(f"{SESSIONS}/{session['id']}").status_code == 204
    assert unfinished_in(buckets) == []
    late = httpx.put(session["parts"][1]["url"], content=piece_of(CONTENT, session, 2), trust_env=False)
    assert late.is_error
    assert unfinished_in(buckets) == []


def test_what_nobody_finishes_is_aborted_by_the_clean_up(client, buckets):
    send_straight(begun(client, CONTENT), [1])
    services.clean_up_sessions(timezone.now() + rules.SESSION_FOR + timedelta(minutes=1))
    assert unfinished_in(buckets) == []


def test_what_a_process_began_and_did_not_write_down_goes_too(client, buckets):
    session = begun(client, CONTENT)
    parts.begun(row_of(session).key)
    assert len(unfinished_in(buckets)) == 2
    send_straight(session)
    complete(client, session)
    services.check_uploads()
    assert seen(client, session)["status"] == "ready"
    assert unfinished_in(buckets) == []


def test_a_worker_that_was_killed_after_the_bucket_had_joined_the_parts_is_followed_by_another(client, buckets):
    session = begun(client, CONTENT)
    send_straight(session)
    complete(client, session)
    row = row_of(session)
    parts.joined(row.key, row.parts_id, services.numbers_of(row))
    services.check_uploads()
    assert seen(client, session)["status"] == "ready"
    assert b"".join(storage.chunks("private", row.key)) == CONTENT


def test_a_refused_file_is_erased_from_the_bucket(client, buckets):
    session = begun(client, CONTENT, sha256="0" * 64)
    send_straight(session)
    complete(client, session)
    services.check_uploads()
    assert seen(client, session)["refusal"]["code"] == "media.digest_differs"
    services.erase_discarded()
    assert keys_in(buckets, "medivoy-private") == []


def test_while_the_bucket_is_gone_nothing_begins_and_nothing_is_lost(client, buckets, server, use):
    session = begun(client, CONTENT)
    send_straight(session)
    use(dead_address())
    refused = begin(client, CONTENT)
    assert (refused.status_code, refused.json()["code"]) == (503, "media.storage_unavailable")
    assert complete(client, session).json()["code"] == "media.storage_unavailable"
    use(server)
    complete(client, session)
    use(dead_address())
    services.check_uploads()
    assert row_of(session).status == "checking"
    use(server)
    with time_machine.travel(timezone.now() + rules.TRY_AGAIN_AFTER + timedelta(seconds=1), tick=True):
        services.check_uploads()
    assert row_of(session).status == "stored"


def test_lists_ask_the_bucket_for_nothing(client, buckets, use):
    session = begun(client, CONTENT)
    use(dead_address())
    assert [row["id"] for row in client.get(SESSIONS).json()["data"]] == [session["id"]]


def test_no_part_is_taken_by_us_when_files_lie_in_buckets(client, buckets):
    assert put(client, "/api/v1/upload/parts/x", b"x").status_code == 404


def test_the_store_is_never_asked_inside_a_transaction(client, buckets, monkeypatch):
    """A bucket that is slow must keep no row locked; the test's own transaction is the only one."""
    asked, kind, depth = [], type(storages["private"]), len(connection.savepoint_ids)
    ask = kind._asked

    def noting(method, *args):
        asked.append(len(connection.savepoint_ids))
        return ask(method, *args)

    monkeypatch.setattr(kind, "_asked", staticmethod(noting))
    session = begun(client, CONTENT)
    send_straight(session)
    complete(client, session)
    services.check_uploads()
    assert asked
    assert set(asked) == {depth}


def test_what_is_begun_while_the_upload_is_given_up_does_not_stay_in_the_bucket(client, person, buckets):
    session = services.begin_session(purpose="medical_record", size=len(CONTENT), name="scan.dcm", sha256="", by=person)
    stale = UploadSession.objects.get(pk=session.pk)
    services.give_up_session(session)
    services.open_for_parts(stale)
    assert "Uploads" not in buckets.list_multipart_uploads(Bucket="medivoy-private")

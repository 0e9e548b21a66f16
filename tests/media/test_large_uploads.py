"""A large file comes in parts, over a line that breaks, and is checked when it is complete; on local disk."""

import hashlib
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.roles import Role
from apps.common.models import AuditEntry, IdempotencyKey
from apps.common.throttling import GeneralThrottle
from apps.media import exceptions, rules, selectors, services, storage, tasks
from apps.media.models import DiscardedFile, StoredFile, UploadSession
from tests.factories.accounts import UserFactory
from tests.factories.media import dicom, pdf, picture

from .conftest import objects_in, stored_bytes
from .sessions import SESSIONS, begin, begun, complete, piece_of, put, row_of, scan_of, seen, send_parts, uploaded

PART = 64 * 1024


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(rules, "PART_BYTES", PART)


@pytest.fixture
def client(api, person):
    return api(person)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_file_sent_in_parts_is_stored_byte_for_byte(client, person, local_store):
    content = scan_of(5 * PART + 100)
    session = uploaded(client, content, sha256=hashlib.sha256(content).hexdigest().upper())
    assert (session["status"], session["refusal"], session["parts"]) == ("ready", None, [])
    file = StoredFile.objects.get(pk=session["id"])
    assert session["file"]["id"] == str(file.pk)
    assert stored_bytes(file) == content
    assert (file.owner, file.purpose, file.visibility) == (person, "medical_record", "private")
    assert (file.content_type, file.size, file.sha256) == (
        "application/dicom", len(content), hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    assert objects_in(local_store / "private") == [file.key], "no part is left"
    assert selectors.medical_file(file.pk, by=person, field="file_id") == file


def test_the_answer_says_how_many_parts_there_are_and_where_each_is_sent(client):
    session = begun(client, scan_of(2 * PART + 1))
    assert (session["status"], session["part_size"], session["count"]) == ("uploading", PART, 3)
    assert [part["size"] for part in session["parts"]] == [PART, PART, 1]
    assert len({part["url"] for part in session["parts"]}) == 3
    assert not any(part["arrived"] for part in session["parts"])


def test_after_a_break_the_upload_says_what_is_missing_and_goes_on(client):
    content = scan_of(4 * PART)
    session = begun(client, content)
    send_parts(client, session, content, numbers=[1, 3])
    broken = put(client, session["parts"][1]["url"], piece_of(content, session, 2)[:-10])
    assert (broken.status_code, broken.json()["code"]) == (400, "media.upload_incomplete")
    again = seen(client, session)
    assert [part["number"] for part in again["parts"] if part["arrived"]] == [1, 3]
    assert [part["url"] is None for part in again["parts"]] == [True, False, True, False]
    send_parts(client, again, content)
    assert complete(client, session).status_code == 202
    services.check_uploads()
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content


def test_a_line_that_breaks_in_the_middle_of_a_part_leaves_no_half_of_it(client, local_store):
    session = begun(client, scan_of(2 * PART))
    part = session["parts"][0]
    response = client.generic(
        "PUT", urlsplit(part["url"]).path, b"x", content_type="application/octet-stream",
        CONTENT_LENGTH=str(part["size"]), **{"wsgi.input": BytesIO(b"x" * 1000)},
    )  # fmt: skip
    assert (response.status_code, response.json()["code"]) == (400, "media.upload_incomplete")
    assert objects_in(local_store / "private") == []


def test_a_part_that_is_sent_twice_counts_once_and_the_later_one_stands(client):
    content = scan_of(2 * PART)
    session = begun(client, content)
    assert put(client, session["parts"][0]["url"], b"y" * PART).status_code == 204
    send_parts(client, session, content)
    complete(client, session)
    services.check_uploads()
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content


def test_a_part_of_another_size_is_refused_unread(client):
    session = begun(client, scan_of(2 * PART))
    answer = put(client, session["parts"][0]["url"], b"x" * (PART + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


def test_the_address_of_a_part_works_for_fifteen_minutes_and_then_a_fresh_one_does(client, api, person):
    content = scan_of(2 * PART)
    session = begun(client, content)
    later = timezone.now() + timedelta(seconds=rules.PART_ADDRESS_SECONDS + 5)
    with time_machine.travel(later, tick=False):
        assert put(client, session["parts"][0]["url"], piece_of(content, session, 1)).status_code == 404
        fresh = seen(api(person), session)
        assert put(client, fresh["parts"][0]["url"], piece_of(content, session, 1)).status_code == 204


def test_a_forged_address_leads_nowhere(client):
    url = begun(client, scan_of(PART))["parts"][0]["url"]
    assert put(client, url[:-2] + "xx", b"x" * PART).status_code == 404


def test_parts_do_not_use_up_the_general_limit(client):
    content = scan_of(3 * PART)
    session = begun(client, content)
    before = _taken(client)
    send_parts(client, session, content)
    assert _taken(client) == before


def _taken(client):
    return {key: left for key, (left, _until) in GeneralThrottle.limit._taken.items()}


# --- completing ------------------------------------------------------------------------------------------------------


def test_an_upload_with_missing_parts_is_not_completed_and_stays_open(client):
    content = scan_of(3 * PART)
    session = begun(client, content)
    send_parts(client, session, content, numbers=[2])
    answer = complete(client, session)
    assert (answer.status_code, answer.json()["code"]) == (409, "media.parts_missing")
    assert answer.json()["data"] == {"missing": [1, 3]}
    assert seen(client, session)["status"] == "uploading"


def test_completing_twice_changes_nothing_and_gives_one_file(client):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    assert [complete(client, session).status_code for _again in range(2)] == [202, 202]
    assert seen(client, session)["status"] == "checking"
    assert (services.check_uploads(), services.check_uploads()) == (1, 0)
    assert complete(client, session).json()["data"]["status"] == "ready"
    assert StoredFile.objects.count() == 1


def test_a_part_that_comes_after_the_end_is_refused(client):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    late = put(client, session["parts"][0]["url"], b"z" * PART)
    assert (late.status_code, late.json()["code"]) == (409, "media.upload_closed")
    services.check_uploads()
    late = put(client, session["parts"][0]["url"], b"z" * PART)
    assert (late.status_code, late.json()["code"]) == (409, "media.upload_closed")
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"just some text" * 20000, {}, "media.type_not_accepted"),
        (scan_of(3 * PART), {"sha256": "0" * 64}, "media.digest_differs"),
        (pdf(b"<< /S /JavaScript /JS (app.alert) >>", trailer=b"%" + b"x" * PART + b"\n"), {}, "media.active_content"),
        (picture("JPEG", size=(1200, 900))[:-200], {}, "media.unreadable"),
        (dicom(preamble=b"MZ") + bytes(PART), {}, "media.active_content"),
    ],
)
def test_what_is_not_acceptable_is_refused_with_its_code_and_erased(client, local_store, content, more, code):
    session = uploaded(client, content, **more)
    assert (session["status"], session["file"], session["refusal"]["code"]) == ("refused", None, code)
    assert StoredFile.objects.count() == 0
    services.erase_discarded()
    assert objects_in(local_store / "private") == []


def test_a_refusal_is_read_in_the_readers_language(client):
    session = uploaded(client, scan_of(2 * PART), sha256="0" * 64)
    english, french = (
        client.get(f"{SESSIONS}/{session['id']}?lang={language}").json()["data"]["refusal"]["message"]
        for language in ("en", "fr")
    )
    assert english.startswith("What arrived is not the file")
    assert row_of(session).refusal["message"].keys() == {"en", "ar", "hi", "es", "fr"}
    assert french == row_of(session).refusal["message"]["fr"]


# --- giving up, forgetting -------------------------------------------------------------------------------------------


def test_an_upload_that_is_given_up_leaves_nothing(client, local_store):
    content = scan_of(3 * PART)
    session = begun(client, content)
    send_parts(client, session, content, numbers=[1, 2])
    assert [client.delete(f"{SESSIONS}/{session['id']}").status_code for _again in range(2)] == [204, 204]
    assert seen(client, session)["status"] == "aborted"
    assert objects_in(local_store / "private") == []
    assert put(client, session["parts"][0]["url"], b"x" * PART).json()["code"] == "media.upload_closed"
    assert complete(client, session).json()["code"] == "media.upload_closed"


def test_an_upload_that_is_complete_is_not_given_up(client):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    for _state in ("checking", "stored"):
        answer = client.delete(f"{SESSIONS}/{session['id']}")
        assert (answer.status_code, answer.json()["code"]) == (409, "media.upload_closed")
        services.check_uploads()
    assert StoredFile.objects.ready().count() == 1
    assert client.delete(f"/api/v1/media/{session['id']}").status_code == 204
    assert seen(client, session)["status"] == "removed"


def test_what_nobody_finishes_within_a_day_is_cleared_away(client, local_store):
    content = scan_of(3 * PART)
    session = begun(client, content)
    send_parts(client, session, content, numbers=[1])
    now = timezone.now()
    services.clean_up_sessions(now + rules.SESSION_FOR - timedelta(minutes=1))
    assert row_of(session).status == "uploading"
    assert services.clean_up_sessions(now + rules.SESSION_FOR + timedelta(minutes=1))["expired"] == 1
    assert row_of(session).status == "aborted"
    assert objects_in(local_store / "private") == []
    services.clean_up_sessions(now + rules.SESSION_KEPT_FOR + timedelta(days=1, minutes=1))
    assert UploadSession.objects.count() == 0


def test_while_the_store_is_away_nothing_is_lost_and_the_clean_up_comes_again(client, local_store, monkeypatch):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)

    def away(*args, **kwargs):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(storage.local.LocalStorage, "join_parts", away)
        patched.setattr(storage.local.LocalStorage, "abandon_parts", away)
        complete(client, session)
        services.check_uploads()
        assert row_of(session).status == "checking"
        assert row_of(session).due_at > timezone.now()
        other = begun(client, content)
        assert client.delete(f"{SESSIONS}/{other['id']}").status_code == 204
        assert row_of(other).parts_id
    with time_machine.travel(timezone.now() + rules.TRY_AGAIN_AFTER + timedelta(seconds=1), tick=False):
        services.check_uploads()
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content
    assert services.clean_up_sessions(timezone.now())["cleared"] == 1
    assert objects_in(local_store / "private") == [StoredFile.objects.get().key]


def test_the_jobs_do_the_same(client):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    tasks.check_uploads()
    assert seen(client, session)["status"] == "ready"
    expired = begun(client, content)
    with time_machine.travel(timezone.now() + rules.SESSION_FOR + timedelta(minutes=1), tick=False):
        tasks.clean_up()
    assert row_of(expired).status == "aborted"


# --- who, how much ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PATIENT, 201), (Role.DOCTOR, 201), (Role.COORDINATOR, 201), (Role.HOSPITAL_ADMIN, 201),
        (Role.ADMIN, 403), (Role.SUPPORT, 403), (Role.TRANSLATOR, 403),
    ],
)  # fmt: skip
def test_large_records_are_sent_by_patients_doctors_coordinators_and_hospital_staff(api, db, role, status):
    assert begin(api(UserFactory(role=role)), scan_of(PART)).status_code == status
    assert UploadSession.objects.count() == (status == 201)


def test_an_upload_is_its_owners_alone(api, client, other_person, platform_admin):
    session = begun(client, scan_of(PART))
    for stranger, status in ((api(other_person), 404), (api(platform_admin), 403), (api(), 401)):
        assert stranger.get(f"{SESSIONS}/{session['id']}").status_code == status
        assert stranger.delete(f"{SESSIONS}/{session['id']}").status_code == status
        assert complete(stranger, session).status_code == status
    assert api(other_person).get(SESSIONS).json()["data"] == []
    rows = client.get(SESSIONS).json()["data"]
    assert [(row["id"], row["parts"]) for row in rows] == [(session["id"], [])]


def test_what_one_person_has_open_at_a_time_is_bounded(client, api, other_person, monkeypatch):
    monkeypatch.setattr(rules, "MAX_OPEN_SESSIONS", 2)
    sessions = [begun(client, scan_of(PART)) for _number in range(2)]
    refused = begin(client, scan_of(PART))
    assert (refused.status_code, refused.json()["code"]) == (409, "media.too_many_open_uploads")
    begun(api(other_person), scan_of(PART))
    client.delete(f"{SESSIONS}/{sessions[0]['id']}")
    begun(client, scan_of(PART))


def test_uploads_in_parts_count_for_the_hour_and_once(client, monkeypatch):
    monkeypatch.setattr(rules, "BYTES_PER_HOUR", 4 * PART)
    content = scan_of(2 * PART)
    uploaded(client, content)
    session = begun(client, content)
    refused = begin(client, content)
    assert (refused.status_code, refused.json()["code"]) == (429, "media.too_many_uploads")
    client.delete(f"{SESSIONS}/{session['id']}")
    begun(client, content)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"size": 2048 * rules.MEGABYTE + 1}, 413, "media.too_large"),
        ({"size": 0}, 400, "media.empty"),
        ({"size": -1}, 400, "request.invalid"),
        ({"purpose": "document"}, 400, "request.invalid"),
        ({"purpose": "nonsense"}, 400, "request.invalid"),
        ({"sha256": "xyz"}, 400, "request.invalid"),
        ({"name": ""}, 400, "request.invalid"),
    ],
)
def test_what_cannot_be_taken_is_said_before_anything_is_sent(client, body, status, code):
    whole = {"purpose": "medical_record", "size": PART, "name": "a.dcm", "content_type": "text/html"} | body
    answer = client.post(SESSIONS, whole, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert UploadSession.objects.count() == 0


def test_beginning_again_under_its_key_gives_the_same_upload_and_no_address_is_kept(client):
    answers = [
        client.post(
            SESSIONS, {"purpose": "medical_record", "size": PART, "name": "a.dcm"}, format="json",
            headers={"Idempotency-Key": "one"},
        )
        for _again in range(2)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    first, second = (answer.json()["data"] for answer in answers)
    assert first["id"] == second["id"]
    assert second["parts"][0]["url"]
    assert IdempotencyKey.objects.get().body["data"] == {"id": first["id"]}


# --- what is not said ------------------------------------------------------------------------------------------------


def test_neither_the_patients_name_in_a_scan_nor_the_files_own_stands_in_a_log_or_the_trail(client, caplog):
    patient_name = b"\x10\x00\x10\x00PN\x0e\x00Okafor^Ngozi^^"
    content = dicom(body=patient_name + scan_of(2 * PART))
    with caplog.at_level("DEBUG"):
        session = uploaded(client, content, name="Ngozi Okafor abdomen.dcm")
        uploaded(client, content, name="Ngozi Okafor abdomen.dcm", sha256="0" * 64)
    assert session["status"] == "ready"
    told = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    assert "Okafor" not in told
    assert not any("Okafor" in str(entry.changes) for entry in AuditEntry.objects.all())
    assert "Okafor" not in row_of(session).key


# --- workers that end in the middle ----------------------------------------------------------------------------------


class Killed(BaseException):
    """As a process that is killed: nothing of ours runs after it."""


@pytest.mark.parametrize("at", ["joined", "prepared", "kept"])
def test_a_worker_that_is_killed_while_it_checks_is_followed_by_another(client, monkeypatch, at):
    content = scan_of(3 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    with monkeypatch.context() as patched:
        _kill(patched, at)
        with pytest.raises(Killed):
            services.check_uploads()
    assert row_of(session).status == "checking"
    assert services.check_uploads() == 0, "it is the dead worker's still"
    with time_machine.travel(timezone.now() + rules.CLAIMED_FOR + timedelta(seconds=1), tick=False):
        assert services.check_uploads() == 1
    assert stored_bytes(StoredFile.objects.get(pk=session["id"])) == content
    assert DiscardedFile.objects.count() == 0


def _kill(patched, at):
    def dies(*args, **kwargs):
        raise Killed

    checking = services.checking
    if at == "joined":
        joined = checking.parts.joined
        patched.setattr(checking.parts, "joined", lambda *args: joined(*args) and dies())
    elif at == "prepared":
        patched.setattr(checking.contents, "prepare", dies)
    else:
        patched.setattr(checking, "_keep", dies)


def test_a_file_that_ends_every_worker_is_refused_at_last(client, monkeypatch):
    content = scan_of(2 * PART)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    now = timezone.now()
    with monkeypatch.context() as patched:
        _kill(patched, "prepared")
        for attempt in range(rules.MAX_ATTEMPTS):
            with time_machine.travel(now + attempt * (rules.CLAIMED_FOR * 2), tick=False), pytest.raises(Killed):
                services.check_uploads()
    with time_machine.travel(now + rules.MAX_ATTEMPTS * (rules.CLAIMED_FOR * 2), tick=False):
        services.check_uploads()
    assert row_of(session).refusal["code"] == exceptions.UnreadableFile.code

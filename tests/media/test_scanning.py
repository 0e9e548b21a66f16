"""Papers and medical records are scanned for viruses: what is not scanned, or infected, is fetched and used by nobody.

The real protocol against a server that speaks it, also when that hangs, answers nonsense, or is gone.
"""

import itertools
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.common import health
from apps.common.exceptions import Invalid
from apps.media import exceptions, links, rules, scanning, selectors, services, tasks
from apps.media.health import PATIENCE, find_out
from apps.media.models import DiscardedFile, StoredFile
from apps.media.scanning import clamd
from apps.notifications.models import Message
from tests.factories.media import pdf, picture

from .clamd_server import EICAR, ClamdServer, dead_address
from .conftest import objects_in, send
from .s3_server import keys_in
from .sessions import begun, complete, seen, send_parts
from .test_api import fetched

INFECTED = pdf(trailer=b"%" + EICAR + b"\n")


@pytest.fixture
def client(api, person):
    return api(person)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(clamd, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(clamd, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(clamd, "VERDICT_SECONDS", 0.5)


def sent(client, content=None, kind="document"):
    response = send(client, content or pdf(), kind)
    assert response.status_code == 201, response.content
    return response.json()["data"]


def file_of(data):
    return StoredFile.objects.get(pk=data["id"])


def after(wait):
    return time_machine.travel(timezone.now() + wait + timedelta(seconds=1), tick=True)


# --- what waits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["document", "medical-record"])
def test_a_file_waits_for_the_scanner_and_is_then_ready(client, person, scanner, kind):
    data = sent(client, kind=kind)
    assert (data["status"], data["scan"], data["url"]) == ("scanning", "waiting", None)
    assert services.scan_files() == 1
    assert scanner.scanned == [len(pdf())]
    data = client.get(f"/api/v1/media/{data['id']}").json()["data"]
    assert (data["status"], data["scan"]) == ("ready", "clean")
    assert fetched(data["url"]).body == pdf()
    assert services.scan_files() == 0


def test_what_waits_is_fetched_by_no_link_and_attached_to_nothing(client, person, scanner):
    paper, record = (file_of(sent(client, kind=kind)) for kind in ("document", "medical-record"))
    for attach in (
        lambda: selectors.document(paper.pk, by=person, field="file_id"),
        lambda: selectors.medical_file(record.pk, by=person, field="file_id"),
        lambda: links.private_link(paper),
    ):
        with pytest.raises(exceptions.NotYetScanned) as refusal:
            attach()
        assert (refusal.value.status, refusal.value.code) == (409, "media.not_yet_scanned")
    services.scan_files()
    assert selectors.document(paper.pk, by=person, field="file_id") == paper
    assert selectors.medical_file(record.pk, by=person, field="file_id") == record


def test_a_link_made_past_the_rules_leads_nowhere_while_the_file_waits(client, scanner, monkeypatch):
    file = file_of(sent(client))
    with monkeypatch.context() as patched:
        patched.setattr(rules, "why_not_use", lambda file: None)
        link = links.private_link(file)
    assert fetched(link).status_code == 404
    services.scan_files()
    assert fetched(link).status_code == 200, "the control: the same link once nothing was found"


def test_pictures_are_written_anew_and_wait_for_nobody(client, scanner):
    data = sent(client, picture(), "image")
    assert (data["status"], data["scan"]) == ("ready", "not_needed")
    assert services.scan_files() == 0


def test_without_a_scanner_files_are_ready_at_once_and_say_so(client, person):
    data = sent(client, kind="medical-record")
    assert (data["status"], data["scan"]) == ("ready", "not_set_up")
    assert selectors.medical_file(file_of(data).pk, by=person, field="file_id")


def test_what_waited_for_a_scanner_that_was_taken_away_waits_no_longer(client, scanner, settings):
    data = sent(client)
    settings.MEDIA_SCANNER = "off"
    services.scan_files()
    assert file_of(data).scan == "not_set_up"


def test_a_large_upload_is_scanned_after_it_was_checked_in_pieces(client, scanner, monkeypatch):
    content = pdf(trailer=b"%" + b"x" * 3 * rules.MEGABYTE + b"\n")
    monkeypatch.setattr(rules, "PART_BYTES", rules.MEGABYTE)
    session = begun(client, content)
    send_parts(client, session, content)
    complete(client, session)
    tasks.check_uploads()
    session = seen(client, session)
    assert (session["status"], session["file"]["url"]) == ("scanning", None)
    tasks.scan_files()
    assert seen(client, session)["status"] == "ready"
    assert scanner.scanned == [len(content)]
    assert scanner.largest_piece <= rules.MEGABYTE


# --- what is infected ------------------------------------------------------------------------------------------------


def test_an_infected_file_is_withheld_quarantined_and_told_of(client, person, platform_admin, scanner, local_store):
    data = sent(client, INFECTED)
    before = file_of(data)
    services.scan_files()
    file = file_of(data)
    assert (file.scan, file.threat) == ("infected", "Eicar-Test-Signature")
    assert file.key != before.key
    assert file.key.startswith("quarantine/")
    assert objects_in(local_store / "private") == [file.key]
    shown = client.get(f"/api/v1/media/{file.pk}").json()["data"]
    assert (shown["status"], shown["scan"], shown["url"]) == ("refused", "infected", None)
    with pytest.raises(exceptions.Infected) as refusal:
        selectors.document(file.pk, by=person, field="file_id")
    assert (refusal.value.status, refusal.value.code) == (422, "media.infected")
    told = {(message.recipient, message.kind) for message in Message.objects.filter(channel="email")}
    assert told == {(person, "media.file_infected"), (platform_admin, "media.infected_file_found")}
    assert not any("photo.jpg" in str(message.context) for message in Message.objects.all()), "the file's name"


def test_a_large_upload_that_is_infected_ends_refused(client, scanner):
    session = begun(client, INFECTED)
    send_parts(client, session, INFECTED)
    complete(client, session)
    services.check_uploads()
    services.scan_files()
    session = seen(client, session)
    assert (session["status"], session["refusal"]["code"]) == ("refused", "media.infected")


def test_a_threat_is_found_where_two_pieces_meet(client, scanner, monkeypatch):
    before = pdf(trailer=b"%" + EICAR).index(EICAR)
    content = pdf(trailer=b"%" + b"x" * (rules.MEGABYTE - before - 30) + EICAR + b"\n")
    at = content.index(EICAR)
    assert at < rules.MEGABYTE < at + len(EICAR)
    data = sent(client, content)
    services.scan_files()
    assert file_of(data).scan == "infected"


def test_a_link_dies_when_the_file_is_found_infected_later(client, scanner, local_store, settings):
    settings.MEDIA_SCANNER = "off"
    data = sent(client, INFECTED)
    assert fetched(data["url"]).status_code == 200
    settings.MEDIA_SCANNER = "clamd"
    call_command("scan_media")
    assert fetched(data["url"]).status_code == 200, "it stays in use while it is scanned again"
    services.scan_files()
    assert fetched(data["url"]).status_code == 404


def test_in_a_bucket_the_object_leaves_the_address_that_links_lead_to(client, scanner, settings, buckets):
    settings.MEDIA_SCANNER = "off"
    before = file_of(sent(client, INFECTED))
    settings.MEDIA_SCANNER = "clamd"
    services.scan_again()
    services.scan_files()
    file = StoredFile.objects.get(pk=before.pk)
    assert keys_in(buckets, "medivoy-private") == [file.key]
    assert file.key == "quarantine/" + before.key.split("/")[1].split(".")[0]


def test_a_photo_of_a_paper_loses_its_thumbnails_with_it(client, scanner, local_store, monkeypatch):
    data = sent(client, picture())
    monkeypatch.setattr("tests.media.clamd_server.EICAR", b"\xff\xd8\xff")
    services.scan_files()
    file = file_of(data)
    assert (file.scan, file.variants) == ("infected", {})
    assert objects_in(local_store / "private") == [file.key]


def test_a_worker_that_dies_before_the_file_was_moved_is_followed_by_another(client, scanner, local_store, monkeypatch):
    data = sent(client, INFECTED)
    with monkeypatch.context() as patched:
        patched.setattr(services.scans, "_quarantine", lambda file: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            services.scan_files()
    assert file_of(data).scan == "infected", "withheld at once"
    with after(rules.CLAIMED_FOR):
        services.scan_files()
    assert objects_in(local_store / "private") == [file_of(data).key]
    assert file_of(data).key.startswith("quarantine/")
    assert Message.objects.filter(kind="media.file_infected", channel="email").count() == 1


def test_a_worker_that_has_lost_its_claim_takes_nothing_from_the_one_that_has_it(
    client, scanner, local_store, monkeypatch
):
    data = sent(client, INFECTED)
    copy = services.scans.storage.copy

    def slow(visibility, key, to):
        copy(visibility, key, to)
        StoredFile.objects.filter(pk=data["id"]).update(scan_due_at=timezone.now() + rules.CLAIMED_FOR)

    with monkeypatch.context() as patched:
        patched.setattr(services.scans.storage, "copy", slow)
        services.scan_files()
    assert file_of(data).key in objects_in(local_store / "private"), "the row still names it"
    with after(2 * rules.CLAIMED_FOR):
        services.scan_files()
    assert objects_in(local_store / "private") == [file_of(data).key]


def test_the_quarantine_is_emptied_after_thirty_days_and_a_row_in_use_stays(client, person, scanner, local_store):
    used, unused = (file_of(sent(client, INFECTED)) for _number in range(2))
    services.scan_files()
    person.picture = used
    person.save()
    now = timezone.now()
    services.clean_up(now + rules.QUARANTINED_FOR - timedelta(hours=1))
    assert len(objects_in(local_store / "private")) == 2, "not before"
    for _run in range(2):
        services.clean_up(now + rules.QUARANTINED_FOR + timedelta(hours=1))
    services.erase_discarded()
    assert objects_in(local_store / "private") == []
    assert StoredFile.objects.get(pk=used.pk).erased_at is not None
    assert not StoredFile.objects.filter(pk=unused.pk).exists()


# --- when the scanner does not do as it is asked ---------------------------------------------------------------------


def misbehaving(scanner, settings, how):
    if how == "gone":
        settings.MEDIA_SCANNER_ADDRESS = dead_address()
    else:
        setattr(scanner, how, True)


def behaving(scanner, settings):
    settings.MEDIA_SCANNER_ADDRESS = scanner.address
    scanner.hangs = scanner.broken = False


@pytest.mark.parametrize("how", ["hangs", "broken", "gone"])
def test_while_the_scanner_is_away_files_wait_and_are_taken_up_later(client, scanner, settings, how):
    data = [sent(client), sent(client)]
    misbehaving(scanner, settings, how)
    assert services.scan_files() == 0
    assert [file_of(each).scan for each in data] == ["waiting", "waiting"]
    with pytest.raises(health.Unhealthy):
        find_out()
    behaving(scanner, settings)
    with after(rules.TRY_AGAIN_AFTER):
        assert services.scan_files() == 2
    assert [file_of(each).scan for each in data] == ["clean", "clean"]


def test_what_waits_for_days_is_not_cleaned_up_as_unused(client, scanner, settings):
    data = sent(client)
    misbehaving(scanner, settings, "gone")
    services.clean_up(timezone.now() + timedelta(days=5))
    assert file_of(data).scan == "waiting"


def test_a_file_that_is_larger_than_the_scanner_takes_waits_until_somebody_raises_its_limit(client, scanner):
    large, small = sent(client, pdf(trailer=b"%" + b"x" * 5000 + b"\n")), sent(client)
    scanner.max_bytes = 4000
    services.scan_files()
    assert (file_of(large).scan, file_of(small).scan) == ("waiting", "clean"), "it keeps no other file waiting"
    with pytest.raises(health.Unhealthy, match="larger than the scanner takes"):
        find_out()
    scanner.max_bytes = None
    with after(rules.TOO_LARGE_AGAIN_AFTER):
        services.scan_files()
    assert file_of(large).scan == "clean"
    assert find_out() == "0 files wait"


def test_while_the_store_is_away_files_wait(client, scanner, monkeypatch):
    data = sent(client)
    with monkeypatch.context() as patched:
        patched.setattr(services.scans.storage, "chunks", lambda *args: _unavailable())
        assert services.scan_files() == 0
    with after(rules.TRY_AGAIN_AFTER):
        services.scan_files()
    assert file_of(data).scan == "clean"


def _unavailable():
    raise exceptions.StorageUnavailable(retry_after=1)
    yield b""


def test_the_health_page_says_when_files_wait_too_long(client, scanner):
    assert find_out() == "0 files wait"
    sent(client)
    assert find_out() == "1 files wait"
    with after(PATIENCE), pytest.raises(health.Unhealthy, match="1 files wait longer"):
        find_out()


def test_the_health_page_says_that_none_is_set_up(db):
    assert find_out().startswith("No scanner is set up")


def test_nothing_is_scanned_again_where_there_is_nothing_to_scan_with(db):
    with pytest.raises(CommandError):
        call_command("scan_media")


# --- the protocol ----------------------------------------------------------------------------------------------------


def test_the_protocol_over_a_unix_socket(tmp_path):
    server = ClamdServer(str(tmp_path / "clamd.ctl"))
    daemon = scanning.Clamd(server.address)
    assert daemon.greet() == ""
    assert daemon.scan([b"harm", b"less"]) == scanning.Verdict(was_scanned=True)
    assert daemon.scan([EICAR[:30], EICAR[30:]]).threat == "Eicar-Test-Signature"
    server.close()


def test_a_daemon_that_hangs_up_in_the_middle_has_said_why(scanner):
    scanner.max_bytes = rules.MEGABYTE
    endless = itertools.repeat(b"x" * 65536, 2000)
    with pytest.raises(scanning.TooLargeToScan):
        scanning.Clamd(scanner.address).scan(endless)


@pytest.mark.parametrize("how", ["hangs", "broken"])
def test_a_daemon_that_gives_no_verdict_is_no_verdict(scanner, how):
    setattr(scanner, how, True)
    with pytest.raises(scanning.ScannerUnavailable):
        scanning.Clamd(scanner.address).scan([b"x"])
    with pytest.raises(scanning.ScannerUnavailable):
        scanning.Clamd(scanner.address).greet()


def test_a_record_that_was_never_there_is_refused_as_before(person, scanner):
    with pytest.raises(Invalid):
        selectors.medical_file(person.pk, by=person, field="file_id")
    assert DiscardedFile.objects.count() == 0

"""The log of readings is sealed in a chain: whatever is changed, taken out, put in or cut off afterwards is found."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from apps.clinical import services
from apps.clinical.models import ReadEntry, ReadSeal
from apps.clinical.services import seals
from apps.common import ids

PATIENT = ids.uuid7()


def write(count=1, **more):
    now = timezone.now()
    values = {"at": now, "patient_id": PATIENT, "act": "opened", "ground": "consent", "place": "api"} | more
    entries = [ReadEntry(object_type="clinical.medicalrecord", **values) for _one in range(count)]
    return ReadEntry.objects.bulk_create(entries)


def tamper(sql, *params):
    """As somebody would who has the database, and not the code: no trigger runs."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def chain(db, monkeypatch):
    """Three seals of two, two and one entry."""
    monkeypatch.setattr(seals, "BATCH", 2)
    entries = write(5)
    assert services.seal_readings() == 5
    return entries


def broken(expect=""):
    return services.verify_read_log(expect=expect).broken


def test_every_entry_is_sealed_and_the_chain_holds(chain):
    found = services.verify_read_log()
    assert (found.seals, found.entries, found.unsealed, found.broken) == (3, 5, 0, "")
    assert found.head == f"3:{ReadSeal.objects.get(number=3).digest}"


def test_once_more_seals_nothing(chain):
    assert services.seal_readings() == 0
    assert ReadSeal.objects.count() == 3


ANOTHER = {
    "at": "at + interval '1 microsecond'",
    "act": "'listed'",
    "ground": "'own'",
    "object_type": "'clinical.medicalrecore'",
    "place": "'apj'",
}


@pytest.mark.parametrize("column", [column for column in seals.COLUMNS if column != "id"])
def test_one_changed_value_is_found(chain, column):
    value = ANOTHER.get(column, "gen_random_uuid()" if column.endswith("_id") and column != "request_id" else "'x'")
    tamper(f"UPDATE clinical_readentry SET {column} = {value} WHERE id = %s", chain[3].pk)  # noqa: S608
    assert broken().startswith(f"seal 2 (entries {chain[2].pk} to {chain[3].pk}")


def test_every_column_is_sealed():
    assert {field.column for field in ReadEntry._meta.concrete_fields} == {*seals.COLUMNS, "seal_id"}


def test_one_flipped_byte_of_a_seal_is_found(chain):
    tamper("UPDATE clinical_readseal SET digest = overlay(digest placing 'g' from 1 for 1) WHERE number = 1")
    assert broken().startswith("seal 1 ")


def test_a_deleted_entry_is_found(chain):
    tamper("DELETE FROM clinical_readentry WHERE id = %s", chain[1].pk)
    assert "2 entries were sealed, 1 are there" in broken()


def test_an_inserted_entry_is_found(chain):
    write(1, seal_id=2)
    assert "2 entries were sealed, 3 are there" in broken()


def test_an_entry_moved_to_another_seal_is_found(chain):
    tamper("UPDATE clinical_readentry SET seal_id = 2 WHERE id = %s", chain[4].pk)
    assert broken().startswith("seal 2 ")


def test_a_seal_taken_out_with_its_entries_is_found(chain):
    tamper("DELETE FROM clinical_readentry WHERE seal_id = 2")
    tamper("DELETE FROM clinical_readseal WHERE number = 2")
    assert broken() == "seal 2 is missing"


def test_an_end_that_was_cut_off_is_found_by_a_head_seen_before(chain):
    head = services.verify_read_log().head
    tamper("DELETE FROM clinical_readentry WHERE seal_id = 3")
    tamper("DELETE FROM clinical_readseal WHERE number = 3")
    assert broken() == ""  # what is left is sound: this is why the head is kept elsewhere
    assert broken(expect=head) == "seal 3 is expected and missing: the end was cut off"


def test_a_chain_written_anew_is_found_by_a_head_seen_before(chain):
    head = services.verify_read_log().head
    tamper("UPDATE clinical_readentry SET seal_id = NULL, act = 'listed'")
    tamper("DELETE FROM clinical_readseal")
    services.seal_readings()
    assert broken() == ""
    assert broken(expect=head) == "seal 3 is another than expected: the chain was written anew"


def test_entries_of_a_seal_beyond_the_last_are_found(chain):
    with transaction.atomic():
        tamper("DELETE FROM clinical_readseal WHERE number = 3")
        assert broken() == "entries name seal 3, which is not there"
        transaction.set_rollback(True)


def test_a_batch_that_is_sealed_while_the_chain_is_looked_at_breaks_nothing(chain, monkeypatch):
    entries_of = seals._sealed_entries

    def and_then_one_more(*args):
        groups = entries_of(*args)
        first = next(groups)
        write(2)
        assert services.seal_readings() == 2
        yield first
        yield from groups

    monkeypatch.setattr(seals, "_sealed_entries", and_then_one_more)
    found = services.verify_read_log()
    assert (found.seals, found.entries, found.broken) == (3, 5, "")
    monkeypatch.undo()
    found = services.verify_read_log()
    assert (found.seals, found.entries, found.broken) == (4, 7, "")


def test_the_command_says_what_is_wrong_and_fails(chain):
    out = StringIO()
    call_command("verify_read_log", stdout=out)
    assert out.getvalue().splitlines()[-1] == f"head {services.verify_read_log().head}"
    tamper("UPDATE clinical_readentry SET act = 'listed' WHERE id = %s", chain[0].pk)
    with pytest.raises(CommandError, match=r"seal 1 .* an entry or the seal was changed") as error:
        call_command("verify_read_log", stdout=out)
    assert error.value.returncode == 1


def test_the_database_refuses_to_change_or_delete_what_was_logged(chain):
    acts = [
        lambda: ReadEntry.objects.update(act="listed"),
        lambda: ReadEntry.objects.all().delete(),
        lambda: ReadEntry.objects.update(seal=None),
        lambda: ReadSeal.objects.update(digest="0" * 64),
        lambda: ReadSeal.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(Exception, match=r"append-only|Cannot (update or )?delete"), transaction.atomic():
            act()
    assert broken() == ""


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_was_committed_late_is_sealed_later_and_never_skipped():
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            write()
            written.set()
            assert may_commit.wait(20)
        connections.close_all()

    slow_one = threading.Thread(target=slow)
    slow_one.start()
    assert written.wait(20)
    (quick,) = write()
    assert services.seal_readings() == 1
    may_commit.set()
    slow_one.join(20)
    late = ReadEntry.objects.unsealed().get()
    assert late.pk < quick.pk
    assert services.seal_readings() == 1
    found = services.verify_read_log()
    assert (found.entries, found.unsealed, found.broken) == (2, 0, "")
    assert ReadEntry.objects.get(pk=late.pk).seal_id == 2


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_one_chain():
    write(3)
    held, may_end = threading.Event(), threading.Event()

    def other_run():
        with transaction.atomic():
            assert seals._is_alone()
            held.set()
            assert may_end.wait(20)
        connections.close_all()

    other = threading.Thread(target=other_run)
    other.start()
    assert held.wait(20)
    assert services.seal_readings() == 0
    may_end.set()
    other.join(20)
    assert services.seal_readings() == 3

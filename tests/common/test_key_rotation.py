"""`manage.py rotate_field_keys`: everything under the newest key, resumable, beside people who go on working."""

import base64
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet

from apps.common import encryption
from apps.common.encryption import rotation
from apps.common.models import AuditEntry
from apps.hospitals.models import BankAccount
from tests.factories.hospitals import BankAccountFactory

from .test_encryption import a_key, lies, put

pytestmark = pytest.mark.django_db
COLUMN = "hospitals.bankaccount.number"


def rotate(*arguments):
    """What the command says, and what it complains of."""
    said = StringIO()
    try:
        call_command("rotate_field_keys", *arguments, stdout=said)
    except CommandError as error:
        return said.getvalue(), str(error)
    return said.getvalue(), ""


@pytest.fixture
def accounts():
    return [BankAccountFactory(number=f"70000000{number}") for number in range(5)]


@pytest.fixture
def newer(accounts, settings):
    """After the accounts were written, a newer key came into the ring."""
    settings.FIELD_KEYS = f"k2:{a_key(1)},{settings.FIELD_KEYS}"


def numbers():
    return sorted(BankAccount.objects.values_list("number", flat=True))


def keys_in_use():
    [column] = [column for column in rotation.columns() if column.name == COLUMN]
    return dict(rotation.counts(column))


class TestRotating:
    def test_every_value_is_under_the_newest_key_and_reads_as_before(self, accounts, newer, settings):
        before = numbers()
        said, complaint = rotate()
        assert f"{COLUMN}: k2: 5 (5 rewritten)" in said
        assert (complaint, keys_in_use(), numbers()) == ("", {"k2": 5}, before)
        settings.FIELD_KEYS = f"k2:{a_key(1)}"
        assert numbers() == before, "the old key is not needed any more"
        assert BankAccount.objects.get(encryption.lookup(BankAccount, "number", before[3])).number == before[3]

    def test_a_second_run_has_nothing_to_do(self, accounts, newer):
        rotate()
        held = [lies(account) for account in accounts]
        said, complaint = rotate()
        assert f"{COLUMN}: k2: 5\n" in said
        assert (complaint, [lies(account) for account in accounts]) == ("", held)

    def test_nobody_seems_to_have_changed_anything(self, accounts, newer):
        before = list(BankAccount.objects.order_by("pk").values("pk", "updated_at", "number_index"))
        trail = AuditEntry.objects.filter(object_type="hospitals.bankaccount").count()
        rotate()
        assert list(BankAccount.objects.order_by("pk").values("pk", "updated_at", "number_index")) == before
        assert AuditEntry.objects.filter(object_type="hospitals.bankaccount").count() == trail
        entry = AuditEntry.objects.get(action="field_keys.rotated")
        assert entry.changes == {"column": COLUMN, "key": "k2", "rows": 5}

    def test_what_people_change_afterwards_is_in_the_trail_again(self, accounts, newer):
        rotate()
        account = BankAccount.objects.first()
        account.number = "123456789"
        account.save()
        assert AuditEntry.objects.filter(object_id=str(account.pk), action="changed").count() == 1

    def test_empty_values_stay_empty(self, newer):
        account = BankAccountFactory(number="")
        rotate()
        assert lies(account) == ""

    def test_a_run_that_broke_off_is_gone_on_with(self, accounts, newer, monkeypatch):
        bulk_update, calls = QuerySet.bulk_update, []

        def break_off(*arguments, **options):
            calls.append(1)
            if len(calls) == 2:
                raise OperationalError("the server went away")
            return bulk_update(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(QuerySet, "bulk_update", break_off)
            with pytest.raises(OperationalError):
                rotate("--batch", "2")
        assert keys_in_use() == {"dev": 3, "k2": 2}
        assert rotate("--batch", "2")[1] == ""
        assert keys_in_use() == {"k2": 5}

    def test_batches_are_as_large_as_asked_for(self, accounts, newer, monkeypatch):
        bulk_update, sizes = QuerySet.bulk_update, []
        monkeypatch.setattr(
            QuerySet,
            "bulk_update",
            lambda rows, objs, fields: sizes.append(len(objs)) or bulk_update(rows, objs, fields),
        )
        rotate("--batch", "2")
        assert sizes == [2, 2, 1]
        assert rotate("--batch", "0")[1] == "--batch is at least 1"


class TestChecking:
    def test_an_old_key_in_use_is_said_and_nothing_is_changed(self, accounts, newer):
        held = [lies(account) for account in accounts]
        said, complaint = rotate("--check")
        assert f"{COLUMN}: dev: 5\n" in said
        assert complaint == "5 values are not under the key k2"
        assert [lies(account) for account in accounts] == held

    def test_all_is_well_under_one_key(self, accounts, newer):
        rotate()
        said, complaint = rotate("--check")
        assert (complaint, said.splitlines()[-1]) == ("", "Everything is under the key k2.")

    def test_every_encrypted_column_is_named(self, accounts):
        said, _complaint = rotate("--check")
        named = {line.split(":")[0] for line in said.splitlines()[:-1]}
        assert {COLUMN, "clinical.identitydocument.number", "clinical.insurancepolicy.number"} <= named
        assert "accounts.authenticator.key" in named

    def test_a_key_that_is_gone_is_named(self, accounts, settings):
        settings.FIELD_KEYS = f"k2:{a_key(1)}"
        for arguments in ((), ("--check",)):
            said, complaint = rotate(*arguments)
            assert f"{COLUMN}: dev (not in FIELD_KEYS): 5" in said
            assert complaint == "5 values are not under the key k2"

    @pytest.mark.parametrize("text", ["4711-0815-PLAIN", "plain:4711-0815"])
    def test_what_is_not_encrypted_is_counted_and_not_printed(self, accounts, newer, text):
        put(accounts[0], text)
        said, complaint = rotate()
        assert f"{COLUMN}: k2: 4, not encrypted: 1" in said
        assert "plain" not in (said + complaint).lower()
        assert complaint == "1 values are not under the key k2"

    def test_a_damaged_value_stops_the_run_by_its_column_and_is_not_printed(self, accounts, newer):
        held = "dev:" + base64.urlsafe_b64encode(bytes(40)).decode()
        put(accounts[0], held)
        _said, complaint = rotate()
        assert complaint == f"{COLUMN} holds a value that was changed or moved since it was written"


class TestAnotherIndexKey:
    def test_every_index_is_made_anew(self, accounts, settings):
        settings.BLIND_INDEX_KEY = a_key(9)
        lookup = encryption.lookup(BankAccount, "number", accounts[2].number)
        assert not BankAccount.objects.filter(lookup).exists()
        rotate()
        assert not BankAccount.objects.filter(lookup).exists(), "no key of values is old: nothing was due"
        said, complaint = rotate("--index", "--batch", "2")
        assert f"{COLUMN}: dev: 5 (5 rewritten)" in said
        assert complaint == ""
        assert BankAccount.objects.get(lookup) == accounts[2]


@pytest.mark.django_db(transaction=True)
class TestBesideAWriter:
    """Somebody saves another number after the rotation has read the row and before it writes it."""

    def rotate_beside_a_writer(self, account, monkeypatch):
        bulk_update, outcomes = QuerySet.bulk_update, []

        def save():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '100ms'")
                BankAccount.objects.filter(pk=account.pk).update(
                    number="999999999", number_index=BankAccount(number="999999999").number_index
                )
            except OperationalError:
                return "waits"
            finally:
                connection.close()
            return "saved"

        def between(rows, objs, fields):
            with ThreadPoolExecutor(1) as pool:
                outcomes.append(pool.submit(save).result())
            return bulk_update(rows, objs, fields)

        with monkeypatch.context() as patch:
            patch.setattr(QuerySet, "bulk_update", between)
            rotate()
        return outcomes, save

    def test_the_writer_waits_and_nothing_is_lost(self, newer, monkeypatch):
        account = BankAccount.objects.first()
        BankAccount.objects.exclude(pk=account.pk).delete()
        outcomes, save = self.rotate_beside_a_writer(account, monkeypatch)
        assert outcomes == ["waits"]
        assert (save(), numbers(), keys_in_use()) == ("saved", ["999999999"], {"k2": 1})

    def test_control_without_the_lock_what_the_writer_saved_is_lost(self, newer, monkeypatch):
        account = BankAccount.objects.first()
        BankAccount.objects.exclude(pk=account.pk).delete()
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
        outcomes, _save = self.rotate_beside_a_writer(account, monkeypatch)
        assert outcomes == ["saved"]
        assert numbers() == [account.number]

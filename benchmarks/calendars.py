"""Calendars at one size of the tables: `python -m benchmarks.calendars 1000` on an empty database, for 1,000 doctors
with a hundred appointments each; `python -m benchmarks.calendars 1000 explain` prints the plans too.

The free slots of one doctor, and the next free times of some of them, which may cost what is returned, and nothing for
those who are not; and bookings under contention, against a plain INSERT of the same rows into a table whose UNIQUE
(doctor, start) keeps the last word.
"""

# ruff: noqa: S608  (the statements are put together from constants of this module)

import contextlib
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import django

django.setup()

import psycopg  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.bookings import selectors, services  # noqa: E402
from apps.bookings.models import Appointment  # noqa: E402
from apps.clinical.models import Patient  # noqa: E402
from apps.common.exceptions import DomainError  # noqa: E402
from apps.hospitals.models import Affiliation  # noqa: E402

from . import load  # noqa: E402

EACH, COMING = 100, 40
RUNS = 30
RETURNED = (20, 100, 500)
#: How many book at once, how many times each tries, and among how many doctors' times they choose.
CLIENTS, TRIES, SOUGHT_AFTER = 50, 12, 8
_OVERLAPS = ("appointment_no_doctor_overlap", "appointment_no_patient_overlap")
write = sys.stdout.write


def fill(doctors: int) -> None:
    """People and hours through the models, appointments as SQL, without triggers. A quarter of the doctors have no time
    in the next two days; a patient always sees the same doctor."""
    load.directory(doctors)
    load.patients(doctors)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        definitions = {}
        for name in _OVERLAPS:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            definitions[name] = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE bookings_appointment DROP CONSTRAINT {name}")
        _first()
        cursor.execute(_appointments("consultation_completed", EACH - COMING, "-1 - k / 6", "k % 6 * 3"))
        day = "CASE WHEN d % 4 = 0 THEN k / 20 ELSE k / 8 END"
        slot = "CASE WHEN d % 4 = 0 THEN k % 20 ELSE (k * 7 + d) % 20 END"
        cursor.execute(_appointments("appointment_confirmed", COMING, day, slot))
        for name, definition in definitions.items():
            cursor.execute(f"ALTER TABLE bookings_appointment ADD CONSTRAINT {name} {definition}")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _first() -> None:
    place, long_ago = Affiliation.objects.all()[0], timezone.now() - timedelta(999)
    Appointment.objects.create(
        patient=Patient.objects.all()[0], doctor=place.doctor, hospital=place.hospital,
        status="consultation_completed", starts_at=long_ago, ends_at=long_ago + timedelta(minutes=30),
        busy_until=long_ago + timedelta(minutes=30),
    )  # fmt: skip


def _appointments(status: str, count: int, day: str, slot: str) -> str:
    """The k-th appointment of every doctor d, on a day from today on and in a half hour from eight o'clock on."""
    at = f"""(date_trunc('day', now() AT TIME ZONE zone) + ({day}) * interval '1 day' + interval '8 hours'
              + ({slot}) * interval '30 minutes') AT TIME ZONE zone"""
    said = {
        "id": "gen_random_uuid()",
        "number": "'AP-' || gen_random_uuid()::text::varchar(16)",
        "patient_id": "person.id",
        "doctor_id": "place.doctor_id",
        "hospital_id": "place.hospital_id",
        "starts_at": "at",
        "ends_at": "at + interval '30 minutes'",
        "busy_until": "at + interval '30 minutes'",
        "status": f"'{status}'",
    }
    columns = [field.column for field in Appointment._meta.concrete_fields]
    return f"""
        WITH place AS (
            SELECT doctor_id, hospital_id, time_zone AS zone, row_number() OVER (ORDER BY affiliation.id) AS d
              FROM hospitals_affiliation affiliation JOIN hospitals_hospital hospital ON hospital.id = hospital_id
        ), person AS (SELECT id, row_number() OVER (ORDER BY id) AS d FROM clinical_patient),
        first AS (SELECT * FROM bookings_appointment WHERE starts_at < now() - interval '998 days')
        INSERT INTO bookings_appointment ({", ".join(columns)})
        SELECT {", ".join(said.get(column, f"first.{column}") for column in columns)}
          FROM place JOIN person USING (d), first, generate_series(0, {count} - 1) AS k,
               LATERAL (SELECT {at} AS at) AS time"""


# --- reading ---


def measure(name: str, ask: Callable[[], Any]) -> None:
    """The median and the quickest of so many runs, the number of queries, and how long these take by themselves."""
    ask()
    times = []
    for _run in range(RUNS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as queries:
        ask()
    alone = []
    with connection.connection.cursor() as cursor:
        for _run in range(5):
            began = time.perf_counter()
            for query in queries:
                cursor.execute(query["sql"])
                cursor.fetchall()
            alone.append((time.perf_counter() - began) * 1000)
    write(
        f"  {name:<40} {len(queries)} queries {statistics.median(times):>9.1f} ms, quickest {min(times):>7.1f} ms;"
        f" the SQL alone {statistics.median(alone):>7.1f} ms, quickest {min(alone):>7.1f} ms\n"
    )


def read() -> None:
    now = timezone.now()
    places = list(Affiliation.objects.order_by("id").values_list("doctor", "hospital"))
    doctors = [doctor for doctor, _hospital in places]
    chance = random.Random(7)
    measure(
        "free slots of one doctor, 14 days",
        lambda: selectors.free_slots(chance.choice(doctors), start=now, end=now + timedelta(days=14), now=now),
    )
    for count in RETURNED:
        if count <= len(doctors):
            measure(
                f"next free times of {count} doctors",
                lambda count=count: selectors.outlooks(chance.sample(doctors, count), now=now),
            )


def explain() -> None:
    """The plans of both statements of twenty doctors' next free times."""
    now = timezone.now()
    some = list(Affiliation.objects.order_by("?").values_list("doctor", flat=True)[:20])
    with CaptureQueriesContext(connection) as queries:
        selectors.outlooks(some, now=now)
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + query["sql"])
            write("\n".join(row for (row,) in cursor.fetchall()) + "\n\n")


# --- booking ---

Choice = tuple[UUID, UUID, datetime]


def book() -> None:
    """All at once choose among the same few free times; the same choices then go to the plain table."""
    now = timezone.now()
    people = list(User.objects.filter(role="patient").order_by("id")[:CLIENTS])
    places = list(Affiliation.objects.order_by("-id").values_list("doctor", "hospital")[:SOUGHT_AFTER])
    free: list[Choice] = []
    for doctor, hospital in places:
        found = selectors.free_slots(doctor, start=now + timedelta(days=9), end=now + timedelta(days=12), now=now).found
        free += [(doctor, hospital, slot.starts_at) for slot in found]
    chance = random.Random(11)
    choices = [[chance.choice(free) for _try in range(TRIES)] for _person in people]

    def try_to_book(number: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for doctor, hospital, starts_at in choices[number]:
            try:
                services.book_appointment(
                    by=people[number], doctor_id=doctor, hospital_id=hospital, starts_at=starts_at
                )
                found["booked"] += 1
            except DomainError as refusal:
                found[refusal.code] += 1
        connection.close()
        return found

    plain = at_once("plain INSERT, UNIQUE (doctor, start)", _inserting("plain", choices, is_guarded=False))
    guarded = at_once("INSERT under the locks and constraints", _inserting("guarded", choices, is_guarded=True))
    ours = at_once("bookings through the service", try_to_book)
    write(f"  {'guarded / plain, service / plain':<44} {guarded / plain:>9.2f} {ours / plain:.3f}\n")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_appointment a JOIN bookings_appointment b ON a.doctor_id = b.doctor_id"
            " AND a.id < b.id AND a.starts_at < b.busy_until AND b.starts_at < a.busy_until WHERE a.created_at > %s"
            " AND a.status = 'requested' AND b.status IN ('requested', 'appointment_confirmed')",
            [now],
        )
        write(f"  {'overlaps':<44} {cursor.fetchone()[0]}\n")


_CHOSEN = ("id", "number", "patient_id", "doctor_id", "hospital_id", "starts_at", "ends_at", "busy_until", "status")


def _inserting(table: str, choices: list[list[Choice]], *, is_guarded: bool) -> Callable[[int], Counter[str]]:
    """Each choice as one row of all columns, into an empty table with the indexes of the real one; guarded by its
    exclusion constraints and the two locks, or by a UNIQUE (doctor, start) alone."""
    columns = ", ".join(field.column for field in Appointment._meta.concrete_fields if field.column not in _CHOSEN)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (LIKE bookings_appointment INCLUDING DEFAULTS INCLUDING INDEXES)")
        if not is_guarded:
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid = %s::regclass", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute(f"ALTER TABLE {table} ADD UNIQUE (doctor_id, starts_at)")
    insert = (
        f"INSERT INTO {table} ({columns}, {', '.join(_CHOSEN)}) SELECT {columns}, gen_random_uuid(),"
        " 'AP-' || gen_random_uuid()::text::varchar(16), %(patient)s, %(doctor)s, %(hospital)s, %(starts_at)s,"
        " %(starts_at)s + interval '30 minutes', %(starts_at)s + interval '30 minutes', 'requested'"
        " FROM (SELECT * FROM bookings_appointment ORDER BY starts_at LIMIT 1) AS first"
    )
    lock = "SELECT pg_advisory_xact_lock(key) FROM (SELECT unnest(%s::bigint[]) AS key) AS keys"
    settings = connection.settings_dict
    dsn = f"host={settings['HOST']} user={settings['USER']} dbname={settings['NAME']}"
    patients = [uuid4() for _ in choices]

    def insert_each(number: int) -> Counter[str]:
        found: Counter[str] = Counter()
        with psycopg.connect(dsn, autocommit=True) as session:
            for doctor, hospital, starts_at in choices[number]:
                row = {"patient": patients[number], "doctor": doctor, "hospital": hospital, "starts_at": starts_at}
                try:
                    with session.transaction() if is_guarded else contextlib.nullcontext():
                        if is_guarded:
                            session.execute(lock, [sorted(key.int % (1 << 62) for key in (doctor, patients[number]))])
                        session.execute(insert, row)
                    found["booked"] += 1
                except (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation):
                    found["taken"] += 1
        return found

    return insert_each


def at_once(name: str, act: Callable[[int], Counter[str]]) -> float:
    """Everybody begins together; the answers a second, of whatever kind."""
    start = threading.Barrier(CLIENTS + 1)

    def run(number: int) -> Counter[str]:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(run, number) for number in range(CLIENTS)]
        start.wait()
        began = time.perf_counter()
        answers = sum((future.result() for future in futures), Counter())
        rate = answers.total() / (time.perf_counter() - began)
    write(f"  {name:<44} {rate:>9.0f} answers/s {dict(answers)}\n")
    return rate


def main(doctors: int, *, is_explained: bool) -> None:
    began = time.perf_counter()
    call_command("migrate", verbosity=0)
    fill(doctors)
    write(f"{doctors} doctors, {doctors * EACH} appointments (loaded in {time.perf_counter() - began:.0f} s)\n")
    read()
    book()
    if is_explained:
        explain()


if __name__ == "__main__":
    main(int(sys.argv[1]), is_explained="explain" in sys.argv)

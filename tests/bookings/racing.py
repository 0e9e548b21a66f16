"""Many at once, each with its own connection and real commits."""

import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from apps.bookings.workflow import OCCUPYING

APPOINTMENTS = "/api/v1/appointments"
GIVE_UP_SECONDS = 150


def rounds(usual):
    """How often each race is run; `MEDIVOY_RACE_ROUNDS=30` says it for all of them."""
    return int(os.environ.get("MEDIVOY_RACE_ROUNDS", usual))


def at_once(*calls):
    """Runs the calls in threads that start together; their results in order. An exception in one is raised here."""
    start = threading.Barrier(len(calls))

    def run(call):
        try:
            start.wait(GIVE_UP_SECONDS)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(run, call) for call in calls]
        return [future.result(GIVE_UP_SECONDS) for future in futures]


def codes(responses):
    return Counter((response.status_code, response.json().get("code", "")) for response in responses)


def overlaps():
    """Pairs of live appointments of one doctor or one patient that overlap: there must be none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_appointment a JOIN bookings_appointment b ON a.id < b.id"
            " AND (a.doctor_id = b.doctor_id OR a.patient_id = b.patient_id)"
            " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
            " WHERE a.status = ANY(%s) AND b.status = ANY(%s)",
            [list(OCCUPYING), list(OCCUPYING)],
        )
        return cursor.fetchone()[0]


def deadlocks():
    """How many the database has had to end by now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]

"""What is measured: the directory's lists and searches, the free slots of one doctor, a booking. Each with the floor's
recording of it."""

import itertools
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import django

django.setup()

import orjson  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.hospitals.models import Affiliation, Specialty  # noqa: E402

from . import client, load, record  # noqa: E402

BOOKING_CLIENTS = 50


@dataclass
class Scenario:
    """One line of the report: how to make the requests for us and for the floor."""

    name: str
    queries: int
    ours: Callable[[], client.NextRequest]
    floor: Callable[[], client.NextRequest]
    connections: int | None = None


def same(data: bytes) -> Callable[[], client.NextRequest]:
    return lambda: lambda number, sent: data


def prepare(doctors: int, directory: Path) -> list[Scenario]:
    """Migrate, load, record one request of each kind for the floor, and give the scenarios."""
    call_command("migrate", verbosity=0)
    load.directory(doctors)
    tokens = load.patients(BOOKING_CLIENTS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    specialty = Specialty.objects.get(code="bench-3")
    # Of one country, as a time that all of them offer is needed.
    in_india = Affiliation.objects.filter(hospital__country="IN").order_by("id")
    pairs = list(in_india.values_list("doctor_id", "hospital_id"))
    doctor, hospital = pairs[0]
    today = timezone.now().date()
    paths = {
        "doctor list, public": (f"/api/v1/doctors?specialty={specialty.code}&limit=20&sort_by=rating", None),
        "doctor list, signed in": (f"/api/v1/doctors?specialty={specialty.code}&limit=20&sort_by=name", tokens[0]),
        "doctor list, two filters": ("/api/v1/doctors?country=TH&language=ar&limit=20", None),
        "doctor list, by fee in euros": (
            "/api/v1/doctors?fee_min=10&fee_max=40&currency=EUR&sort_by=fee&limit=20", None,
        ),
        "doctor search, English": ("/api/v1/doctors?search=cardiologist&limit=20", None),
        "doctor search, Arabic": ("/api/v1/doctors?search=مدريد&lang=ar&limit=20", None),
        "doctor search, two words": ("/api/v1/doctors?search=castro12 bangkok&limit=20", None),
        "hospital list": ("/api/v1/hospitals?limit=20", None),
        "hospital search": ("/api/v1/hospitals?search=heart&limit=20", None),
        "treatment list, in dollars": ("/api/v1/treatments?currency=USD&limit=20", None),
        "package list, in euros": ("/api/v1/packages?currency=EUR&limit=20", None),
        "one doctor": (f"/api/v1/doctors/{doctor}", None),
        "free slots, 14 days": (
            f"/api/v1/doctors/{doctor}/schedule?from={today}&to={today + timedelta(days=13)}&tz=Africa/Lagos", None,
        ),
    }  # fmt: skip
    paths = {name: (quote(path, safe="/?&=:,"), token) for name, (path, token) in paths.items()}
    for path, token in paths.values():
        record.record("GET", path, token=token)  # what a process reads once, such as the exchange rates, it knows now
    recordings = {
        str(index): record.record("GET", path, token=token) for index, (path, token) in enumerate(paths.values())
    }
    slots = _slots(doctor, hospital)
    body = orjson.dumps(_booking(doctor, hospital, slots[0]))
    recordings["book"] = record.record("POST", "/api/v1/appointments", token=tokens[0], body=orjson.loads(body))
    path = directory / "recordings"
    record.save(recordings, path)
    settings = connection.settings_dict
    os.environ["BENCH_RECORDINGS"] = str(path)
    os.environ["BENCH_DSN"] = f"host={settings['HOST']} user={settings['USER']} dbname={settings['NAME']}"
    scenarios = [
        Scenario(
            name,
            recordings[str(index)].queries,
            same(client.request("GET", asked, token=token)),
            same(client.request("GET", f"/{index}")),
        )
        for index, (name, (asked, token)) in enumerate(paths.items())
    ]
    serial = itertools.count()

    def book(number: int, sent: int) -> bytes | None:
        """Each time another patient, each patient once at a time of day: nobody is busy, every booking succeeds."""
        turn, patient = divmod(next(serial), len(tokens))
        if turn + 1 >= len(slots):
            return None
        chosen, at = pairs[(turn * len(tokens) + patient) % len(pairs)]
        return client.request(
            "POST",
            "/api/v1/appointments",
            token=tokens[patient],
            body=orjson.dumps(_booking(chosen, at, slots[turn + 1])),
        )

    scenarios.append(
        Scenario(
            f"booking, {BOOKING_CLIENTS} clients",
            recordings["book"].queries,
            lambda: book,
            same(client.request("POST", "/book", body=body)),
            connections=BOOKING_CLIENTS,
        )
    )
    connection.close()
    return scenarios


def _booking(doctor: uuid.UUID, hospital: uuid.UUID, starts_at: str) -> dict[str, str]:
    return {"doctor_id": str(doctor), "hospital_id": str(hospital), "starts_at": starts_at}


def _slots(doctor: uuid.UUID, hospital: uuid.UUID) -> list[str]:
    """Times that every doctor of the benchmark offers: the first one's, from the third day on."""
    begin = timezone.now().date() + timedelta(days=3)
    path = f"/api/v1/doctors/{doctor}/schedule?from={begin}&to={begin + timedelta(days=20)}&hospital_id={hospital}"
    return [slot["starts_at"] for slot in record.record("GET", path).answer["data"]["slots"]]

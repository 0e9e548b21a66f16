"""Sends every row of the route table as every actor, and says what differs from the table or leaks a canary."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from apps.common import redis
from tests.conftest import signed_in

from . import payloads
from .world import World

TABLE = Path(__file__).with_name("routes.tsv")
#: Whence every request comes: an address that is nobody's.
ADDRESS = "192.0.2.10"
#: The columns of the table: who calls. Side A owns the objects named in `path`; side B are the strangers.
ACTORS = (
    "anonymous", "patient_a", "doctor_a", "hospital_admin_a", "patient_b", "doctor_b", "hospital_admin_b",
    "coordinator", "support", "translator", "admin",
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One line of the table: a request, and the status that each actor must get."""

    method: str
    path: str
    expected: dict[str, int]

    @property
    def shape(self) -> tuple[str, str]:
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path.split("?")[0])

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def table() -> list[Route]:
    with TABLE.open(encoding="utf-8") as file:
        return [
            Route(row["method"], row["path"], {actor: int(row[actor]) for actor in ACTORS})
            for row in csv.DictReader(file, delimiter="\t")
        ]


def operations() -> set[tuple[str, str]]:
    """Every method and path that the generated schema has."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        (method.upper(), re.sub(r"\{[^}]*\}", "{}", path))
        for path, item in schema["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }


def violations(world: World, routes: Iterable[Route], actors: Iterable[str] = ACTORS) -> list[str]:
    """What differs: a status that is not the table's, a 5xx, or a canary that the actor may not read."""
    found = []
    for route in routes:
        for actor in actors:
            response = send(world, route, actor)
            if response.status_code != route.expected[actor]:
                got = f"{response.status_code}, not {route.expected[actor]}"
                found.append(f"{route} as {actor}: {got}: {response.content[:200]!r}")
            text = response.content.decode(errors="replace") + str(dict(response.headers))
            leaked = world.foreign(reader_of(route, actor), text)
            if leaked:
                found.append(f"{route} as {actor} leaks {sorted(leaked)}: {text[:600]}")
    return found


def reader_of(route: Route, actor: str) -> str:
    """Who reads the answer: whoever signs in without a token is the one whose password was sent."""
    return "patient_a" if actor == "anonymous" and route.path == "/api/v1/auth/login" else actor


def send(world: World, route: Route, actor: str) -> Any:
    """One request, undone afterwards; but for the files of uploads, whose rows come before their objects."""
    redis.client().flushdb()
    path = route.path.format(**{name: row.pk for name, row in world.rows.items()})
    client = APIClient() if actor == "anonymous" else signed_in(world.actors[actor])
    client.raise_request_exception = False
    if route.path in payloads.UPLOADS:
        name, content = payloads.UPLOADS[route.path]
        return client.post(path, {"file": SimpleUploadedFile(name, content())}, format="multipart", REMOTE_ADDR=ADDRESS)
    undone = transaction.atomic()
    undone._from_testcase = True  # what refuses to work within a transaction does not mean this one
    with undone:
        body = payloads.body(world, route.method, route.path, actor)
        response = client.generic(route.method, path, data=body, content_type="application/json", REMOTE_ADDR=ADDRESS)
        transaction.set_rollback(True)
    return response

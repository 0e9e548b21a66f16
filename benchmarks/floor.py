"""The floor: a bare WSGI function that runs the recorded SQL with psycopg and writes the same body with orjson.

`/<name>` reads; `POST /<name>` replays a recorded write with fresh ids and a fresh time, in one transaction.
"""

import itertools
import os
import pickle
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg

RECORDINGS = pickle.loads(Path(os.environ["BENCH_RECORDINGS"]).read_bytes())  # noqa: S301  (our own file)
DSN = os.environ["BENCH_DSN"]
_local = threading.local()
_serial = itertools.count(1)
#: Beyond every time that ours books.
_FAR = timedelta(days=500)


def _connection() -> psycopg.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(DSN, autocommit=True, cursor_factory=psycopg.ClientCursor)
    return _local.connection


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    name = environ["PATH_INFO"].removeprefix("/")
    statements, answer, began_ms = RECORDINGS[name]
    if environ["REQUEST_METHOD"] == "POST":
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        _replay_write(statements, began_ms)
        status = "201 Created"
    else:
        with _connection().cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
        status = "200 OK"
    body = orjson.dumps(answer)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _new_ids(statements: list[tuple[str, Any]], began_ms: int) -> set[uuid.UUID]:
    """The ids that the recorded request made: their first 48 bits are the time of making (UUID version 7)."""
    values = (value for _sql, params in statements for value in params or ())
    return {value for value in values if isinstance(value, uuid.UUID) and value.int >> 80 >= began_ms}


def _replay_write(statements: list[tuple[str, Any]], began_ms: int) -> None:
    serial = next(_serial)
    fresh = {old: uuid.uuid4() for old in _new_ids(statements, began_ms)}
    texts = {str(old): str(new) for old, new in fresh.items()}
    shift = _FAR + timedelta(hours=serial)

    def renew(value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return fresh.get(value, value)
        if isinstance(value, datetime):
            return value + shift
        if isinstance(value, str):
            for old, new in texts.items():
                value = value.replace(old, new)
            return f"AP{serial}" if value.startswith("AP-") and len(value) < 20 else value
        return value

    connection = _connection()
    with connection.transaction(), connection.cursor() as cursor:
        for sql, params in statements:
            if sql.startswith(("SAVEPOINT", "RELEASE")):
                continue
            values = tuple(renew(value) for value in params) if params is not None else None
            if "pg_advisory_xact_lock" in sql:  # of other people each time: ours books with many, the floor with one
                values = tuple(number + serial for number in params)
            cursor.execute(sql, values)
            while cursor.nextset():
                pass

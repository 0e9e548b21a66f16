"""Records what one request asks of the database and answers, so that the floor can do exactly the same."""

import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Json, Jsonb
from rest_framework.test import APIClient


@dataclass
class Recording:
    """The statements of one request in order, and the parsed body of its answer."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    answer: Any = None
    queries: int = 0
    began_ms: int = 0


def record(method: str, path: str, *, token: str | None = None, body: Any = None) -> Recording:
    """Send one request inside this process and note every statement with its parameters."""
    recording = Recording(began_ms=time.time_ns() // 1_000_000)
    execute = CursorWrapper._execute  # below the wrappers that change a statement: the audit trail's is one

    def note(cursor: Any, sql: str, params: Any, *rest: Any) -> Any:
        recording.statements.append((sql, tuple(map(_plain, params)) if params is not None else None))
        return execute(cursor, sql, params, *rest)

    client = APIClient()
    if token:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    with mock.patch.object(CursorWrapper, "_execute", note):
        response = client.generic(
            method, path, data=orjson.dumps(body) if body else b"", content_type="application/json"
        )
    if response.status_code not in {200, 201}:
        raise RuntimeError(f"{method} {path}: {response.status_code} {response.content[:300]!r}")
    recording.answer = orjson.loads(response.content)
    recording.queries = sum(not sql.startswith(("SAVEPOINT", "RELEASE")) for sql, _params in recording.statements)
    return recording


def _plain(value: Any) -> Any:
    """A parameter without types of ours or Django's, so that the floor needs neither."""
    if isinstance(value, Jsonb | Json):
        return orjson.dumps(value.obj).decode()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def save(recordings: dict[str, Recording], path: Path) -> None:
    path.write_bytes(pickle.dumps({name: (it.statements, it.answer, it.began_ms) for name, it in recordings.items()}))

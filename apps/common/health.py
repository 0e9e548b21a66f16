"""Whether what the system needs is there. Each check is short, has a time limit, and says what it found.

`/health` asks nothing. `/health/ready` is for the load balancer: database and migrations, as nothing works without
them; Redis is not in it, because without Redis all but signing in works on.
"""

import smtplib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from . import redis

log = structlog.get_logger(__name__)

TIME_LIMIT_SECONDS = 3.0
#: Beat sends one every 30 seconds and a worker writes it down.
HEARTBEAT_STALE_AFTER = timedelta(seconds=100)
HEARTBEAT_KEY = "heartbeat"


class Unhealthy(Exception):
    """A check found something wrong; the message names it without any address or secret."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check. `latency_ms` is how long it took, `message` what there is to know."""

    name: str
    ok: bool
    latency_ms: float
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Check = Callable[[], str]


def check_database() -> str:
    """On a connection of its own, so that one which is stuck is noticed and one which is kept hides nothing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        _close_own_connection()
    return ""


_migrated = threading.Event()


def check_migrations() -> str:
    """Counted until there are none; a process whose code is all migrated stays so."""
    if _migrated.is_set():
        return ""
    try:
        executor = MigrationExecutor(connection)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    finally:
        _close_own_connection()
    if pending:
        raise Unhealthy(f"{pending} migrations are pending")
    _migrated.set()
    return ""


def check_redis() -> str:
    redis.client().ping()
    return ""


def check_broker() -> str:
    with current_app.connection_for_write(connect_timeout=settings.REDIS_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=settings.REDIS_TIMEOUT_SECONDS)
    return ""


def check_email() -> str:
    """Whether the mail server takes a connection and our name; nothing is sent."""
    backend = get_connection(timeout=int(TIME_LIMIT_SECONDS))
    if not isinstance(backend, EmailBackend):
        return "E-mails are kept here and not sent."
    try:
        backend.open()
    finally:
        backend.close()
    return ""


def check_workers() -> str:
    answers = current_app.control.ping(timeout=1.0)
    if not answers:
        raise Unhealthy("no worker answers")
    return f"{len(answers)} answered"


def check_beat() -> str:
    """Beat, broker and worker in a row: the last heartbeat that came all the way."""
    found: Any = redis.client().get(HEARTBEAT_KEY)
    if found is None:
        raise Unhealthy("no heartbeat has come")
    age = timezone.now() - datetime.fromisoformat(found.decode())
    if age > HEARTBEAT_STALE_AFTER:
        raise Unhealthy(f"the last heartbeat came {age.total_seconds():.0f} s ago")
    return f"heartbeat {age.total_seconds():.0f} s ago"


def write_heartbeat(now: datetime) -> None:
    """Called by a worker for beat."""
    with redis.required() as client:
        client.set(HEARTBEAT_KEY, now.isoformat(), ex=timedelta(days=7))


READY: dict[str, Check] = {"database": check_database, "migrations": check_migrations}
SERVICES: dict[str, Check] = READY | {
    "redis": check_redis,
    "broker": check_broker,
    "email": check_email,
    "workers": check_workers,
    "beat": check_beat,
}


def examine(checks: dict[str, Check]) -> list[Finding]:
    """Run the checks side by side; one that takes longer than TIME_LIMIT_SECONDS has failed."""
    found: dict[str, Finding] = {}

    def note(name: str, check: Check) -> None:
        found[name] = _examine_one(name, check)

    # Daemons, as nobody waits for one that hangs: not this request, and not the process when it is to end.
    threads = [threading.Thread(target=note, args=item, daemon=True) for item in checks.items()]
    until = time.monotonic() + TIME_LIMIT_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = Finding("", ok=False, latency_ms=TIME_LIMIT_SECONDS * 1000, message="no answer in time")
    return [found.get(name) or replace(late, name=name) for name in checks]


def all_ok(findings: Iterable[Finding]) -> bool:
    return all(finding.ok for finding in findings)


def _examine_one(name: str, check: Check) -> Finding:
    began = time.perf_counter()
    try:
        message, ok = check(), True
    except Unhealthy as error:
        message, ok = str(error), False
    except (OSError, smtplib.SMTPException) as error:
        message, ok = type(error).__name__, False
    except Exception as error:
        message, ok = type(error).__name__, False
        log.warning("health_check_failed", check=name, exc_info=error)
    return Finding(name, ok, round((time.perf_counter() - began) * 1000, 1), message)


def _close_own_connection() -> None:
    """Connections belong to threads, and the threads of checks end."""
    connection.close()

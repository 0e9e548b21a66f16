"""The whole system on real processes, to be hurt: PostgreSQL, Valkey, web, worker and beat under our own supervisor."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from medivoy import embedded, fake_gateway

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120.0
#: All tables and triggers, on a machine that runs other tests as well.
PREPARED_SECONDS = 600.0


class Stack:
    """What a test may do to the running system, and ask of it."""

    def __init__(self, supervisor: embedded.Supervisor, directory: Path, environ: dict[str, str], port: int) -> None:
        self.supervisor, self.directory, self.environ, self.port = supervisor, directory, environ, port
        self.gateway = f"http://{fake_gateway.HOST}:{environ['FAKE_GATEWAY_PORT']}"

    def kill(self, title: str) -> None:
        """`kill -9` of one program's main process; the supervisor starts it again, as systemd or Docker would."""
        child = next(child for child in self.supervisor.children if child.program.title == title)
        if child.process is not None and child.process.poll() is None:
            os.kill(child.process.pid, signal.SIGKILL)

    def restarts(self) -> dict[str, int]:
        return {child.program.title: child.restarts for child in self.supervisor.children}

    def until(self, condition: Callable[[], bool], *, what: str) -> None:
        """Look after the programs until something holds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not seen within {PATIENCE_SECONDS:.0f} s: {what}\n{self.logs()}"
            self.supervisor.look_after()
            self.supervisor._pause(0.1)

    def rows(self, sql: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.environ["DSN"]) as connection:
            return connection.execute(sql, params).fetchall()

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environ, check=True, capture_output=True, text=True
        ).stdout

    def logs(self) -> str:
        return "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in (self.directory / "log").glob("*.log"))


@contextmanager
def running() -> Iterator[Stack]:
    directory = Path(tempfile.mkdtemp(prefix="medivoy-faults-", dir="/tmp"))
    directory.chmod(0o755)
    try:
        with embedded.Supervisor(directory, tell=lambda line: None) as supervisor:
            addresses = embedded.start_servers(supervisor, durable=True)
            yield _start(supervisor, directory, addresses)
            supervisor.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _start(supervisor: embedded.Supervisor, directory: Path, addresses: embedded.Addresses) -> Stack:
    port = free_port()
    environ = os.environ | {
        "MEDIVOY_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "medivoy.settings",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "PUBLIC_URL": f"http://localhost:{port}",
        "WEB_BIND": f"127.0.0.1:{port}",
        "API_REQUESTS_PER_MINUTE": "100000",
        "DSN": addresses.database_url.replace("postgres://", "postgresql://"),
    }
    environ.pop("PYTEST_XDIST_WORKER", None)
    environ["FAKE_GATEWAY_PORT"] = str(free_port())
    environ |= fake_gateway.environment({}, int(environ["FAKE_GATEWAY_PORT"]))

    def program(
        title: str, *arguments: str, ready: Callable[[], bool] = lambda: True, start_seconds: float = 120.0
    ) -> embedded.Program:
        return embedded.Program(
            title=title,
            command=(sys.executable, *arguments),
            log=directory / "log" / f"{title}.log",
            environ=environ,
            directory=ROOT,
            ready=ready,
            start_seconds=start_seconds,
            stop_seconds=8.0,
        )

    supervisor.run_to_end(program("migrate", "manage.py", "migrate", "--noinput", start_seconds=PREPARED_SECONDS))
    celery = ("-m", "celery", "--app", "medivoy")
    supervisor.start(
        program("gateway", "-m", "medivoy.fake_gateway"),
        program("web", "-m", "gunicorn", "--config", "gunicorn.conf.py", ready=partial(answers, port)),
        program(
            "worker",
            *(*celery, "worker", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        program("beat", *celery, "beat", "--pidfile", ""),
    )
    return Stack(supervisor, directory, environ, port)


def free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

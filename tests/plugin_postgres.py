"""Starts a test run's throw-away PostgreSQL and Valkey; loaded with `-p`, as pytest-django reads the settings early.

One pair of servers for the whole run. Each xdist worker has its own database (pytest-django names it) and its own
Redis database number. DATABASE_URL and REDIS_URL, where both are given, are used instead and nothing is started.
Files that tests upload lie in a temporary folder of the run's own.
Servers die with this process, even when it is killed; what a killed run left under /tmp the next one removes.
"""

import contextlib
import os
import shutil
import tempfile
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from medivoy import embedded
from tests import prepared_tables


def redis_url_of_worker(redis_url: str, worker: str | None) -> str:
    """The same server; database 0 for a run without workers, 1 for gw0, 2 for gw1 and so on."""
    number = int(worker.removeprefix("gw")) + 1 if worker else 0
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query)) | {"db": str(number)}
        return f"unix://{parts.path}?{urlencode(query)}"
    return urlunsplit(parts._replace(path=f"/{number}"))


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, args, parser):
    os.environ["MEDIVOY_ENV"] = "test"
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None and not ("DATABASE_URL" in os.environ and "REDIS_URL" in os.environ):
        start_servers(early_config)
    if worker is None:
        os.environ["MEDIA_ROOT"] = tempfile.mkdtemp(prefix="medivoy-media-")
        early_config.add_cleanup(lambda: shutil.rmtree(os.environ["MEDIA_ROOT"], ignore_errors=True))
    os.environ["REDIS_URL"] = redis_url_of_worker(os.environ["REDIS_URL"], worker)
    return (yield)


def start_servers(config: pytest.Config) -> None:
    stack = contextlib.ExitStack()
    try:
        addresses = stack.enter_context(embedded.throw_away())
    except embedded.EmbeddedUnavailableError as error:
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(stack.close)
    # What is given wins: DATABASE_URL alone tests against that PostgreSQL, beside a Valkey of our own.
    os.environ.setdefault("DATABASE_URL", addresses.database_url)
    os.environ.setdefault("REDIS_URL", addresses.redis_url)
    if os.environ["DATABASE_URL"] == addresses.database_url:
        prepared_tables.load(addresses.database_url)

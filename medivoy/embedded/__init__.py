"""PostgreSQL and Valkey from wheels, kept by a supervisor of our own: for `make demo`, `make test` and `make shell`.

Production brings its own servers through DATABASE_URL and REDIS_URL and never comes here.
Why not the wheels' own server classes: docs/decisions/0002-embedded-servers.md.
"""

from .processes import ChildFailedError, Program, StopRequestedError, Supervisor, SupervisorError
from .programs import EmbeddedUnavailableError
from .servers import Addresses, run_servers, running_addresses, start_servers, throw_away

__all__ = [
    "Addresses",
    "ChildFailedError",
    "EmbeddedUnavailableError",
    "Program",
    "StopRequestedError",
    "Supervisor",
    "SupervisorError",
    "run_servers",
    "running_addresses",
    "start_servers",
    "throw_away",
]

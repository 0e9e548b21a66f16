"""Runs one command with DATABASE_URL and REDIS_URL set: `python -m medivoy.embedded [--throw-away] command ...`.

Given addresses win; then those of a demo that is running; then servers are started for as long as the command takes.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import EmbeddedUnavailableError, SupervisorError, run_servers, running_addresses, throw_away

DEMO_DATA = Path(__file__).resolve().parents[2] / "var" / "embedded"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m medivoy.embedded", description=__doc__)
    parser.add_argument("--throw-away", action="store_true", help="empty servers, removed afterwards")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to run, with its arguments")
    options = parser.parse_args()
    if not options.command:
        parser.error("a command is missing")
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return subprocess.call(options.command)
    with contextlib.ExitStack() as stack:
        try:
            addresses = None if options.throw_away else running_addresses(DEMO_DATA)
            if addresses is None:
                addresses = stack.enter_context(
                    throw_away() if options.throw_away else run_servers(DEMO_DATA, durable=True)
                )
        except (EmbeddedUnavailableError, SupervisorError) as error:
            sys.exit(str(error))
        urls = {"DATABASE_URL": addresses.database_url, "REDIS_URL": addresses.redis_url}
        # Ctrl-C is for the command, which shares our terminal; we outlive it, to stop the servers.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        return subprocess.call(options.command, env=urls | dict(os.environ))


if __name__ == "__main__":
    sys.exit(main())

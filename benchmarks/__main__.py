"""`make bench`: loads a database, then drives Django and the floor in turn and prints their ratio.

Absolute figures move twofold on a shared machine: quote the ratios. Nothing here is a test; nothing fails on a number.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from medivoy import embedded

from . import client

ROUNDS = 3
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--doctors", type=int, default=10_000, help="rows of doctors (default 10000)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement (default 4)")
    parser.add_argument("--connections", type=int, default=8, help="connections at once for reads (default 8)")
    options = parser.parse_args()
    with embedded.throw_away() as servers, tempfile.TemporaryDirectory() as directory:
        os.environ |= {
            "MEDIVOY_ENV": "development",
            "DJANGO_SETTINGS_MODULE": "medivoy.settings",
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "API_REQUESTS_PER_MINUTE": "100000000",
            "LOG_LEVEL": "ERROR",
        }
        from . import scenarios  # noqa: PLC0415  (needs the addresses above before Django reads its settings)

        began = time.perf_counter()
        plan = scenarios.prepare(options.doctors, Path(directory))
        print(f"{options.doctors} doctors loaded in {time.perf_counter() - began:.0f} s")
        with ExitStack() as stack:
            ours = stack.enter_context(served("medivoy.wsgi:application", Path(directory) / "ours.sock"))
            floor = stack.enter_context(served("benchmarks.floor:application", Path(directory) / "floor.sock"))
            report(plan, ours, floor, options)


@contextmanager
def served(application: str, socket: Path) -> Iterator[str]:
    """gunicorn with one worker of four threads, as both are measured."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", application, "--workers", "1", "--worker-class", "gthread",
            "--threads", "4", "--keep-alive", "75", "--bind", f"unix:{socket}",
            "--graceful-timeout", "2", "--log-level", "error",
        ],
        cwd=socket.parent,  # gunicorn.conf.py of the working directory would be read
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{application} did not start")
            time.sleep(0.05)
        yield str(socket)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def report(plan: Any, ours: str, floor: str, options: argparse.Namespace) -> None:
    line = "{:<34}{:>8}{:>10}{:>10}{:>8}{:>12}{:>12}{:>8}"
    print(line.format("", "queries", "req/s", "floor", "ratio", "median ms", "floor ms", "ratio"))
    for scenario in plan:
        pairs = []
        for _round in range(ROUNDS):
            mine = client.run(ours, scenario.connections or options.connections, options.seconds, scenario.ours())
            base = client.run(floor, scenario.connections or options.connections, options.seconds, scenario.floor())
            alone = client.run(ours, 1, options.seconds / 2, scenario.ours())
            base_alone = client.run(floor, 1, options.seconds / 2, scenario.floor())
            pairs.append((mine, base, alone, base_alone))
            unexpected = {status: n for status, n in mine.statuses.items() if status not in {200, 201}}
            if unexpected:
                print(f"  {scenario.name}: other answers {unexpected}")
        rates = sorted((mine.rate / base.rate, mine.rate, base.rate) for mine, base, _a, _b in pairs)
        ratio, rate, floor_rate = rates[len(rates) // 2]
        ours_ms = median(alone.median_ms for _m, _b, alone, _ba in pairs)
        floor_ms = median(base.median_ms for _m, _b, _a, base in pairs)
        print(
            line.format(
                scenario.name, scenario.queries, f"{rate:.0f}", f"{floor_rate:.0f}", f"{ratio:.2f}",
                f"{ours_ms:.1f}", f"{floor_ms:.1f}", f"{ours_ms / floor_ms:.1f}",
            )
        )  # fmt: skip


if __name__ == "__main__":
    main()

"""`make bench`: loads a database, then drives Django and the floor in turn and prints their ratio; then measures the
calendars at three sizes and the reminders, each in a database of its own. `make bench ARGS=calendars` does only that.

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
PARTS = ("requests", "calendars", "reminders")
#: Tables of so many doctors, with a hundred appointments each.
CALENDAR_SIZES = (100, 1_000, 10_000)
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--doctors", type=int, default=10_000, help="rows of doctors (default 10000)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement (default 4)")
    parser.add_argument("--connections", type=int, default=8, help="connections at once for reads (default 8)")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    parts = options.parts or PARTS
    if "requests" in parts:
        requests(options)
    if "calendars" in parts:
        for doctors in CALENDAR_SIZES:
            alone("benchmarks.calendars", str(doctors))
    if "reminders" in parts:
        alone("benchmarks.reminders")


def alone(module: str, *arguments: str) -> None:
    """Runs a module that wants an empty database of its own."""
    ours = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    ours |= {
        "MEDIVOY_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "medivoy.settings",
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "medivoy.embedded", "--throw-away", sys.executable, "-m", module, *arguments]
    subprocess.run(command, cwd=ROOT, env=ours, check=True)


def requests(options: argparse.Namespace) -> None:
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

"""All static checks, two at a time: a line each, then what the failed ones printed. `check.py types` runs that one."""

import base64
import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]


def production_environment() -> dict[str, str]:
    """What production has to be given, made up here, so that `check --deploy` judges the real thing."""
    return {
        "MEDIVOY_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "medivoy.example.com",
        "PUBLIC_URL": "https://medivoy.example.com",
        "EMAIL_URL": "smtp://mail.example.com:587",
        "MEDIA_ROOT": "/var/lib/medivoy/media",
        "MEDIA_SCANNER": "off",
        "VIDEO_PROVIDER": "off",
    }


CHECKS: dict[str, list[str]] = {
    "types": [str(BIN / "mypy")],
    "lint": [str(BIN / "ruff"), "check", "--output-format", "concise", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "imports": [str(BIN / "lint-imports")],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "deployment": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "schema": [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
    "security": [str(BIN / "bandit"), "-q", "-c", "pyproject.toml", "-r", "medivoy", "apps", "manage.py"],
    "links": [sys.executable, ".ci/check_links.py"],
}


def run(name: str) -> tuple[str, int, str, float]:
    environment = os.environ | {"MEDIVOY_ENV": "test"}
    if name == "deployment":
        environment |= production_environment()
    began = time.monotonic()
    done = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return name, done.returncode, done.stdout, time.monotonic() - began


def main(names: list[str]) -> int:
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    failed = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        for future in as_completed(pool.submit(run, name) for name in names or CHECKS):
            name, code, output, seconds = future.result()
            print(f"  {'ok' if code == 0 else 'FAILED':7} {name:12} {seconds:5.1f} s", flush=True)
            if code:
                failed[name] = output
    for name, output in failed.items():
        print(f"\n--- {name} ---\n{output.strip()}")
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

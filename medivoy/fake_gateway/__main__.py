"""`python -m medivoy.fake_gateway`: the test gateway by itself, set up by the variables that the application reads.

FAKE_GATEWAY_PORT is where it listens, on this machine only; FAKE_GATEWAY_STATE the file of its books; PUBLIC_URL where
the webhooks go. `setup.environment` makes what the application needs to speak to it.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from .server import HOST, Gateway
from .setup import endpoints

log = logging.getLogger("medivoy.fake_gateway")


def main(environ: Mapping[str, str]) -> int:
    if environ.get("MEDIVOY_ENV", "production") == "production":
        sys.stderr.write("The test gateway takes made-up money: it does not run in production.\n")
        return 1
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_received: over.set())
    port, state = int(environ["FAKE_GATEWAY_PORT"]), environ.get("FAKE_GATEWAY_STATE")
    with Gateway(endpoints(environ), port=port, state=Path(state) if state else None):
        log.info("The test gateway listens on http://%s:%s", HOST, port)
        over.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))

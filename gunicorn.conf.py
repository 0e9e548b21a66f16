"""How gunicorn serves the web process; WEB_* variables in .env.example. Threads, since requests wait for PostgreSQL."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.http import wsgi as gunicorn_http

wsgi_app = "medivoy.wsgi:application"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Fresh processes now and then, not all at once, in case something leaks.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "5000"))
max_requests_jitter = max_requests // 10
timeout = 60
# How long requests under way may take after a TERM or HUP; keep the platform's own grace period above it.
graceful_timeout = 30
keepalive = 5
# Heartbeats are files: on a disk that stalls, healthy workers would be killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
# The application logs each request itself, as JSON with request and user id.
accesslog = None
errorlog = "-"
# The Server header need not say what this is made with.
gunicorn_http.SERVER = "web"
# Management over a socket in the home directory: one more door than is needed.
control_socket_disable = True

# Workers count for themselves and meet in files, which must be chosen before the library is imported anywhere.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="medivoy-metrics-")
METRICS = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def on_starting(server: Any) -> None:
    """Counts of an earlier run would be added to ours."""
    shutil.rmtree(METRICS, ignore_errors=True)
    METRICS.mkdir(parents=True, mode=0o700)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415  (after the variable above, see there)

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(METRICS, ignore_errors=True)

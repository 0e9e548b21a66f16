"""Figures for Prometheus: requests, database errors, and at scraping time the depth of the queues.

Web processes only. Under gunicorn the figures of all processes meet in the files of PROMETHEUS_MULTIPROC_DIR. Nothing
here is counted until the first request, so that a command or a worker that imports this leaves no file there.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import prometheus_client
import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from prometheus_client import Counter, Gauge, Histogram, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

log = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
#: Asked for every few seconds by machines: counted, but logged only when they fail.
QUIET_ROUTES = frozenset(
    {"/api/v1/health", "/api/v1/health/db", "/api/v1/health/redis", "/api/v1/health/ready", "/metrics"}
)
#: What stands for the route where none matched.
NO_ROUTE = "none"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

prometheus_client.disable_created_metrics()
REQUESTS = Counter("medivoy_requests", "Requests answered.", ["method", "route", "status"])
DURATION = Histogram("medivoy_request_seconds", "Time to answer.", ["method", "route"], buckets=BUCKETS)
IN_FLIGHT = Gauge("medivoy_requests_in_flight", "Requests being worked on.", ["kind"], multiprocess_mode="livesum")
DATABASE_ERRORS = Counter("medivoy_database_errors", "Requests that the database failed or refused.", ["error"])


@dataclass(frozen=True)
class Reading:
    """One figure read when Prometheus asks. `settings.METRICS_READERS` name functions that give some."""

    name: str
    help: str
    value: float


def known_method(method: str | None) -> str:
    return method if method in METHODS else "OTHER"


def in_flight() -> contextlib.AbstractContextManager[Any]:
    return IN_FLIGHT.labels("request").track_inprogress()


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """`route` is the pattern, not the path: there are as many series as routes."""
    REQUESTS.labels(method, route, status).inc()
    DURATION.labels(method, route).observe(seconds)


def count_database_error(error: BaseException) -> None:
    DATABASE_ERRORS.labels(type(error).__name__).inc()


class _Readings:
    """Collects the readers' figures; a reader that fails is missing from the answer, not the whole answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name in settings.METRICS_READERS:
            try:
                readings: Iterable[Reading] = list(import_string(name)())
            except Exception as error:
                log.warning("metrics_reader_failed", reader=name, exc_info=error)
                continue
            for reading in readings:
                yield GaugeMetricFamily(reading.name, reading.help, value=reading.value)


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    registry = prometheus_client.CollectorRegistry()
    if settings.PROMETHEUS_MULTIPROC_DIR:
        multiprocess.MultiProcessCollector(registry)
    else:
        for metric in (REQUESTS, DURATION, IN_FLIGHT, DATABASE_ERRORS):
            registry.register(metric)
    ProcessCollector(registry=registry)
    registry.register(_Readings())  # type: ignore[arg-type]
    return prometheus_client.generate_latest(registry)

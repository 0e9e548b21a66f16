"""Logs as JSON lines that name no one: ids, routes and types, never texts that people or exceptions wrote.

A request and a task leave one line each (see `middleware.RequestMiddleware` and `connect_celery`). An exception is
logged by its type and the places it passed, without its message, which likes to quote values: a row's e-mail, a name.
"""

import time
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from celery import signals
from django.conf import settings

log = structlog.get_logger(__name__)
_MAX_CAUSES = 5


def describe(error: BaseException, *, with_message: bool, depth: int = 0) -> dict[str, Any]:
    """An exception as plain values: type, where it was raised, the database's state code and constraint, its cause."""
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)],
    }
    code = getattr(error, "code", None)
    if isinstance(code, str):
        described["code"] = code
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate:
        described["sqlstate"] = sqlstate
        described["constraint"] = error.diag.constraint_name  # type: ignore[attr-defined]
    if with_message:
        described["message"] = str(error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < _MAX_CAUSES:
        described["cause"] = describe(cause, with_message=with_message, depth=depth + 1)
    return described


def add_exception(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's processor that puts `exc_info` as `exception`; messages only where the data is made up."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple):
        found = found[1]
    if isinstance(found, BaseException):
        event["exception"] = describe(found, with_message=settings.LOG_EXCEPTION_MESSAGES)
    return event


# --- tasks -----------------------------------------------------------------------------------------------------------


def _task_begins(task_id: str, task: Any, **kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    task.request.began_at = time.monotonic()


def _task_ended(task: Any, state: str | None = None, **kwargs: Any) -> None:
    began = getattr(task.request, "began_at", None)
    log.info("task", state=state, duration_ms=None if began is None else round((time.monotonic() - began) * 1000))
    structlog.contextvars.clear_contextvars()


def _task_failed(exception: BaseException, **kwargs: Any) -> None:
    log.error("task_failed", exc_info=(type(exception), exception, exception.__traceback__))


def connect_celery() -> None:
    """Bind each task's id to its log lines, and log its end."""
    signals.task_prerun.connect(_task_begins)
    signals.task_postrun.connect(_task_ended)
    signals.task_failure.connect(_task_failed)

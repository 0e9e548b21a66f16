"""The one exception handler, and the answers of Django's own error pages for /api: every failure in one envelope."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from redis import RedisError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.common import exceptions, metrics

from . import renderers

log = structlog.get_logger(__name__)

#: Stable codes of what the framework itself refuses.
FRAMEWORK_CODES: dict[type[Exception], str] = {
    drf.ParseError: "request.malformed",
    drf.NotAuthenticated: "auth.not_authenticated",
    drf.AuthenticationFailed: "auth.token_invalid",
    drf.PermissionDenied: "auth.forbidden",
    drf.NotFound: "not_found",
    drf.MethodNotAllowed: "request.method_not_allowed",
    drf.NotAcceptable: "request.not_acceptable",
    drf.UnsupportedMediaType: "request.unsupported_media_type",
    drf.Throttled: "request.throttled",
}
#: What stands behind a status that Django gives outside the API's views: a code and a sentence.
STATUSES = {
    400: (exceptions.Malformed.code, exceptions.Malformed.message),
    403: (exceptions.Forbidden.code, exceptions.Forbidden.message),
    404: (exceptions.NotFound.code, exceptions.NotFound.message),
    413: (exceptions.TooLarge.code, exceptions.TooLarge.message),
    500: ("server.error", _("Something went wrong on our side. It has been recorded.")),
    503: (exceptions.Unavailable.code, exceptions.Unavailable.message),
}
RETRY_AFTER_SECONDS = 5

#: The database's refusals to wait for one another: trying again is safe and likely to work.
_CONTENTION = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.SerializationFailure,
)


def body(
    code: str, message: str, errors: Mapping[str, Iterable[Any]] | None = None, data: Any = None
) -> dict[str, Any]:
    failure: dict[str, Any] = {
        "success": False,
        "message": message,
        "code": code,
        "errors": {name: [str(text) for text in texts] for name, texts in (errors or {}).items()},
        "timestamp": timezone.now(),
    }
    if data is not None:
        failure["data"] = data
    return failure


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested details as {"hours.0.starts": ["..."]}; errors of no field stand under "non_field_errors"."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, value in detail.items():
            found.update(flatten(value, f"{path}.{name}" if path else str(name)))
        return found
    if isinstance(detail, list | tuple):
        if all(not isinstance(item, Mapping | list | tuple) for item in detail):
            return {path or "non_field_errors": [str(item) for item in detail]} if detail else {}
        found = {}
        for index, value in enumerate(detail):
            found.update(flatten(value, f"{path}.{index}" if path else str(index)))
        return found
    return {path or "non_field_errors": [str(detail)]}


def is_outage(error: BaseException | None) -> bool:
    """Whether the database could not be asked at all."""
    return isinstance(error, OperationalError | InterfaceError)


def _of_input(error: drf.ValidationError) -> exceptions.DomainError:
    return exceptions.Invalid(errors=flatten(error.detail))


def _of_model(error: ModelValidationError) -> exceptions.DomainError:
    return exceptions.Invalid(errors=flatten(getattr(error, "message_dict", None) or error.messages))


def _of_outage(error: Exception) -> exceptions.DomainError:
    if isinstance(error.__cause__, _CONTENTION):
        return exceptions.Busy(retry_after=1)
    return exceptions.Unavailable(retry_after=RETRY_AFTER_SECONDS)


#: The first that fits, so the special before the general. What fits none is a defect.
REFUSALS: tuple[tuple[type[Exception], Callable[[Any], exceptions.DomainError]], ...] = (
    (exceptions.DomainError, lambda error: error),
    (drf.ValidationError, _of_input),
    (ModelValidationError, _of_model),
    (Http404, lambda error: exceptions.NotFound()),
    (ObjectDoesNotExist, lambda error: exceptions.NotFound()),
    (PermissionDenied, lambda error: exceptions.Forbidden()),
    (ProtectedError, lambda error: exceptions.InUse()),
    (RestrictedError, lambda error: exceptions.InUse()),
    (IntegrityError, lambda error: exceptions.Conflict()),
    (DataError, lambda error: exceptions.Invalid()),
    (OperationalError, _of_outage),
    (InterfaceError, _of_outage),
    (RedisError, lambda error: exceptions.Unavailable(retry_after=RETRY_AFTER_SECONDS)),
    (RequestDataTooBig, lambda error: exceptions.TooLarge()),
    (SuspiciousOperation, lambda error: exceptions.Malformed()),
    (BadRequest, lambda error: exceptions.Malformed()),
    (UnreadablePostError, lambda error: exceptions.Malformed()),
)


def as_refusal(error: Exception) -> exceptions.DomainError | None:
    """What the database or a library refused, as one of our own refusals; None for what is a defect."""
    if isinstance(error, AttributeError):  # a related row that must exist, such as a doctor's profile, does not
        return None
    return next((refuse(error) for kind, refuse in REFUSALS if isinstance(error, kind)), None)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler."""
    refusal = as_refusal(error)
    headers: dict[str, str] = {}
    if refusal is not None:
        if isinstance(error, DatabaseError | InterfaceError):
            metrics.count_database_error(error)
        if isinstance(error, DatabaseError | InterfaceError | RedisError):
            log.warning("infrastructure_refusal", code=refusal.code, exc_info=error)
        status: int = refusal.status
        failure = body(refusal.code, refusal.text, refusal.errors, refusal.data)
        if refusal.retry_after is not None:
            headers["Retry-After"] = str(refusal.retry_after)
    elif isinstance(error, drf.APIException):
        status = error.status_code
        code = next((code for kind, code in FRAMEWORK_CODES.items() if isinstance(error, kind)), "request.refused")
        message = str(error.detail if not isinstance(error.detail, dict | list) else error.default_detail)
        failure = body(code, message)
        if getattr(error, "wait", None) is not None:
            headers["Retry-After"] = str(max(1, round(error.wait)))  # type: ignore[attr-defined]
    else:
        return None
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    set_rollback()
    response = Response(failure, status=status, headers=headers)
    response.enveloped = True  # type: ignore[attr-defined]
    return response


def message_for(status: int) -> str:
    return str(STATUSES[status][1])


def page(request: HttpRequest, status: int) -> HttpResponse:
    """A failure outside the API's views (no such URL, a refused host, a defect) in the same envelope."""
    code, message = STATUSES[status]
    data = None
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        data = {"request_id": structlog.contextvars.get_contextvars().get("request_id", "")}
    response = _envelope(body(code, str(message), data=data), status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def invalid(request: HttpRequest, errors: Mapping[str, Iterable[Any]]) -> HttpResponse:
    """The input is wrong, said before any view is reached."""
    refusal = exceptions.Invalid()
    return _envelope(body(refusal.code, refusal.text, errors), refusal.status)


def _envelope(failure: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(renderers.dumps(failure), status=status, content_type="application/json")

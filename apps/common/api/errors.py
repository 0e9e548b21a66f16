"""The one exception handler, and the answers of Django's own error pages for /api: every failure in one envelope."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from django.core import exceptions as django_exceptions
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import RedisError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.common import exceptions

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
STATUS_CODES = {
    400: "request.malformed",
    403: "auth.forbidden",
    404: "not_found",
    413: "request.too_large",
    500: "server.error",
}


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


def as_refusal(error: Exception) -> exceptions.DomainError | None:
    """What the database or a library refused, as one of our own refusals; None for what is a defect."""
    if isinstance(error, exceptions.DomainError):
        return error
    if isinstance(error, Http404 | django_exceptions.ObjectDoesNotExist):
        return exceptions.NotFound()
    if isinstance(error, drf.ValidationError):
        return exceptions.Invalid(errors=flatten(error.detail))
    if isinstance(error, ModelValidationError):
        return exceptions.Invalid(errors=flatten(getattr(error, "message_dict", None) or error.messages))
    if isinstance(error, django_exceptions.PermissionDenied):
        return exceptions.Forbidden()
    if isinstance(error, ProtectedError | RestrictedError):
        return exceptions.InUse()
    if isinstance(error, IntegrityError):
        return exceptions.Conflict()
    if isinstance(error, OperationalError | InterfaceError):
        cause = error.__cause__
        if isinstance(
            cause,
            psycopg.errors.DeadlockDetected | psycopg.errors.LockNotAvailable | psycopg.errors.SerializationFailure,
        ):
            return exceptions.Busy(retry_after=1)
        return exceptions.Unavailable(retry_after=5)
    if isinstance(error, RedisError):
        return exceptions.Unavailable(retry_after=5)
    return None


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler."""
    refusal = as_refusal(error)
    headers: dict[str, str] = {}
    if refusal is not None:
        if isinstance(error, IntegrityError | OperationalError | InterfaceError | RedisError):
            log.warning("infrastructure_refusal", code=refusal.code, error=type(error).__name__)
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


def page(request: HttpRequest, status: int, message: str, code: str | None = None) -> HttpResponse:
    """A failure outside DRF (no such URL, a refused host, a defect) in the same envelope."""
    return HttpResponse(
        renderers.dumps(body(code or STATUS_CODES[status], message)), status=status, content_type="application/json"
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    refusal = exceptions.Unavailable()
    response = page(request, HTTPStatus.SERVICE_UNAVAILABLE, refusal.text, refusal.code)
    response["Retry-After"] = "5"
    return response


def message_for(status: int) -> str:
    return {
        400: _("The request is malformed."),
        403: _("You are not allowed to do this."),
        404: _("Not found."),
        500: _("Something went wrong on our side. It has been recorded."),
    }[status]


__all__ = ["as_refusal", "body", "flatten", "handle", "page", "unavailable"]

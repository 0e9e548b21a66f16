"""What happens to every request, outermost first."""

import re
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import trans_real
from django_otp import middleware as otp

from . import audit, metrics, requests
from .api import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class RequestMiddleware:
    """Gives each request an id, counts it, and logs it in one line: who (an id), what (the route), how it ended.

    Never the query, the body or a path that no route matched: people put names and addresses there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        got_request_exception.connect(self._log_defect, dispatch_uid="medivoy.log_defect")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.match(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        try:
            with metrics.in_flight():
                response = self.get_response(request)
            response["X-Request-ID"] = request_id
            self._tell(request, response, time.perf_counter() - began)
        finally:
            structlog.contextvars.clear_contextvars()
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = f"/{match.route}" if match is not None else metrics.NO_ROUTE
        method = metrics.known_method(request.method)
        metrics.count_request(method, route, response.status_code, seconds)
        if route in metrics.QUIET_ROUTES and response.status_code < 400:
            return
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=str(user.pk))
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            ids=self._ids(match),
        )

    def _ids(self, match: Any) -> dict[str, str]:
        """The path's parts that can only be ids."""
        values = match.kwargs if match is not None else {}
        return {name: str(value) for name, value in values.items() if isinstance(value, uuid.UUID | int)}

    @staticmethod
    def _log_defect(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        error = sys.exc_info()[1]
        log.error("database_unavailable" if errors.is_outage(error) else "defect", exc_info=error)


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp's, with a policy for the API's data that allows nothing at all."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only and response.get("Content-Type", "").startswith("application/"):
            parts.config = settings.DATA_CONTENT_SECURITY_POLICY
        return parts


class HeadersMiddleware:
    """Headers that Django's own security middleware does not know, and no caching of what the API says to someone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if requests.is_api(request):
            response.headers.setdefault("Cache-Control", "no-store")
        if not request.path_info.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice (cookie, Accept-Language); on the API `?lang=`, else Accept-Language.

    The API does not look at the cookie: an app that says nothing gets the default, whatever browser it runs in.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not requests.is_api(request):
            super().process_request(request)
            return None
        asked = request.GET.get("lang")
        language = asked if asked in dict(settings.LANGUAGES) else self._from_header(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        if asked is not None and asked != language:
            names = ", ".join(dict(settings.LANGUAGES))
            return errors.invalid(request, {"lang": [_("Choose one of: %(names)s.") % {"names": names}]})
        return None

    def _from_header(self, request: HttpRequest) -> str:
        header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        for tag, quality in trans_real.parse_accept_lang_header(header):
            short = tag.split("-")[0]
            if quality and short in dict(settings.LANGUAGES):
                return short
        return settings.LANGUAGE_CODE


class NotForApiMiddleware:
    """Before one of Django's in the list of bases: leaves the API's requests alone.

    The API knows its callers by tokens only. A browser's session is not even read there, so nothing can come of it.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if requests.is_api(request):
            return self.get_response(request)  # type: ignore[attr-defined, no-any-return]
        return super().__call__(request)  # type: ignore[misc, no-any-return]


class SessionMiddleware(NotForApiMiddleware, sessions.SessionMiddleware):
    """Sessions of the admin's browsers."""


class AuthenticationMiddleware(NotForApiMiddleware, auth.AuthenticationMiddleware):
    """Who is signed in to the admin."""


class SecondFactorMiddleware(NotForApiMiddleware, otp.OTPMiddleware):
    """Whether they gave their second factor."""


class MessageMiddleware(NotForApiMiddleware, messages.MessageMiddleware):
    """What the admin tells them on their next page."""


class RefuseNulMiddleware:
    """PostgreSQL text holds no NUL, so no path or query with one can mean anything: 400 before any view sees it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            if requests.is_api(request):
                return errors.page(request, 400)
            raise SuspiciousOperation("NUL in the URL")
        return self.get_response(request)


class AuditMiddleware:
    """Puts down everything that a request writes to its sender; the token authentication names the user later."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"} and requests.is_api(request):
            return self.get_response(request)
        with audit.acting(
            actor=self._signed_in(request),
            address=requests.client_address(request),
            user_agent=request.META.get("HTTP_USER_AGENT", ""),
            request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        ):
            return self.get_response(request)

    def _signed_in(self, request: HttpRequest) -> Any:
        """The admin's user. On the API a browser's session says nothing of who is calling."""
        if requests.is_api(request):
            return None
        return request.user if request.user.is_authenticated else None

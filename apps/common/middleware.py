"""What happens to every request: a NUL is refused, the language chosen, the audit trail told who asks, outages turned into 503."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from . import audit, requests
from .api import errors

GetResponse = Callable[[HttpRequest], HttpResponse]


class RefuseNulMiddleware:
    """PostgreSQL text holds no NUL, so no path or query with one can mean anything: 400 before any view sees it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            if requests.is_api(request):
                return errors.page(request, 400, errors.message_for(400))
            return HttpResponse(status=400)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice (cookie, Accept-Language), and before both `?lang=` on the API.

    The API does not look at the cookie: an app that says nothing gets the default, whatever browser it runs in.
    """

    def process_request(self, request: HttpRequest) -> None:
        if not requests.is_api(request):
            super().process_request(request)
            return
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else self._from_header(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]

    def _from_header(self, request: HttpRequest) -> str:
        header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        for tag, _quality in translation.trans_real.parse_accept_lang_header(header):
            short = tag.split("-")[0]
            if short in dict(settings.LANGUAGES):
                return short
        return settings.LANGUAGE_CODE


class AuditMiddleware:
    """Puts down everything that a request writes to its sender; the token authentication names the user later."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"} and requests.is_api(request):
            return self.get_response(request)
        user = getattr(request, "user", None)
        with audit.acting(
            actor=user if user is not None and user.is_authenticated else None,
            address=requests.client_address(request),
            user_agent=request.META.get("HTTP_USER_AGENT", ""),
            request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        ):
            return self.get_response(request)


class OutageMiddleware:
    """A database that is gone is 503 with Retry-After, not a defect: nothing was done and trying again is safe."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        structlog.get_logger(__name__).error("database_unavailable", error=type(exception).__name__)
        return errors.unavailable(request)

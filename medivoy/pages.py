"""Pages outside the API and the admin: the front page, the API's documentation, and what people see when it fails."""

import json
import sys
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from csp.decorators import csp_update
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular import renderers
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from apps.accounts.roles import Role
from apps.common import metrics, requests
from apps.common.api import errors

documentation = csp_update(settings.DOCS_CONTENT_SECURITY_POLICY)


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What this is and where to go; outside production also who can sign in."""
    shown = {
        "people": _demo_people(),
        "environment": settings.ENVIRONMENT_LABEL,
        "languages": settings.LANGUAGES,  # each by its own name
    }
    return render(request, "front.html", shown)


def _demo_people() -> list[dict[str, str]]:
    if settings.PRODUCTION or not settings.DEMO_FILE.exists():
        return []
    people = json.loads(settings.DEMO_FILE.read_text())
    return [person | {"role_label": Role(person["role"]).label} for person in people]


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, made once a process and language: it takes a second, and anyone may ask for it."""

    authentication_classes = ()
    renderer_classes = (
        renderers.OpenApiJsonRenderer2,
        renderers.OpenApiJsonRenderer,
        renderers.OpenApiYamlRenderer2,
        renderers.OpenApiYamlRenderer,
    )
    _made: ClassVar[dict[tuple[str, ...], bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer, media_type = self.perform_content_negotiation(request)
        key = (settings.ROOT_URLCONF, translation.get_language() or "", media_type)
        if key not in self._made:
            document = self.generator_class(urlconf=self.urlconf).get_schema(request=request, public=True)
            self._made[key] = renderer.render(document, renderer_context={})
        return HttpResponse(self._made[key], content_type=media_type)


@require_safe
@documentation
def swagger_ui(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/swagger_ui.html")


@require_safe
@documentation
def redoc(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/redoc.html")


def _failure(request: HttpRequest, status: int) -> HttpResponse:
    if requests.is_api(request):
        return errors.page(request, status)
    said: dict[str, Any] = {"status": status, "message": errors.message_for(status)}
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        said["request_id"] = structlog.contextvars.get_contextvars().get("request_id")
    response = render(request, "error.html", said, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(errors.RETRY_AFTER_SECONDS)
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A defect; or the database is gone, wherever that was noticed: nothing was done then, and trying again is safe."""
    error = sys.exc_info()[1]
    if error is not None and errors.is_outage(error):
        metrics.count_database_error(error)
        return _failure(request, 503)
    return _failure(request, 500)

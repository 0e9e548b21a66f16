"""The front page, and Django's error pages: an envelope for the API, a page for people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.common import requests
from apps.common.api import errors


def front(request: HttpRequest) -> HttpResponse:
    return render(request, "front.html")


def _failure(request: HttpRequest, status: int) -> HttpResponse:
    if requests.is_api(request):
        return errors.page(request, status, errors.message_for(status))
    return render(request, "error.html", {"status": status, "message": errors.message_for(status)}, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _failure(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _failure(request, 500)

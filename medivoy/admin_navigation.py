"""The admin's sidebar, by task, and the environment's badge."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def environment(request: HttpRequest) -> list[Any] | None:
    return [settings.ENVIRONMENT_LABEL, "warning"] if settings.ENVIRONMENT_LABEL else None


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    return []

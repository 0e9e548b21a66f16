"""One renderer: puts every answer into the envelope and writes it with orjson."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumber
from rest_framework.renderers import BaseRenderer


def _plain(value: Any) -> Any:
    if isinstance(value, Promise | Decimal | PhoneNumber):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(value: Any) -> bytes:
    """JSON bytes; instants in UTC as `...Z`, decimals as strings so that no client makes floats of money."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class EnvelopeRenderer(BaseRenderer):
    """{"success", "message", "data", "timestamp"}, for lists "meta"; failures come ready from the exception handler."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is None or getattr(response, "enveloped", False):
            return dumps(data)
        if response.status_code == 204:
            return b""
        body: dict[str, Any] = {
            "success": True,
            "message": getattr(response, "envelope_message", "") or _("OK"),
            "data": data,
        }
        meta = getattr(response, "envelope_meta", None)
        if meta is not None:
            body["meta"] = meta
        body["timestamp"] = timezone.now()
        return dumps(body)

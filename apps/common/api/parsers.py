"""JSON bodies, strictly: UTF-8, no NaN, no lone surrogates, no NUL characters (PostgreSQL text cannot hold one).

And no deeper than any body of ours: what shows, compares or keeps a value goes down in it by recursion.
"""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.common import exceptions

MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # Django limits what it parses itself, not what is read from the request as a stream.
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise exceptions.TooLarge()
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not valid JSON.")) from error
        if b"\\u0000" in body and _holds_nul(data):
            raise ParseError(_("The body holds a NUL character."))
        if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deeper(data, MAX_DEPTH):
            raise exceptions.Malformed()
        return data


def _is_deeper(data: Any, depth: int) -> bool:
    """Whether lists and objects stand in one another more than `depth` deep. Level by level, without recursion."""
    level = [data] if isinstance(data, dict | list) else []
    for _number in range(depth):
        inside = (value for container in level for value in _values(container))
        level = [value for value in inside if isinstance(value, dict | list)]
    return bool(level)


def _values(container: Any) -> Any:
    return container.values() if isinstance(container, dict) else container


def _holds_nul(data: Any) -> bool:
    """Without recursion: the body may be nested deeper than Python goes."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
    return False

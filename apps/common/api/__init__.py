"""The API's shape: envelope, errors, pages, sorting, schema. Views return plain data; this package does the rest."""

from typing import Any

from rest_framework.response import Response

from apps.common.exceptions import Text


def answer(data: Any = None, *, message: Text = "", status: int = 200) -> Response:
    """A success answer; the renderer puts it into the envelope with `message` in the caller's language."""
    response = Response(data, status=status)
    response.envelope_message = message  # type: ignore[attr-defined]
    return response

"""A POST with `Idempotency-Key`, sent again, gives the first answer again and does nothing a second time.

    class AppointmentViewSet(...):
        @idempotent
        def create(self, request): ...

The effect and its answer are committed together, so whoever has seen the effect finds the answer. Only success is kept:
a refused request may be corrected and sent again under its key. Keys belong to the signed-in caller; an anonymous
request runs as if it had none. Not for views whose refusal must commit something, nor for answers that hold secrets.
"""

import functools
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from . import api, exceptions
from .api import renderers
from .models import IdempotencyKey

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
KEY_PATTERN = r"^[\x21-\x7e]{1,100}$"

View = Callable[..., Response]


class KeyReused(exceptions.DomainError):
    """The key came before with another request."""

    code = "idempotency.key_reused"
    message = _("This Idempotency-Key was used for a different request.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class InProgress(exceptions.Conflict):
    """The first request with this key has not ended yet."""

    code = "idempotency.in_progress"
    message = _("The first request with this Idempotency-Key is still being worked on. Please try again.")


def idempotent(method: View) -> View:
    """For a view's POST method: honours the header, in one transaction with all that the method writes."""

    @functools.wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if key is None or not request.user.is_authenticated:
            return method(view, request, *args, **kwargs)
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            _claim(request.user.pk, key)
            kept = _kept(request.user, key, timezone.now())
            if kept is not None:
                return _again(kept, fingerprint)
            response = method(view, request, *args, **kwargs)
            if status.is_success(response.status_code):
                _keep(request.user, key, fingerprint, response)
            return response

    wrapped.is_idempotent = True  # type: ignore[attr-defined]
    return wrapped


def keyed(method: View) -> View:
    """For a view's POST method that honours the header within, by a method of its own: the schema says so.

    Where an answer is medical, or holds a link that is a secret, only the id is kept for repetitions:

        @keyed
        def create(self, request):
            kept = self._made(request)
            return again(kept, self.show(kept.data["id"], status=201))

        @idempotent
        def _made(self, request):
            return answer({"id": services.make(...).pk}, status=201)
    """
    method.is_idempotent = True  # type: ignore[attr-defined]
    return method


def again(kept: Response, made: Response) -> Response:
    """The answer, made anew, to a request that may have been sent before, of which an id was kept."""
    if "Idempotent-Replayed" in kept:
        made["Idempotent-Replayed"] = kept["Idempotent-Replayed"]
    return made


def forget_expired(now: datetime) -> int:
    """Remove the answers that are kept no longer; how many there were."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not re.fullmatch(KEY_PATTERN, key):
        raise exceptions.Invalid(errors={HEADER: [_("Give 1 to 100 visible ASCII characters, without spaces.")]})
    return key


def _claim(user_id: Any, key: str) -> None:
    """Keep others with this key out until the transaction ends. Without waiting: a lock held is a request at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"idempotency:{user_id}:{key}"])
        if not cursor.fetchone()[0]:
            raise InProgress(retry_after=1)


def _kept(user: Any, key: str, now: datetime) -> IdempotencyKey | None:
    """The answer given under this key before; read after the claim, so that a first request just committed is seen."""
    kept = IdempotencyKey.objects.filter(user=user, key=key).first()
    if kept is not None and kept.created_at < now - KEPT_FOR:
        kept.delete()
        return None
    return kept


def _keep(user: Any, key: str, fingerprint: str, response: Response) -> None:
    IdempotencyKey.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        body={
            "data": orjson.loads(renderers.dumps(response.data)),
            "message": str(getattr(response, "envelope_message", "")),
            "language": translation.get_language(),
        },
    )


def _again(kept: IdempotencyKey, fingerprint: str) -> Response:
    if kept.fingerprint != fingerprint:
        raise KeyReused()
    body: dict[str, Any] = kept.body or {}
    response = api.answer(body["data"], message=body["message"], status=kept.status)
    response["Content-Language"] = body["language"]
    response["Idempotent-Replayed"] = "true"
    return response


def _fingerprint(request: Request) -> str:
    """Tells requests apart by what they ask for: method, path, query (but not the language), fields, files."""
    digest = hashlib.sha256()
    query = {name: values for name, values in request.query_params.lists() if name != "lang"}
    for part in (request.method, request.path, query, _plain(request.data)):
        digest.update(orjson.dumps(part, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS) + b"\n")
    return digest.hexdigest()


def _plain(data: Any) -> Any:
    """Parsed input as what JSON can hold; a form's values as lists, a file as its name and digest."""
    if hasattr(data, "lists"):
        return {name: [_plain(value) for value in values] for name, values in data.lists()}
    if isinstance(data, UploadedFile):
        digest = hashlib.sha256()
        for chunk in data.chunks():
            digest.update(chunk)
        data.seek(0)
        return [data.name, digest.hexdigest()]
    return data

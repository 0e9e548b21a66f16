"""The files themselves, where they lie on this machine."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from apps.media import links, selectors, storage
from apps.media.storage import local

#: Nothing in a file may run or load anything, should a browser ever show it as a page.
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
_CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def _local_file(visibility: str, key: str) -> Any:
    if not isinstance(storages[visibility], local.LocalStorage):
        raise Http404
    try:
        return storage.opened(visibility, key)
    except FileNotFoundError as error:
        raise Http404 from error


@require_safe
def public_file(request: HttpRequest, stem: str, extension: str) -> FileResponse:
    """A public picture: anyone's, from any site, and the same for good."""
    file = _local_file("public", f"{stem}.{extension}")
    response = FileResponse(file, content_type=_CONTENT_TYPES[extension])
    response["Cache-Control"] = settings.MEDIA_CACHE_CONTROL["public"]
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_safe
def private_file(request: HttpRequest, token: str) -> FileResponse:
    """A private file, by a link of the last five minutes: to be saved, never to be shown as a page of ours."""
    try:
        key, name, content_type = local.read_token(token, seconds=links.LINK_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if not selectors.may_be_fetched(key):
        raise Http404
    response = FileResponse(_local_file("private", key), content_type=content_type, as_attachment=True, filename=name)
    response["Cache-Control"] = settings.MEDIA_CACHE_CONTROL["private"]
    response["Cross-Origin-Resource-Policy"] = "same-site"
    response["Content-Security-Policy"] = SANDBOX
    return response

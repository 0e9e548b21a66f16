"""Addresses of files: lasting ones of what is public, short-lived ones of what is private.

Public addresses are made of the key alone, so a list gives pictures without a query a row:
`.values("picture__key", "picture__variants")`, then `links.picture(row["picture__key"], row["picture__variants"])`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apps.common.exceptions import raise_if

from . import rules, storage

if TYPE_CHECKING:
    from .models import StoredFile

#: How long the link to a private file works.
LINK_SECONDS = 300


def public_url(key: str) -> str:
    """Where anyone finds a public object, for good."""
    return f"{settings.MEDIA_PUBLIC_URL}{key}"


def picture(key: str | None, variants: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A public picture as the API shows it: its address and those of its thumbnails. None where there is none."""
    if not key:
        return None
    return {
        "url": public_url(key),
        "thumbnails": {name: public_url(variant["key"]) for name, variant in (variants or {}).items()},
    }


def picture_of(file: "StoredFile | None") -> dict[str, Any] | None:
    return picture(file.key, file.variants) if file is not None else None


def file_url(file: "StoredFile", variant: str | None = None) -> str:
    """The address of a file or of one of its variants; of a private one it works for LINK_SECONDS.

    Whoever calls this has decided that the reader may have it: the link asks nobody who they are.
    """
    key = file.variants[variant]["key"] if variant is not None else file.key
    return public_url(key) if file.visibility == "public" else private_link(file, variant)


def private_link(file: "StoredFile", variant: str | None = None) -> str:
    """An address of a private file that works for LINK_SECONDS; it names neither a person nor the file's own name.

    Of a file that is not scanned yet, or infected, there is none: raises NotYetScanned, Infected.
    """
    raise_if(rules.why_not_use(file))
    key = file.variants[variant]["key"] if variant is not None else file.key
    content_type = file.content_type if variant is None else "image/webp"
    return storage.signed_url(key, name=download_name(file), content_type=content_type, seconds=LINK_SECONDS)


def download_name(file: "StoredFile") -> str:
    """What a browser saves it as: `medical-record-3f9a2c.pdf`. Addresses are logged, so a person's words stay out."""
    return f"{file.purpose.replace('_', '-')}-{file.pk.hex[-6:]}{file.extension}"


def on_this_site(url: str) -> str:
    """For our own pages: the address without our own host, whatever name the reader came by."""
    return url.removeprefix(settings.PUBLIC_URL)

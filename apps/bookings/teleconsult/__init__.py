"""Rooms for consultations by video: one small interface, one file a provider; VIDEO_PROVIDER names it."""

from collections.abc import Callable

from django.conf import settings

from .base import Call, Guest, Link, Provider, ProviderFailed
from .jitsi import Jitsi
from .nextcloud import NextcloudTalk

_MAKERS: dict[str, Callable[[], Provider]] = {
    "nextcloud": lambda: NextcloudTalk(settings.NEXTCLOUD_URL, settings.NEXTCLOUD_USER, settings.NEXTCLOUD_PASSWORD),
    "jitsi": lambda: Jitsi(settings.JITSI_URL, settings.JITSI_APP_ID, settings.JITSI_SECRET),
}
_NEEDED = {
    "nextcloud": ("NEXTCLOUD_URL", "NEXTCLOUD_USER", "NEXTCLOUD_PASSWORD"),
    "jitsi": ("JITSI_URL", "JITSI_APP_ID", "JITSI_SECRET"),
}


def is_set_up() -> bool:
    return settings.VIDEO_PROVIDER != "off"


def provider(name: str) -> Provider:
    """The provider of this name: the one that the settings choose, or one that was chosen when a room was opened.
    Raises ProviderFailed while the settings lack what it needs."""
    if name not in _MAKERS or not all(getattr(settings, needed) for needed in _NEEDED[name]):
        raise ProviderFailed(f"{name} is not set up")
    return _MAKERS[name]()


__all__ = ["Call", "Guest", "Jitsi", "Link", "NextcloudTalk", "Provider", "ProviderFailed", "is_set_up", "provider"]

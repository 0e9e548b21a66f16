"""Files on this machine's disk: for development, and for an installation on one machine."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

SALT = "media.private_link"


class LocalStorage(FileSystemStorage):
    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    def signed_url(self, key: str, *, name: str, content_type: str, seconds: int) -> str:
        """An address of ours; the time it was made is signed into it, and the view knows how long it works."""
        token = signing.dumps([key, name, content_type], salt=SALT)
        return f"{settings.PUBLIC_URL}{reverse('private-file', args=[token])}"


def read_token(token: str, *, seconds: int) -> tuple[str, str, str]:
    """Key, name and type of a link made by `signed_url`. Raises signing.BadSignature, for one that is too old too."""
    key, name, content_type = signing.loads(token, salt=SALT, max_age=seconds)
    return key, name, content_type

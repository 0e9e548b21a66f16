"""Files in an S3 bucket, at Amazon or at whoever speaks its protocol."""

from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import Storage
from storages.backends import s3

_FAILURES = (Boto3Error, BotoCoreError, ClientError)

CONNECT_SECONDS = 3
READ_SECONDS = 10
#: The first try and one more: the person who uploads is waiting.
ATTEMPTS = 2


class S3Failed(OSError):
    """The bucket did not do as it was asked; the cause says why."""


class S3Storage(Storage):
    """django-storages' for one bucket, with timeouts, signature 4, and its failures as OSError.

    No access list is set on objects: the bucket's own policy says who reads it (see docs/operations.md).
    """

    def __init__(self, *, cache_control: str, endpoint_url: str | None = None, **options: Any) -> None:
        self._store = s3.S3Storage(
            endpoint_url=endpoint_url,
            object_parameters={"CacheControl": cache_control},
            client_config=Config(
                signature_version="s3v4",  # boto3 signs links with version 2 where it is not told otherwise
                s3={"addressing_style": "path" if endpoint_url else "virtual"},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                request_checksum_calculation="when_required",  # other makers' stores do not know the newer ones
                response_checksum_validation="when_required",
            ),
            default_acl=None,
            file_overwrite=True,  # keys are random: asking first whether one is taken costs a round trip
            querystring_auth=True,
            **options,
        )

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        return self._asked(self._store.save, name, content, max_length)

    def delete(self, name: str) -> None:
        self._asked(self._store.delete, name)

    def exists(self, name: str) -> bool:
        return self._asked(self._store.exists, name)

    def open(self, name: str, mode: str = "rb") -> Any:
        return self._asked(self._store.open, name, mode)

    def signed_url(self, key: str, *, name: str, content_type: str, seconds: int) -> str:
        """Made without asking the bucket. The answer is saved and never shown in the browser's window."""
        headers = {
            "ResponseContentDisposition": f'attachment; filename="{name}"',
            "ResponseContentType": content_type,
            "ResponseCacheControl": "private, no-store",
        }
        return self._store.url(key, parameters=headers, expire=seconds)

    @staticmethod
    def _asked(method: Any, *args: Any) -> Any:
        try:
            return method(*args)
        except _FAILURES as error:
            raise S3Failed(type(error).__name__) from error

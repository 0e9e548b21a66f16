"""Files in an S3 bucket, at Amazon or at whoever speaks its protocol.

Parts of a large file are S3's own multipart uploads: people send them straight to the bucket, and S3 closes an upload
when it is completed or aborted.
"""

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import Storage
from storages.backends import s3

from .parts import PartsClosed, PartsMissing

_FAILURES = (Boto3Error, BotoCoreError, ClientError)

CONNECT_SECONDS = 3
READ_SECONDS = 10
#: The first try and one more: the person who uploads is waiting.
ATTEMPTS = 2
#: For what a worker asks and a bucket may take minutes to do: joining or copying gigabytes. Nobody is waiting.
JOIN_SECONDS = 240
#: What S3 answers of an object that is not there.
_NO_OBJECT = {"NoSuchKey", "404", "NotFound"}


class S3Failed(OSError):
    """The bucket did not do as it was asked; the cause says why."""


class UploadOver(OSError):
    """An upload in parts was completed or aborted before."""


class S3Storage(Storage):
    """django-storages' for one bucket, with timeouts, signature 4, and its failures as OSError.

    No access list is set on objects: the bucket's own policy says who reads it (see docs/operations.md).
    """

    is_on_this_machine: ClassVar[bool] = False

    def __init__(self, *, cache_control: str, endpoint_url: str | None = None, **options: Any) -> None:
        self._cache_control = cache_control

        def store(read_seconds: float, attempts: int) -> Any:
            return s3.S3Storage(
                endpoint_url=endpoint_url,
                object_parameters={"CacheControl": cache_control},
                client_config=Config(
                    signature_version="s3v4",  # boto3 signs links with version 2 where it is not told otherwise
                    s3={"addressing_style": "path" if endpoint_url else "virtual"},
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=read_seconds,
                    retries={"total_max_attempts": attempts, "mode": "standard"},
                    request_checksum_calculation="when_required",  # other makers' stores do not know the newer ones
                    response_checksum_validation="when_required",
                ),
                default_acl=None,
                file_overwrite=True,  # keys are random: asking first whether one is taken costs a round trip
                querystring_auth=True,
                **options,
            )

        self._store = store(READ_SECONDS, ATTEMPTS)
        self._patient = store(JOIN_SECONDS, 1)

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

    def chunks(self, key: str, size: int) -> Iterator[bytes]:
        body = self._asked(lambda: self._client.get_object(Bucket=self._bucket, Key=key)["Body"])
        pieces = body.iter_chunks(size)
        while piece := self._asked(next, pieces, b""):
            yield piece

    def copy(self, key: str, to: str) -> None:
        """Within the bucket, in pieces where it is large."""
        options = {"CacheControl": self._cache_control, "MetadataDirective": "REPLACE"}
        source = {"Bucket": self._bucket, "Key": key}
        patient = self._patient.connection.meta.client
        self._asked(lambda: patient.copy(source, self._bucket, to, ExtraArgs=options))

    # --- parts ---

    @property
    def _client(self) -> Any:
        return self._store.connection.meta.client

    @property
    def _bucket(self) -> str:
        return self._store.bucket_name

    def begin_parts(self, key: str) -> str:
        options = {"ContentType": "application/octet-stream", "CacheControl": self._cache_control}
        begun = self._asked(
            lambda: self._client.create_multipart_upload(Bucket=self._bucket, Key=key, **options),
        )
        return begun["UploadId"]

    def part_address(self, key: str, parts_id: str, number: int, size: int, *, seconds: int) -> str:
        """The length is signed too: the bucket takes no other."""
        asked = {"Bucket": self._bucket, "Key": key, "UploadId": parts_id, "PartNumber": number, "ContentLength": size}
        return self._client.generate_presigned_url("upload_part", Params=asked, ExpiresIn=seconds)

    def arrived_parts(self, key: str, parts_id: str) -> dict[int, int]:
        try:
            return {part["PartNumber"]: part["Size"] for part in self._parts(key, parts_id)}
        except UploadOver:
            return {}

    def join_parts(self, key: str, parts_id: str, numbers: list[int]) -> int:
        with contextlib.suppress(UploadOver):  # completed before, by a worker that did not come to its end
            tags = {part["PartNumber"]: part["ETag"] for part in self._parts(key, parts_id)}
            if not set(numbers) <= set(tags):
                raise PartsMissing
            parts = {"Parts": [{"PartNumber": number, "ETag": tags[number]} for number in numbers]}
            patient = self._patient.connection.meta.client
            self._asked(
                lambda: patient.complete_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=parts_id, MultipartUpload=parts
                )
            )
        try:
            return self._asked(lambda: self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"])
        except FileNotFoundError as error:
            raise PartsMissing from error

    def abandon_parts(self, key: str, parts_id: str) -> None:
        """Those of other beginnings too: a process may have died before it wrote down what it had begun."""
        found = self._asked(lambda: self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=key))
        begun = {upload["UploadId"] for upload in found.get("Uploads", []) if upload["Key"] == key}
        for upload in sorted(begun | {parts_id} - {""}):
            with contextlib.suppress(UploadOver):
                self._asked(
                    lambda one=upload: self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=one)
                )

    def take_part(self, key: str, number: int, body: Any, size: int) -> bool:
        raise PartsClosed("parts go to the bucket, not to us")

    def _parts(self, key: str, parts_id: str) -> list[dict[str, Any]]:
        """All that have arrived whole. Raises UploadOver. At most 256 are sent, and a page of the answer has 1,000."""
        asked = {"Bucket": self._bucket, "Key": key, "UploadId": parts_id}
        return self._asked(lambda: self._client.list_parts(**asked).get("Parts", []))

    @staticmethod
    def _asked(method: Any, *args: Any) -> Any:
        """Raises FileNotFoundError, UploadOver, S3Failed."""
        try:
            return method(*args)
        except _FAILURES as error:
            raise _told(error) from error


def _told(error: Exception) -> OSError:
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    if code in _NO_OBJECT:
        return FileNotFoundError(type(error).__name__)
    return UploadOver(type(error).__name__) if code == "NoSuchUpload" else S3Failed(type(error).__name__)

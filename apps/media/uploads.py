"""Files on their way in: bounded while they are read, not after, and refused when they broke off."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser as DjangoMultiPartParser
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request

from apps.common.exceptions import Invalid

from . import exceptions, rules

FIELD = "file"
#: Room for the boundaries and the other fields of a form, in bytes.
FORM_BYTES = 64 * 1024
#: The end of a form is looked for in so many of its last bytes.
_TAIL = 1024


class BoundedUpload(TemporaryFileUploadHandler):
    """Writes to a temporary file and stops at `max_bytes`; `is_too_large` then says why the file is missing.

    For every form of the site (FILE_UPLOAD_HANDLERS), where a form shows what is missing; the API's parser refuses.
    """

    max_bytes = rules.MAX_BYTES["document"]
    is_too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._seen += len(raw_data)
        if self._seen > self.max_bytes:
            self.is_too_large = True
            self.excessive()
        super().receive_data_chunk(raw_data, start)

    def excessive(self) -> None:
        raise StopUpload(connection_reset=True)  # what is still to come is not even read


class _OneFile(BoundedUpload):
    """One file, in the field `file`."""

    def __init__(self, request: Any, *, max_bytes: int) -> None:
        super().__init__(request)
        self.max_bytes = max_bytes
        self._files = 0

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        self._files += 1
        if field_name != FIELD or self._files > 1:
            raise Invalid(errors={FIELD: [_("Send one file, in the field “file”.")]})
        super().new_file(field_name, *args, **kwargs)

    def close(self) -> None:
        """Of a refused upload nothing stays on the disk."""
        file = getattr(self, "file", None)
        if file is not None:
            file.close()

    def excessive(self) -> None:
        raise exceptions.FileTooLarge(megabytes=self.max_bytes // rules.MEGABYTE)


class _Watched:
    """A request's body that counts what was read of it, and remembers how it ended."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        self.tail = (self.tail + data[-_TAIL:])[-_TAIL:]
        return data


class UploadParser(MultiPartParser):
    """multipart/form-data with one file, of at most what the view's `purpose` allows.

    Raises FileTooLarge as soon as it is known, UploadIncomplete for a body that ends before its end.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context: Any = parser_context or {}
        request, limit = context["request"], rules.MAX_BYTES[context["view"].purpose]
        meta = request.META | {"CONTENT_TYPE": media_type}
        length = _declared_length(meta)
        if length > limit + FORM_BYTES:
            raise exceptions.FileTooLarge(megabytes=limit // rules.MEGABYTE)
        handler = _OneFile(request, max_bytes=limit)
        try:
            return _parsed(meta, stream, handler, length)
        except Exception:
            handler.close()
            raise


class RawParser(BaseParser):
    """A body that is the file itself, read by whoever stores it and never held here."""

    media_type = "*/*"

    @staticmethod
    def length(request: Request) -> int:
        return _declared_length(request.META)

    @staticmethod
    def body(request: Request) -> IO[bytes]:
        """What is still to be read; it ends early when the line breaks."""
        return request._request  # type: ignore[return-value]

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raise ParseError  # nobody asks for such a body's data


def _parsed(meta: Mapping[str, Any], stream: IO[Any], handler: _OneFile, length: int) -> DataAndFiles:
    watched: Any = _Watched(stream)
    try:
        parser: Any = DjangoMultiPartParser(meta, watched, [handler], settings.DEFAULT_CHARSET)
        data, files = parser.parse()
    except MultiPartParserError as error:
        raise ParseError(_("The form is malformed.")) from error
    if watched.count < length or b"--" + parser._boundary + b"--" not in watched.tail:
        raise exceptions.UploadIncomplete()
    return DataAndFiles(data, files)


def _declared_length(meta: Mapping[str, Any]) -> int:
    text = str(meta.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isascii() and text.isdigit() else 0

"""Files on this machine's disk: for development, and for an installation on one machine.

Parts of a large file lie in a folder of their own. It is renamed before they are joined: a part that is on its way then
finds no place any more, and cannot change what is being made.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, ClassVar

from django.conf import settings
from django.core import signing
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

from .parts import PartsClosed, PartsMissing

SALT = "media.private_link"
PART_SALT = "media.part"
PARTS = "parts"

_PIECE = 256 * 1024
_NUMBER = re.compile(r"^\d{5}$")


class LocalStorage(FileSystemStorage):
    is_on_this_machine: ClassVar[bool] = True

    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    def signed_url(self, key: str, *, name: str, content_type: str, seconds: int) -> str:
        """An address of ours; the time it was made is signed into it, and the view knows how long it works."""
        token = signing.dumps([key, name, content_type], salt=SALT)
        return f"{settings.PUBLIC_URL}{reverse('private-file', args=[token])}"

    def path_of(self, key: str) -> Path:
        return Path(self.path(key))

    def chunks(self, key: str, size: int) -> Iterator[bytes]:
        with self.path_of(key).open("rb") as file:
            while piece := file.read(size):
                yield piece

    def copy(self, key: str, to: str) -> None:
        """Whole or not at all, as the name comes last."""
        target = self.path_of(to)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
        try:
            shutil.copyfile(self.path_of(key), draft)
            draft.chmod(0o600)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    # --- parts ---

    def begin_parts(self, key: str) -> str:
        self._coming(key).mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(key).stem

    def part_address(self, key: str, parts_id: str, number: int, size: int, *, seconds: int) -> str:
        """An address of ours, which the view lets work for as long as it knows itself."""
        token = signing.dumps([key, number, size], salt=PART_SALT)
        return f"{settings.PUBLIC_URL}{reverse('upload-part', args=[token])}"

    def arrived_parts(self, key: str, parts_id: str) -> dict[int, int]:
        folder = self._coming(key)
        return {int(path.name): path.stat().st_size for path in _parts_in(folder)} if folder.is_dir() else {}

    def take_part(self, key: str, number: int, body: IO[bytes], size: int) -> bool:
        folder = self._coming(key)
        draft = folder / f"{number:05}.{secrets.token_hex(4)}"
        try:
            with _new(draft) as file:
                is_whole = _poured(body, file, size)
            if is_whole:
                draft.replace(folder / f"{number:05}")
        except FileNotFoundError as error:
            raise PartsClosed from error
        finally:
            draft.unlink(missing_ok=True)
        return is_whole

    def join_parts(self, key: str, parts_id: str, numbers: list[int]) -> int:
        closed, whole = self._closed(key), self.path_of(key)
        with contextlib.suppress(FileNotFoundError):  # closed already, by a worker that did not come to its end
            self._coming(key).rename(closed)
        if not whole.exists():
            self._join(closed, numbers, whole)
        shutil.rmtree(closed, ignore_errors=True)
        return whole.stat().st_size

    def _join(self, folder: Path, numbers: list[int], whole: Path) -> None:
        whole.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"whole.{secrets.token_hex(4)}"
        try:
            with _new(draft) as file:
                for number in numbers:
                    with (folder / f"{number:05}").open("rb") as part:
                        shutil.copyfileobj(part, file, _PIECE)
                file.flush()
                os.fsync(file.fileno())  # the parts go next
            draft.replace(whole)
        except FileNotFoundError as error:
            if not whole.exists():  # else another worker was quicker
                raise PartsMissing from error
        finally:
            draft.unlink(missing_ok=True)

    def abandon_parts(self, key: str, parts_id: str) -> None:
        for folder in (self._coming(key), self._closed(key)):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)

    def _coming(self, key: str) -> Path:
        return self.path_of(f"{PARTS}/{Path(key).stem}")

    def _closed(self, key: str) -> Path:
        return self.path_of(f"{PARTS}/{Path(key).stem}.closed")


def _parts_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if _NUMBER.match(path.name))


def _new(path: Path) -> IO[bytes]:
    """For nobody else's eyes from its first moment."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _poured(body: IO[bytes], file: IO[bytes], size: int) -> bool:
    """Writes exactly `size` bytes, if so many come."""
    left = size
    while left and (piece := body.read(min(_PIECE, left))):
        file.write(piece)
        left -= len(piece)
    return left == 0


def read_token(token: str, *, seconds: int) -> tuple[str, str, str]:
    """Key, name and type of a link made by `signed_url`. Raises signing.BadSignature, for one that is too old too."""
    key, name, content_type = signing.loads(token, salt=SALT, max_age=seconds)
    return key, name, content_type


def read_part_token(token: str, *, seconds: int) -> tuple[str, int, int]:
    """Key, number and size of an address made by `part_address`. Raises signing.BadSignature."""
    key, number, size = signing.loads(token, salt=PART_SALT, max_age=seconds)
    return key, number, size

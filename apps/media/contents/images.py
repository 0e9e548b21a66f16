"""Images: decoded within bounds and written anew, so that only their pixels survive.

What stood beside the pixels goes: EXIF with the place a photo was taken at, comments, colour profiles (unread, as their
readers are a way in: colours of wide-gamut photos come out a little paler), text, further frames, appended bytes.
"""

import hashlib
import io
import re
import struct
import threading
from typing import IO, Any

from PIL import Image, UnidentifiedImageError

from apps.media import exceptions

from .kinds import GIF, JPEG, PNG, WEBP, Kind
from .prepared import Prepared, Variant

#: More pixels than these is a bomb. A phone's largest photos have 48 million, a page scanned at 600 dots an inch 35.
MAX_PIXELS = {JPEG: 50_000_000, PNG: 40_000_000, WEBP: 40_000_000, GIF: 40_000_000}
#: A progressive JPEG has some ten scans, each of which passes over the whole image; one with thousands burns hours.
MAX_SCANS = 32
#: A JPEG's marks and a PNG's chunks are read one by one, under the lock: a hundred megabytes of empty ones keep
#: everybody else waiting for minutes. The largest honest files have some ten thousand.
MAX_PIECES = 100_000
#: A PNG that comes out larger than this, in bytes, is a photo, and is stored as WebP.
MAX_PNG = 2 * 1024 * 1024
#: The longest edge of the smaller versions, in pixels; the largest first, as the next is made from it.
VARIANTS = {"large": 960, "medium": 480, "small": 160}

_QUALITY = {"JPEG": {"quality": 85, "progressive": True}, "WEBP": {"quality": 85, "method": 3}, "PNG": {}}
_THUMBNAIL = {"quality": 78, "method": 2}
#: One image at a time in each process: 40 million pixels with transparency take 320 MB for a moment.
_one_at_a_time = threading.Lock()

#: Among a JPEG's pixels, 0xFF is followed by 0 or by a restart mark; anything else is a mark.
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd8])")

#: What Pillow raises on bytes made to break it.
_UNREADABLE = (
    UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    EOFError, OverflowError, ZeroDivisionError, MemoryError, struct.error, RuntimeError, Warning,
)  # fmt: skip
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def reencoded(file: IO[bytes], kind: Kind, *, max_edge: int) -> Prepared:
    """The image, its edges at most `max_edge` pixels, upright, with its smaller versions."""
    with _one_at_a_time:
        image = _pixels(file, kind, max_edge=max_edge)
        body, stored_as = _written(image, kind)
        return Prepared(
            content_type=stored_as.content_type,
            extension=stored_as.extension,
            body=body,
            size=len(body.getbuffer()),
            sha256=hashlib.sha256(body.getbuffer()).hexdigest(),
            width=image.width,
            height=image.height,
            variants=_variants(image),
        )


def checked_size(file: IO[bytes], kind: Kind) -> tuple[int, int]:
    """Width and height of an image that can be decoded to its end."""
    with _one_at_a_time, _opened(file, kind) as image:
        size = image.size
        _load(image, kind, max_edge=VARIANTS["large"])
        return size


def _opened(file: IO[bytes], kind: Kind) -> Image.Image:
    """The image, its header read. By the format that its first bytes named: no other reader is tried."""
    if kind is WEBP:
        _refuse_pixels(_webp_size(file), kind)  # its reader takes the memory for all pixels as it opens
    if (kind is JPEG and _scans(file) > MAX_SCANS) or (kind is PNG and _chunks(file) > MAX_PIECES):
        raise exceptions.UnreadableFile()
    file.seek(0)
    try:
        image = Image.open(file, formats=[kind.name.upper()])
    except _BOMB as error:
        raise _too_many_pixels(kind) from error
    except _UNREADABLE as error:
        raise exceptions.UnreadableFile() from error
    _refuse_pixels(image.size, kind)
    return image


def _too_many_pixels(kind: Kind) -> exceptions.TooManyPixels:
    return exceptions.TooManyPixels(megapixels=MAX_PIXELS[kind] // 1_000_000)


def _refuse_pixels(size: tuple[int, int], kind: Kind) -> None:
    if size[0] * size[1] > MAX_PIXELS[kind]:
        raise _too_many_pixels(kind)


def _scans(file: IO[bytes]) -> int:
    """How many scans a JPEG has before its end mark, as far as they need to be counted. Raises UnreadableFile for one
    that is all marks."""
    file.seek(0)
    data, at, scans, marks = file.read(), 2, 0, 0
    while scans <= MAX_SCANS and (marker := _JPEG_MARKER.search(data, at)) is not None:
        if marker[1] == b"\xd9":
            break
        marks += 1
        if marks > MAX_PIECES:
            raise exceptions.UnreadableFile()
        scans += marker[1] == b"\xda"
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    return scans


def _chunks(file: IO[bytes]) -> int:
    """How many chunks a PNG has, as far as they need to be counted."""
    at, chunks = 8, 0
    while chunks <= MAX_PIECES:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            break
        chunks += 1
        at += 12 + int.from_bytes(head[:4], "big")
    return chunks


def _webp_size(file: IO[bytes]) -> tuple[int, int]:
    """Width and height as a WebP's first chunk has them (RFC 9649, section 2)."""
    file.seek(0)
    head = file.read(30).ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def _load(image: Image.Image, kind: Kind, *, max_edge: int) -> None:
    try:
        image.draft(None, (max_edge, max_edge))  # a JPEG is decoded at a fraction of its size, if that is enough
        image.load()
    except _BOMB as error:
        raise _too_many_pixels(kind) from error
    except _UNREADABLE as error:
        raise exceptions.UnreadableFile() from error


def _pixels(file: IO[bytes], kind: Kind, *, max_edge: int) -> Image.Image:
    """The first frame upright, in RGB or RGBA, no larger than `max_edge`, and nothing that stood beside it."""
    with _opened(file, kind) as image:
        _load(image, kind, max_edge=max_edge)
        turn = _TURNS.get(_orientation(image))
        try:
            pixels = _resizable(image)
        except _UNREADABLE as error:
            raise exceptions.UnreadableFile() from error
        if pixels is not image:
            # Its memory goes before more is taken for what comes next; the file stays open, which is its caller's.
            Image.Image.close(image)
        pixels.info = {}
        pixels.thumbnail((max_edge, max_edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
        if pixels.mode == "RGBa":
            pixels = pixels.convert("RGBA")
        return pixels.transpose(turn) if turn is not None else pixels.copy()


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> Any:
    """Which way the camera was held, as EXIF says; as it lies where EXIF is absent or broken."""
    try:
        return image.getexif().get(0x0112)
    except _UNREADABLE:
        return None


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode that can be made smaller: RGB, or RGBa (its colours multiplied by its opacity)."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("F").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        return image.convert("RGBA").convert("RGBa") if image.mode != "RGBA" else image.convert("RGBa")
    return image.convert("RGB") if image.mode != "RGB" else image


def _saved(image: Image.Image, kind: Kind, **options: Any) -> io.BytesIO:
    body = io.BytesIO()
    image.save(body, kind.name.upper(), **options)
    body.seek(0)
    return body


def _written(image: Image.Image, kind: Kind) -> tuple[io.BytesIO, Kind]:
    """In the format it came in; a GIF's frame as PNG, and what is too large as PNG as WebP."""
    stored_as = PNG if kind is GIF else kind
    if stored_as is JPEG and image.mode != "RGB":
        stored_as = WEBP
    body = _saved(image, stored_as, **_QUALITY[stored_as.name.upper()])
    if stored_as is PNG and len(body.getbuffer()) > MAX_PNG:
        return _saved(image, WEBP, **_QUALITY["WEBP"]), WEBP
    return body, stored_as


def _variants(image: Image.Image) -> dict[str, Variant]:
    found = {}
    for name, edge in VARIANTS.items():
        image = image.copy()
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
        found[name] = Variant(_saved(image, WEBP, **_THUMBNAIL), image.width, image.height)
    return found

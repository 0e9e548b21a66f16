"""Files: rows whose objects lie nowhere, and the bytes of small real ones."""

import io
import secrets
import zipfile

import factory
from PIL import Image

from apps.media.models import StoredFile

from .accounts import UserFactory


class StoredFileFactory(factory.django.DjangoModelFactory):
    """A ready public image, as far as the database knows."""

    class Meta:
        model = StoredFile

    owner = factory.SubFactory(UserFactory)
    purpose = StoredFile.Purpose.IMAGE
    visibility = "public"
    status = StoredFile.Status.READY
    key = factory.LazyFunction(lambda: "aa/" + secrets.token_hex(16) + ".jpg")
    original_name = "photo.jpg"
    content_type = "image/jpeg"
    extension = ".jpg"
    size = 1000
    sha256 = factory.LazyFunction(lambda: secrets.token_hex(32))
    width = 640
    height = 480
    variants = factory.LazyAttribute(
        lambda file: {
            name: {"key": file.key.replace(".jpg", f"-{name}.webp"), "width": edge, "height": edge * 3 // 4}
            for name, edge in {"small": 160, "medium": 480, "large": 640}.items()
        }
    )


class DocumentFactory(StoredFileFactory):
    """A ready private PDF."""

    purpose = StoredFile.Purpose.DOCUMENT
    visibility = "private"
    key = factory.LazyFunction(lambda: "aa/" + secrets.token_hex(16) + ".pdf")
    original_name = "licence.pdf"
    content_type = "application/pdf"
    extension = ".pdf"
    width = height = None
    variants = factory.LazyFunction(dict)


def picture(kind="JPEG", *, size=(64, 48), mode="RGB", colour=(200, 60, 40), **options) -> bytes:
    """A real image of one colour."""
    body = io.BytesIO()
    if mode == "RGBA" and len(colour) == 3:
        colour = (*colour, 128)
    Image.new(mode, size, colour).save(body, kind, **options)
    return body.getvalue()


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of one empty page, with more objects (numbered from 4), and words for its trailer."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    body = b"%PDF-1.7\n"
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, trailer, len(body))
    return body + table + end


#: The syntaxes in which data sets are written.
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT, DEFLATED = f"{IMPLICIT}.1", f"{IMPLICIT}.1.99"
BIG_ENDIAN = f"{IMPLICIT}.2"
JPEG_2000 = f"{IMPLICIT}.4.90"


def dicom(
    *, preamble: bytes = b"", body: bytes = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", syntax: str = EXPLICIT
) -> bytes:
    """A DICOM file's frame: preamble, mark, a description of its own, a data set."""
    name = syntax.encode() + b"\0" * (len(syntax) % 2)
    description = b"\x02\x00\x01\x00OB\0\0\x02\0\0\0\x00\x01"
    description += b"\x02\x00\x10\x00UI" + len(name).to_bytes(2, "little") + name
    length = b"\x02\x00\x00\x00UL\x04\x00" + len(description).to_bytes(4, "little")
    return preamble.ljust(128, b"\0")[:128] + b"DICM" + length + description + body


def archive(members: dict[str, bytes], **options) -> bytes:
    """A ZIP of these files."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", **({"compression": zipfile.ZIP_DEFLATED} | options)) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return body.getvalue()

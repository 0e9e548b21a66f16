"""Files made to harm: each is refused with a clear code, or defused before anyone can fetch it.

Each row makes its own bytes, is sent over HTTP as a browser would, and says what must come of it. `defused` rows name
what stood in the upload and must not stand in anything that is stored.
"""

import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

import pytest
from django.core.files.storage import storages
from PIL import Image, PngImagePlugin

from apps.media import contents, exceptions, links, rules
from apps.media.contents import images
from apps.media.contents import pdf as pdf_rules
from apps.media.contents.kinds import JPEG
from apps.media.models import StoredFile
from tests.factories.media import dicom, pdf, picture

from .conftest import objects_in, send

SCRIPT = b"<script>alert(document.cookie)</script>"
PHP = b"<?php system($_GET['c']); ?>"
GPS = (51, 30, 26.0)
MARK = b"SECRET-PLACE-OF-THE-PHOTO"


@dataclass(frozen=True)
class Refused:
    status: int
    code: str


@dataclass(frozen=True)
class Defused:
    """Stored, but without these bytes; and as this type, whatever was declared."""

    gone: tuple[bytes, ...]
    content_type: str


@dataclass(frozen=True)
class Harmless:
    """A medical record, kept as it is: private, only ever saved, never run or shown from our own address."""


TYPE = Refused(415, "media.type_not_accepted")
DAMAGED = Refused(400, "media.unreadable")
ACTIVE = Refused(400, "media.active_content")
PIXELS = Refused(413, "media.too_many_pixels")
SIZE = Refused(413, "media.too_large")
EMPTY = Refused(400, "media.empty")


# --- makers ----------------------------------------------------------------------------------------------------------


def zipped(**files):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return body.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks, width=8, height=8, after=b"", pixels=None):
    """A PNG from its chunks, those given between the header and the pixels."""
    raw = zlib.compress(b"".join(b"\0" + b"\x80\x20\x20" * width for _ in range(height))) if pixels is None else pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")
    ) + after


def jpeg_of_scans(number, size=(4000, 4000)):
    """A progressive JPEG whose last scan comes again and again, each time over the whole image."""
    plain = picture("JPEG", size=size, progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * number + plain[-2:]


def jpeg_of_marks(number):
    """A JPEG with so many empty notes of a program before its pixels."""
    plain = picture("JPEG")
    return plain[:2] + b"\xff\xe5\x00\x02" * number + plain[2:]


def png_of_chunks(number):
    """A PNG with so many empty chunks that nobody knows before its pixels."""
    return png(*[chunk(b"abCd", b"")] * number)


def webp_header(width, height):
    body = (
        b"VP8X"
        + struct.pack("<I", 10)
        + b"\0\0\0\0"
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def photo_with_place(kind="JPEG"):
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif[0x9286] = MARK.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: GPS, 3: "W", 4: (0, 7, 39.0)})
    return picture(kind, exif=exif)


def with_text(kind):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", PHP.decode(), zip=kind == "zTXt")
    return picture("PNG", pnginfo=info)


def gif_frames(number, size=(40, 40)):
    frames = [Image.new("P", size, index % 256) for index in range(number)]
    body = io.BytesIO()
    frames[0].save(body, "GIF", save_all=True, append_images=frames[1:], comment=SCRIPT)
    return body.getvalue()


def gif_js():
    """`GIF89a=1/*...*/`: an image to one reader, a script to another."""
    plain = picture("GIF", mode="P", colour=1)
    return plain[:-1] + b"\x21\xfe\x20*/=1;alert(document.domain)//!!!!\x00" + b"\x3b" + b"*/alert(1)//"


def png_bomb(width, height):
    packer = zlib.compressobj(9)
    row = b"\0" * (width * 3 + 1)
    packed = b"".join(packer.compress(row) for _ in range(min(height, 400))) + packer.flush()
    return png(width=width, height=height, pixels=packed)


def jpeg_of_size(width, height):
    """A JPEG whose header promises more than it has."""
    plain = bytearray(picture("JPEG"))
    at = plain.index(b"\xff\xc0") + 5
    plain[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(plain)


def stream(data, words=b""):
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), words, packed)


SCRIPTED = b"<< /Type /Action /S /JavaScript /JS (app.alert(1)) >>"


def packed_objects(*, filters=b"/Filter /FlateDecode", data=SCRIPTED):
    packed = zlib.compress(b"9 0 " + data)
    return b"<< /Type /ObjStm /N 1 /First 4 /Length %d %s >>\nstream\n%s\nendstream" % (len(packed), filters, packed)


ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(200)
MZ = b"MZ\x90\x00" + bytes(56) + struct.pack("<I", 64) + b"PE\0\0" + bytes(300)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
DOCM = zipped(**{"[Content_Types].xml": "<Types/>", "word__document.xml": "<w/>", "word__vbaProject.bin": "\xd0\xcf"})
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
JPEG_TAIL = (zipped(evil="alert(1)"), b"evil")

#: name -> (where it is sent, bytes, declared name, declared type, what must come of it)
FILES = {
    # not what they say
    "a web page called .jpg": ("image", HTML, "a.jpg", "image/jpeg", TYPE),
    "a web page declared as PDF": ("document", HTML, "a.pdf", "application/pdf", TYPE),
    "an SVG with a script": ("image", SVG, "logo.svg", "image/svg+xml", TYPE),
    "an SVG declared as PNG": ("image", SVG, "logo.png", "image/png", TYPE),
    "an SVG, gzipped": ("image", gzip.compress(SVG), "logo.svgz", "image/svg+xml", TYPE),
    "XML that reads the server's files, as PNG": ("image", XXE, "a.png", "image/png", TYPE),
    "a Windows program as JPEG": ("image", MZ, "photo.jpg", "image/jpeg", TYPE),
    "a Linux program as PDF": ("document", ELF, "licence.pdf", "application/pdf", TYPE),
    "a shell script as PNG": ("image", b"#!/bin/sh\nrm -rf /\n", "a.png", "image/png", TYPE),
    "a PHP page as JPEG": ("image", PHP, "a.php.jpg", "image/jpeg", TYPE),
    "a Word document with macros": ("document", DOCM, "cv.docm", "application/msword", TYPE),
    "a Word document called .pdf": ("document", DOCM, "cv.pdf", "application/pdf", TYPE),
    "an archive that unpacks to a gigabyte": (
        "document", zipped(bomb=bytes(50_000_000)), "a.zip", "application/pdf", TYPE,
    ),
    "an icon": ("image", picture("ICO"), "a.ico", "image/x-icon", TYPE),
    "a TIFF": ("image", picture("TIFF"), "a.tiff", "image/tiff", TYPE),
    "a BMP": ("image", picture("BMP"), "a.bmp", "image/bmp", TYPE),
    "PostScript, which Ghostscript would run": (
        "image", b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n", "a.eps", "image/jpeg", TYPE,
    ),
    "ImageMagick's own language": ("image", b"push graphic-context\nfill 'url(|id)'\n", "a.mvg", "image/png", TYPE),
    "a PDF where an image is asked for": ("image", pdf(), "a.jpg", "image/jpeg", TYPE),
    "a PDF whose mark comes after a web page": ("document", HTML + pdf(), "a.pdf", "application/pdf", TYPE),
    "a DICOM file where a document is asked for": ("document", dicom(), "a.pdf", "application/pdf", TYPE),
    # broken
    "nothing": ("image", b"", "a.jpg", "image/jpeg", EMPTY),
    "one byte": ("image", b"\xff", "a.jpg", "image/jpeg", TYPE),
    "only a JPEG's first bytes": ("image", b"\xff\xd8\xff\xe0" + bytes(40), "a.jpg", "image/jpeg", DAMAGED),
    "a JPEG cut off in the middle": (
        "image", picture(size=(640, 480))[:2000], "a.jpg", "image/jpeg", DAMAGED,
    ),
    "a PNG cut off in the middle": ("image", png(width=300, height=300)[:90], "a.png", "image/png", DAMAGED),
    "a medical JPEG cut off in the middle": (
        "medical-record", picture(size=(640, 480))[:2000], "a.jpg", "image/jpeg", DAMAGED,
    ),
    "a PDF cut off in the middle": ("document", pdf()[:120], "a.pdf", "application/pdf", DAMAGED),
    "a WebP of nothing but a header": ("image", webp_header(100, 100), "a.webp", "image/webp", DAMAGED),
    "a DICOM mark with nothing behind it": ("medical-record", bytes(128) + b"DICM", "a.dcm", "x/y", DAMAGED),
    "a DICOM file whose description is cut off": ("medical-record", dicom()[:150], "a.dcm", "x/y", DAMAGED),
    # bombs
    "a PNG of 10 gigapixels in a few bytes": ("image", png_bomb(100_000, 100_000), "a.png", "image/png", PIXELS),
    "a PNG just above the bound": ("image", png_bomb(6325, 6325), "a.png", "image/png", PIXELS),
    "a JPEG that promises 65,000 by 65,000": ("image", jpeg_of_size(65_000, 65_000), "a.jpg", "image/jpeg", PIXELS),
    "a JPEG of 2,000 scans": ("image", jpeg_of_scans(2000), "a.jpg", "image/jpeg", DAMAGED),
    "a medical JPEG of 2,000 scans": ("medical-record", jpeg_of_scans(2000), "a.jpg", "image/jpeg", DAMAGED),
    "a JPEG of nothing but marks": ("image", jpeg_of_marks(120_000), "a.jpg", "image/jpeg", DAMAGED),
    "a medical JPEG of nothing but marks": ("medical-record", jpeg_of_marks(120_000), "a.jpg", "image/jpeg", DAMAGED),
    "a PNG of nothing but chunks": ("image", png_of_chunks(120_000), "a.png", "image/png", DAMAGED),
    "a medical PNG of nothing but chunks": ("medical-record", png_of_chunks(120_000), "a.png", "image/png", DAMAGED),
    "a WebP that promises 16 million by 16 million": (
        "image", webp_header(1 << 24, 1 << 24), "a.webp", "image/webp", PIXELS,
    ),
    "a GIF that promises 65,535 by 65,535": (
        "image", b"GIF89a\xff\xff\xff\xff" + picture("GIF", mode="P", colour=1)[10:], "a.gif", "image/gif", PIXELS,
    ),
    "a medical PNG of 10 gigapixels": ("medical-record", png_bomb(100_000, 100_000), "a.png", "image/png", PIXELS),
    "a PNG whose colour profile unpacks to 100 MB": (
        "image", png(chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(100_000_000), 9))), "a.png", "image/png", DAMAGED,
    ),
    "a PNG whose comment unpacks to 100 MB": (
        "image", png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))), "a.png", "image/png",
        DAMAGED,
    ),
    "a PDF that unpacks to 200 MB": (
        "document", pdf(stream(bytes(200_000_000))), "a.pdf", "application/pdf", DAMAGED,
    ),
    "a GIF of 2,000 frames": ("image", gif_frames(2000), "a.gif", "image/gif", Defused((SCRIPT,), "image/png")),
    "an image of 11 MB": ("image", picture() + bytes(11 * rules.MEGABYTE), "a.jpg", "image/jpeg", SIZE),
    "a document of 21 MB": (
        "document", pdf(trailer=b"%" * 21 * rules.MEGABYTE + b"\n"), "a.pdf", "application/pdf", SIZE,
    ),
    # two things in one
    "a GIF that is a script": ("image", gif_js(), "a.gif", "image/gif", Defused((b"alert",), "image/png")),
    "a JPEG with an archive behind it": (
        "image", picture() + JPEG_TAIL[0], "a.jpg", "image/jpeg", Defused((b"PK\x03\x04", b"evil"), "image/jpeg"),
    ),
    "a PNG with PHP behind it": ("image", png(after=PHP), "a.php.png", "image/png", Defused((PHP,), "image/png")),
    "a PNG with PHP in its comment": ("image", with_text("tEXt"), "a.png", "image/png", Defused((PHP,), "image/png")),
    "a JPEG with a web page in its comment": (
        "image", picture(comment=HTML), "a.html", "text/html", Defused((b"script",), "image/jpeg"),
    ),
    "a JPEG with a script as its colour profile": (
        "image", picture(icc_profile=SCRIPT * 9), "a.jpg", "image/jpeg", Defused((b"script",), "image/jpeg"),
    ),
    "a PNG declared as a web page": ("image", png(), "a.html", "text/html", Defused((), "image/png")),
    "a photo of a licence with PHP behind it": (
        "document", picture() + PHP, "a.pdf", "application/pdf", Defused((PHP,), "image/jpeg"),
    ),
    "a PDF with a program behind it": ("document", pdf() + MZ, "a.pdf", "application/pdf", DAMAGED),
    "a PDF with an archive behind it": ("medical-record", pdf() + zipped(a="b"), "a.pdf", "application/pdf", DAMAGED),
    "a DICOM file that is a Windows program": ("medical-record", dicom(preamble=MZ[:128]), "a.dcm", "x/y", ACTIVE),
    "a DICOM file that is a Linux program": ("medical-record", dicom(preamble=ELF[:128]), "a.dcm", "x/y", ACTIVE),
    "a DICOM file that is a shell script": (
        "medical-record", dicom(preamble=b"#!/bin/sh\nid\nexit\n"), "a.dcm", "x/y", ACTIVE,
    ),
    "a DICOM file that is a web page": ("medical-record", dicom(preamble=b"\n<html>" + SCRIPT), "a.dcm", "x/y", ACTIVE),
    "a DICOM file that is a TIFF too, as slides are": (
        "medical-record", dicom(preamble=b"II*\0\x08\0\0\0"), "a.dcm", "x/y", Harmless(),
    ),
    "a medical JPEG with a web page in its comment": (
        "medical-record", picture(comment=HTML), "a.html", "text/html", Harmless(),
    ),
    # where a photo was taken
    "a JPEG with the place in EXIF": (
        "image", photo_with_place(), "a.jpg", "image/jpeg", Defused((MARK, b"Exif"), "image/jpeg"),
    ),
    "a PNG with the place in EXIF": (
        "image", photo_with_place("PNG"), "a.png", "image/png", Defused((MARK, b"eXIf"), "image/png"),
    ),
    "a WebP with the place in EXIF": (
        "image", photo_with_place("WEBP"), "a.webp", "image/webp", Defused((MARK, b"EXIF"), "image/webp"),
    ),
    "a scanned document with the place in EXIF": (
        "document", photo_with_place(), "a.jpg", "image/jpeg", Defused((MARK, b"Exif"), "image/jpeg"),
    ),
    # PDFs that do something
    "a PDF with a script": ("document", pdf(SCRIPTED), "a.pdf", "application/pdf", ACTIVE),
    "a PDF with a script, its name spelled in hexadecimal": (
        "document", pdf(SCRIPTED.replace(b"/JavaScript", b"/J#61vaS#63ript")), "a.pdf", "application/pdf", ACTIVE,
    ),
    "a PDF with a script in packed objects": ("document", pdf(packed_objects()), "a.pdf", "application/pdf", ACTIVE),
    "a PDF with objects packed so that they hide": (
        "document", pdf(packed_objects(filters=b"/Filter [/ASCIIHexDecode /LZWDecode]")), "a.pdf", "application/pdf",
        ACTIVE,
    ),
    "a PDF that starts a program": (
        "document", pdf(b"<< /S /Launch /F (cmd.exe) >>"), "a.pdf", "application/pdf", ACTIVE,
    ),
    "a PDF with a file in it": (
        "document", pdf(stream(MZ, b"/Type /EmbeddedFile")), "a.pdf", "application/pdf", ACTIVE,
    ),
    "a PDF form that loads another page": ("document", pdf(b"<< /XFA 5 0 R >>"), "a.pdf", "application/pdf", ACTIVE),
    "a medical PDF with a script": ("medical-record", pdf(SCRIPTED), "a.pdf", "application/pdf", ACTIVE),
    "a PDF that nobody can look into": (
        "document", pdf(trailer=b"/Encrypt 4 0 R"), "a.pdf", "application/pdf", Refused(400, "media.encrypted"),
    ),
    # names
    "a name that climbs up": ("image", picture(), "../../../etc/passwd", "image/jpeg", Defused((), "image/jpeg")),
    "a name of Windows that climbs up": (
        "image", picture(), "..\\..\\boot.ini", "image/jpeg", Defused((), "image/jpeg"),
    ),
    "a name with a NUL": ("image", picture(), "a.php\0.jpg", "image/jpeg", Defused((), "image/jpeg")),
    "a name that reads backwards": ("image", picture(), "ecart\u202egpj.exe", "image/jpeg", Defused((), "image/jpeg")),
    "a name with two endings": ("image", picture(), "photo.jpg.exe", "image/jpeg", Defused((), "image/jpeg")),
    "a name without an end": ("image", picture(), "a" * 5000 + ".jpg", "image/jpeg", Defused((), "image/jpeg")),
    "a name that is a web page": ("image", picture(), "<img src=x onerror=alert(1)>", "image/jpeg",
                                  Defused((), "image/jpeg")),
    "a name with a line of its own": ("image", picture(), "a.jpg\r\nX-Evil: 1", "image/jpeg",
                                      Defused((), "image/jpeg")),
}  # fmt: skip


def everything_stored(local_store):
    return {name: (local_store / name).read_bytes() for name in objects_in(local_store)}


@pytest.mark.parametrize("case", FILES)
def test_a_hostile_file_is_refused_or_defused(case, api, person, local_store):
    kind, content, name, declared, expected = FILES[case]
    response = send(api(person), content, kind, name=name, content_type=declared)
    if isinstance(expected, Refused):
        assert (response.status_code, response.json()["code"]) == (expected.status, expected.code)
        assert StoredFile.objects.count() == 0
        assert objects_in(local_store) == []
        return
    assert response.status_code == 201, response.content
    file = StoredFile.objects.get()
    stored = everything_stored(local_store)
    assert stored
    assert all(path.split("/", 1)[1] in file.keys for path in stored), "nothing lies under a name of somebody's"
    if isinstance(expected, Harmless):
        assert (file.visibility, list(stored.values())) == ("private", [content])
        assert "/media/private/" in response.json()["data"]["url"]
        return
    assert file.content_type == expected.content_type
    for part in expected.gone:
        assert part in content, "the control: it was there"
        assert all(part not in body for body in stored.values())


def test_there_are_forty_of_them_and_more():
    assert len(FILES) >= 40


def test_names_are_kept_readable_and_harmless(api, person):
    names = {
        "../../../etc/passwd": "passwd",
        "..\\..\\boot.ini": "boot.ini",
        "ecart\u202egpj.exe": "ecartgpj.exe",
        "a.php\0.jpg": "a.php.jpg",
        "a\u2028b\tc  d.jpg": "a bc d.jpg",
        "صورة الأشعة.jpg": "صورة الأشعة.jpg",
        "...": "",
    }
    assert {name: rules.clean_name(name) for name in names} == names
    long = rules.clean_name("a" * 5000 + ".jpg")
    assert len(long) <= rules.MAX_NAME
    assert long.endswith(".jpg")


def test_no_address_of_a_file_has_anything_of_its_name(api, person):
    send(api(person), picture(), name="amina-okafor.jpg")
    file = StoredFile.objects.get()
    addresses = [*file.keys, links.file_url(file), links.download_name(file)]
    assert not any("amina" in address for address in addresses)


# --- controls: the limits are where they are said to be, and honest files pass ---------------------------------------


def test_a_photo_just_below_the_bound_is_stored_and_made_smaller(api, person):
    body = io.BytesIO()
    Image.new("L", (8000, 6250)).save(body, "JPEG", quality=30)
    assert images.MAX_PIXELS[JPEG] == 8000 * 6250
    data = send(api(person), body.getvalue()).json()["data"]
    assert (data["width"], data["height"]) == (contents.MAX_EDGE["image"], 2000)


def test_a_photo_taken_sideways_is_stored_upright(api, person):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = send(api(person), picture(size=(80, 40), exif=exif)).json()["data"]
    assert (data["width"], data["height"]) == (40, 80)


@pytest.mark.filterwarnings("ignore:.*EXIF.*:UserWarning", "ignore:Truncated File Read:UserWarning")
def test_broken_exif_does_not_keep_an_honest_photo_out(api, person):
    jpeg = picture()
    broken = b"\xff\xe1" + struct.pack(">H", 40) + b"Exif\0\0" + b"II*\0\xff\xff\xff\x7f" + bytes(24)
    assert send(api(person), jpeg[:2] + broken + jpeg[2:]).status_code == 201


def test_a_progressive_photo_is_read_whatever_is_appended_to_it(api, person):
    marks = b"\xff\xda\x00\x02" * 100
    response = send(api(person), picture(size=(640, 480), progressive=True) + marks)
    assert response.status_code == 201


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr"])
def test_every_mode_of_a_jpeg_or_png_is_read(api, person, mode):
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    colour = {"CMYK": (0, 100, 100, 0), "YCbCr": (120, 90, 200)}.get(mode, 1)
    assert send(api(person), picture(kind, mode=mode, colour=colour)).status_code == 201


def test_sixteen_bits_of_grey_are_not_burnt_out(api, person):
    body = io.BytesIO()
    ramp = Image.new("I;16", (256, 4))
    ramp.putdata([x * 257 for _ in range(4) for x in range(256)])
    ramp.save(body, "PNG")
    send(api(person), body.getvalue())
    file = StoredFile.objects.get()
    with storages["public"].open(file.key) as opened:
        stored = Image.open(opened).convert("L")
        assert stored.getpixel((0, 0)) < 10
        assert 100 < stored.getpixel((128, 0)) < 156
        assert stored.getpixel((255, 0)) > 245


def test_transparency_survives(api, person):
    send(api(person), picture("PNG", mode="RGBA"))
    file = StoredFile.objects.get()
    with storages["public"].open(file.variants["small"]["key"]) as opened:
        assert Image.open(opened).getpixel((0, 0))[3] in range(120, 136)


def test_a_photo_as_png_is_stored_as_webp_where_png_would_be_huge(api, person):
    body = io.BytesIO()
    Image.effect_noise((1400, 1000), 90).convert("RGB").save(body, "PNG")
    data = send(api(person), body.getvalue()).json()["data"]
    assert data["content_type"] == "image/webp"


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(stream(b"BT (JavaScript in Launch day) Tj ET")),
        pdf(packed_objects(data=b"<< /Type /Font >>")),
        pdf(b"<< /S /URI /URI (https://example.com) >>"),
        pdf() + b"\r\n\0\0\0",
        pdf(b"<< /Type /XObject /Subtype /Image /Length 3 /Filter /DCTDecode >>\nstream\nabc\nendstream"),
    ],
)
def test_an_honest_pdf_is_accepted(api, person, content):
    assert send(api(person), content, "document", name="a.pdf").status_code == 201


@pytest.mark.parametrize("begun", [b"stream\n", b"stream\n" + zlib.compress(bytes(900_000), 9)[:-4] + b"xxxx"])
def test_a_pdf_of_nothing_but_beginnings_of_streams_is_given_up_soon(begun, monkeypatch):
    unpacked = []
    machine = zlib.decompressobj

    class Counted:
        def __init__(self):
            self._machine = machine()

        def __getattr__(self, name):
            return getattr(self._machine, name)

        def decompress(self, packed, most):
            unpacked.append(most + len(packed))
            return self._machine.decompress(packed, most)

    monkeypatch.setattr(pdf_rules.zlib, "decompressobj", Counted)
    monkeypatch.setattr(pdf_rules, "MAX_UNPACKED", 1024 * 1024)
    content = pdf(begun * (20_000 // len(begun) + 1_000))
    with pytest.raises(exceptions.UnreadableFile):
        pdf_rules.check(io.BytesIO(content))
    assert sum(unpacked) < 16 * 1024 * 1024


def test_an_image_in_a_pdf_may_unpack_to_much(api, person):
    pixels = zlib.compress(bytes(pdf_rules.MAX_UNPACKED + 1), 9)
    words = b"<< /Subtype /Image /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(pixels), pixels)
    assert send(api(person), pdf(words), "document", name="a.pdf").status_code == 201


def test_a_script_that_straddles_two_pieces_of_a_stream_is_found(api, person):
    at = pdf_rules._PIECE - 5
    response = send(api(person), pdf(stream(b" " * at + b"/JavaScript ")), "document", name="a.pdf")
    assert response.json()["code"] == "media.active_content"

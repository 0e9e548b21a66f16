"""Medical images as hospitals send them: DICOM in each of its syntaxes, and folders of it as a ZIP."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from apps.common.exceptions import DomainError
from apps.media import contents, exceptions, rules
from apps.media.contents import archive as archives
from apps.media.models import StoredFile
from tests.factories.media import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    JPEG_2000,
    archive,
    dicom,
    pdf,
    picture,
)

from .conftest import stored_bytes
from .sessions import uploaded

SET = {
    EXPLICIT: b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",
    JPEG_2000: b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",
    IMPLICIT: b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 100",
    BIG_ENDIAN: b"\x00\x08\x00\x05CS\x00\x0aISO_IR 100",
    DEFLATED: b"\x4b\x4c\x4a\x06\x00",
}
WITH_ICON = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff" + bytes(16)
NO_GROUP_LENGTH = bytes(128) + b"DICM" + b"\x02\x00\x10\x00UI\x14\x00" + b"1.2.840.10008.1.2.1\0" + SET[EXPLICIT]


def prepared(content: bytes) -> contents.Prepared:
    return contents.prepare(io.BytesIO(content), purpose="medical_record")


@pytest.mark.parametrize("syntax", SET)
def test_a_data_set_may_be_written_in_any_syntax(syntax):
    found = prepared(dicom(syntax=syntax, body=SET[syntax]))
    assert (found.content_type, found.extension) == ("application/dicom", ".dcm")


@pytest.mark.parametrize(
    "content",
    [
        NO_GROUP_LENGTH,
        dicom(body=WITH_ICON),
        dicom(body=b"\x04\x00\x30\x11CS\x04\x00CDIR"),
        dicom(body=b"\x09\x00\x10\x00LO\x04\x00ACME"),
        dicom(body=SET[EXPLICIT] + bytes(200_000)),
    ],
    ids=["no group length", "a sequence without a length", "a DICOMDIR", "a private group", "pixels"],
)
def test_what_real_devices_write_is_taken(content):
    assert prepared(content).content_type == "application/dicom"


@pytest.mark.parametrize(
    "content",
    [
        dicom(body=b""),
        dicom(body=SET[EXPLICIT][:-1]),
        dicom(syntax="", body=SET[EXPLICIT]),
        dicom(syntax="not a syntax", body=SET[EXPLICIT]),
        dicom(syntax=IMPLICIT, body=b"\x08\x00\x05\x00\xff\xff\xff\x7fISO"),
        dicom(syntax=DEFLATED, body=b""),
        bytes(128) + b"DICM" + b"<html>" * 100,
        bytes(128) + b"DICM" + SET[EXPLICIT],
    ],
    ids=[
        "no data set", "cut off", "no syntax", "a syntax that is none", "longer than the file", "deflated nothing",
        "a web page", "no description",
    ],
)  # fmt: skip
def test_what_only_bears_the_mark_is_refused(content):
    with pytest.raises(exceptions.UnreadableFile):
        prepared(content)


def test_a_data_set_without_preamble_and_mark_is_no_kind_that_anyone_could_tell():
    with pytest.raises(exceptions.TypeNotAccepted):
        prepared(SET[IMPLICIT] * 100)


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_of_images_comes_as_a_zip_and_is_kept_byte_for_byte(api, person, monkeypatch):
    monkeypatch.setattr(rules, "PART_BYTES", 64 * 1024)
    study = {"CT/": b"", "CT/IM0001": dicom(), "CT/IM0002": dicom(syntax=IMPLICIT, body=SET[IMPLICIT])}
    content = archive(study | {"DICOMDIR": dicom(body=b"\x04\x00\x30\x11CS\x04\x00CDIR")})
    session = uploaded(api(person), content, name="CT Ngozi.zip")
    assert session["status"] == "ready", session
    file = StoredFile.objects.get(pk=session["id"])
    assert (file.content_type, file.extension) == ("application/zip", ".zip")
    assert stored_bytes(file) == content


@pytest.mark.parametrize("purpose", ["document", "image"])
def test_a_zip_is_taken_for_nothing_else(purpose):
    with pytest.raises(exceptions.TypeNotAccepted):
        contents.prepare(io.BytesIO(archive({"a": dicom()})), purpose=purpose)


def encrypted() -> bytes:
    made = bytearray(archive({"a": dicom()}))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def linked() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        link = zipfile.ZipInfo("a", date_time=datetime(2026, 1, 1, tzinfo=UTC).timetuple()[:6])
        link.external_attr = 0o120777 << 16
        made.writestr(link, dicom())
    return body.getvalue()


def commented() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        made.writestr("a", dicom())
        made.comment = b"<script>alert(1)</script>"
    return body.getvalue()


def overstated() -> bytes:
    """Says that it has far more members than it has."""
    made = bytearray(archive({"a": dicom()}))
    made[-12:-10] = made[-14:-12] = (archives.MAX_MEMBERS + 1).to_bytes(2, "little")
    return bytes(made)


HOSTILE = {
    "a viewer program beside the images": (archive({"a": dicom(), "viewer.exe": b"MZ" + bytes(500)}), 415),
    "a text": (archive({"readme.txt": b"hello"}), 415),
    "a picture": (archive({"a.jpg": picture()}), 415),
    "an archive in the archive": (archive({"a.zip": archive({"a": dicom()})}), 415),
    "a program that is an image too": (archive({"a": dicom(preamble=b"MZ\x90")}), 400),
    "a bomb": (archive({"a": dicom(body=SET[EXPLICIT] + bytes(5_000_000))}), 400),
    "nothing": (archive({}), 415),
    "folders only": (archive({"a/": b""}), 400),
    "a name that climbs up": (archive({"../../etc/cron.d/a": dicom()}), 400),
    "a link": (linked(), 400),
    "a comment": (commented(), 400),
    "a password": (encrypted(), 400),
    "a program before it": (b"MZ" + bytes(600) + archive({"a": dicom()}), 415),
    "a page behind it": (archive({"a": dicom()}) + b"<html>", 400),
    "another archive before it": (archive({"b": b"x"}) + archive({"a": dicom()}), 400),
    "too many members": (overstated(), 400),
    "packed in a way that few know": (archive({"a": dicom()}, compression=zipfile.ZIP_LZMA), 400),
    "cut off": (archive({"a": dicom()})[:-30], 400),
    "broken inside": (archive({"a": dicom()})[:60] + b"\xff" * 20 + archive({"a": dicom()})[80:], 400),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused(case):
    content, status = HOSTILE[case]
    with pytest.raises(DomainError) as refusal:
        prepared(content)
    assert refusal.value.status == status, refusal.value


def test_of_a_member_no_more_than_its_beginning_is_unpacked(monkeypatch):
    read = []
    opened = zipfile.ZipExtFile.read

    def reading(self, size=-1):
        read.append(size)
        return opened(self, size)

    monkeypatch.setattr(zipfile.ZipExtFile, "read", reading)
    monkeypatch.setattr(archives, "MAX_RATIO", 10_000)
    prepared(archive({"a": dicom(body=SET[EXPLICIT] + bytes(5_000_000))}))
    assert read == [128 * 1024]


def test_a_table_of_contents_with_millions_of_entries_is_measured_before_it_is_read(monkeypatch):
    content = overstated()
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("it was read"))
    with pytest.raises(exceptions.UnreadableFile):
        prepared(content)


def test_a_picture_that_is_larger_than_any_is_refused_unread(monkeypatch):
    monkeypatch.setitem(rules.MAX_BYTES, "medical_record", 1000)
    monkeypatch.setattr(contents.images, "checked_size", lambda *args: pytest.fail("it was decoded"))
    with pytest.raises(exceptions.FileTooLarge):
        prepared(picture(size=(900, 900)) + bytes(1000))
    assert prepared(pdf(trailer=b"%" + b"x" * 2000 + b"\n")).content_type == "application/pdf", "a paper may be"

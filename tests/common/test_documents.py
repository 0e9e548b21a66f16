"""Documents as PDF: the same bytes for the same data, no empty boxes, right to left where the reader reads so."""

import hashlib
import shutil
import subprocess
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from apps.common import documents
from apps.common.documents import CharactersNotSupported, DocumentError, fonts
from apps.common.documents.rendering import ROOT

AT = datetime(2031, 1, 6, 3, 30, tzinfo=UTC)
TEMPLATE = "common/documents/letterhead.typ"
BODY = """
#import "/common/documents/letterhead.typ": *
#show: letter.with(head: document-data.data.head, title: "T", number: "N-1", foot: ("foot",))
#for line in document-data.data.lines [#as-written(line) \\ ]
"""


@pytest.fixture
def template(tmp_path, monkeypatch):
    """A template that prints lines under the letterhead, in a folder as apps/ is."""
    (tmp_path / "common" / "documents").mkdir(parents=True)
    shutil.copy(ROOT / TEMPLATE, tmp_path / TEMPLATE)
    (tmp_path / "lines.typ").write_text(BODY)
    documents.rendering._compiler.cache_clear()
    monkeypatch.setattr(documents.rendering, "ROOT", tmp_path)
    yield "lines.typ"
    documents.rendering._compiler.cache_clear()


def rendered(template, *lines, language="en"):
    data = {"head": {"name": "Lotus Heart Centre", "lines": ["Chennai"]}, "lines": list(lines)}
    return documents.render(template, data, language, at=AT)


def text_of(pdf, tmp_path):
    """What can be copied out of it, as poppler reads it, without marks of direction."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: poppler-utils")
    (tmp_path / "made.pdf").write_bytes(pdf)
    read = subprocess.run(["pdftotext", tmp_path / "made.pdf", "-"], check=True, capture_output=True, text=True)  # noqa: S607
    return "".join(character for character in read.stdout if unicodedata.category(character) != "Cf")


@pytest.mark.django_db
def test_the_same_data_give_the_same_bytes(template):
    first, again = rendered(template, "500 mg"), rendered(template, "500 mg")
    assert first.startswith(b"%PDF-")
    assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest()
    assert first != rendered(template, "501 mg")


@pytest.mark.django_db
def test_it_is_an_archive_pdf_with_its_fonts_inside(template):
    pdf = rendered(template, "Paracetamol", "باراسيتامول", "पैरासिटामोल")
    assert b"pdfaid:part" in pdf
    assert b"/Link" not in pdf
    for font in (b"+NotoSans-", b"+NotoNaskhArabic-", b"+NotoSansDevanagari-"):
        assert font in pdf


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_every_language_renders_and_the_text_can_be_copied_out_again(template, tmp_path, language):
    said = text_of(rendered(template, "Amoxicillin 875 mg / 125 mg", language=language), tmp_path)
    assert "Amoxicillin 875 mg / 125 mg" in said.replace("\u00a0", " ")


@pytest.mark.django_db
def test_a_dose_within_arabic_is_not_mirrored(template, tmp_path):
    """By the rules of Unicode alone “5 mg” after an Arabic word comes out as “mg 5”; poppler gives the visual order."""
    said = text_of(rendered(template, "خذ قرص 5 mg ثم 10 mg", language="ar"), tmp_path).replace("\u00a0", " ")
    assert "5 mg" in said
    assert "10 mg" in said
    assert "mg 5" not in said


@pytest.mark.django_db
def test_data_are_data_and_never_source(template, tmp_path):
    attack = '#read("/etc/passwd") $x$ *bold* #import "x" \\ = heading'
    assert '#read("/etc/passwd")' in text_of(rendered(template, attack), tmp_path)


@pytest.mark.django_db
def test_a_character_that_no_font_has_is_named_with_its_field(template):
    with pytest.raises(CharactersNotSupported) as refused:
        rendered(template, "fine", "药 500 mg")
    assert refused.value.code == "documents.characters_not_supported"
    assert list(refused.value.errors) == ["lines.1"]
    assert "药 (U+836F)" in str(refused.value.errors["lines.1"][0])


@pytest.mark.parametrize("text", ["5 mg\u202e gm 5", "5\u0000mg", "\u2066x", "tab\there", "😀", "ไทย"])
def test_what_would_print_otherwise_than_it_reads_is_not_supported(text):
    assert documents.unsupported(text)


@pytest.mark.parametrize(
    "text",
    [
        "Señor Ñandú, ¿qué? œuvre",
        "½ µg ± 2 °C – “x” …",
        "باراسيتامول، ٥٠٠؟",
        "दवाई क्षत्रिय ५०० मि.ग्रा.।",
        "क\u094d\u200dष",
        "a\nb",
    ],
)
def test_what_five_languages_write_is_supported(text):
    assert documents.unsupported(text) == []


def test_an_accent_that_stands_by_itself_is_read_together_with_its_letter():
    assert documents.unsupported("e\u0301") == []


def test_regular_and_bold_of_each_font_are_there_with_their_licence():
    names = {path.name for path in fonts.FOLDER.iterdir()}
    for family in ("NotoSans", "NotoNaskhArabic", "NotoSansDevanagari"):
        assert {f"{family}-Regular.ttf", f"{family}-Bold.ttf", f"{family}-OFL.txt"} <= names


@pytest.mark.django_db(transaction=True)
def test_nothing_is_rendered_while_others_wait_for_a_lock(template):
    with transaction.atomic(), pytest.raises(DocumentError, match="transaction"):
        rendered(template, "x")


@pytest.mark.django_db
def test_what_is_wrong_with_a_template_is_said_without_the_data(template):
    with pytest.raises(DocumentError) as wrong:
        documents.render(template, {"lines": ["canary"]}, "en", at=AT)
    assert "canary" not in str(wrong.value)


@pytest.mark.parametrize(
    ("language", "written"), [("en", "1,250.5"), ("fr", "1\u202f250,5"), ("es", "1.250,5"), ("hi", "1,250.5")]
)
def test_numbers_are_written_as_people_write_them(language, written):
    assert documents.number(Decimal("1250.50"), language) == written

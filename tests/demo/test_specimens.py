"""The demo's papers: fit to be uploaded as anyone's, and plainly nobody's."""

import io

import pytest
from PIL import Image, ImageChops

from apps.media import contents
from medivoy.demo import specimens


def certificate(holder: str = "Özlem Işık", seed: str = "one") -> bytes:
    return specimens.certificate(
        "Licence to practise medicine",
        issuer="Medical Council",
        holder=holder,
        text="Entered in the register",
        fields={"Number": "MC-1"},
        seed=seed,
    )


def card(seed: str = "one") -> bytes:
    return specimens.identity_card(
        holder="Özlem Işık", number="123456789", country="TR", gender="female", born="1980-03-04", seed=seed
    )


@pytest.mark.parametrize(("content", "kind"), [(certificate(), "application/pdf"), (card(), "image/jpeg")])
def test_a_paper_is_taken_as_a_document(content: bytes, kind: str) -> None:
    assert contents.prepare(io.BytesIO(content), purpose="document").content_type == kind
    assert len(content) < 250_000


def test_a_name_is_written_in_letters_that_the_font_has(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(specimens.ImageDraw.ImageDraw, "text", lambda self, at, text, **options: written.append(text))
    certificate(holder="Özlem Işık")
    assert "Ozlem Isik" in written
    assert all(text.isascii() for text in written)
    assert "SPECIMEN" in written
    assert specimens.NOTE in written


def test_specimen_stands_across_the_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    marked = card()
    monkeypatch.setattr(specimens, "across", lambda sheet: None)
    with Image.open(io.BytesIO(marked)) as one, Image.open(io.BytesIO(card())) as other:
        where = ImageChops.difference(one, other).point(lambda change: 255 if change > 40 else 0).getbbox()
    assert where is not None
    assert where[2] - where[0] > specimens.CARD[0] / 3
    assert where[3] - where[1] > specimens.CARD[1] / 3


def test_papers_of_different_people_differ() -> None:
    assert card("one") != card("two")

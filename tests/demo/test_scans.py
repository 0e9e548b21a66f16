"""Drawn pictures: fit to be uploaded as a medical record, another for every body, and plainly nobody's."""

import io

import pytest
from PIL import Image, ImageChops

from apps.media import contents
from medivoy.demo import scans, sources, specimens


@pytest.mark.parametrize("kind", scans.KINDS)
def test_a_picture_is_taken_as_a_medical_record(kind: str) -> None:
    content = scans.picture(kind, seed="one")
    assert contents.prepare(io.BytesIO(content), purpose="medical_record").content_type == "image/jpeg"
    assert len(content) < 120_000
    with Image.open(io.BytesIO(content)) as image:
        tones = image.convert("L").histogram()
    assert sum(tones[:30])
    assert sum(tones[100:])


def test_another_seed_is_another_body_and_the_same_seed_the_same() -> None:
    first, again, other = (Image.open(io.BytesIO(scans.picture("head", seed=seed))) for seed in ("one", "one", "two"))
    assert (
        ImageChops.difference(first, again).convert("L").point(lambda tone: 255 if tone > 60 else 0).getbbox() is None
    )
    assert ImageChops.difference(first, other).getbbox()


def test_specimen_is_written_across_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    marked: list[tuple[int, int]] = []
    monkeypatch.setattr(specimens, "across", lambda sheet: marked.append(sheet.size))
    scans.picture("knee", seed="one")
    assert marked == [(scans.WIDTH, scans.HEIGHT)]


def test_a_letter_is_a_pdf_in_letters_that_the_font_has(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(specimens.ImageDraw.ImageDraw, "text", lambda self, at, text, **options: written.append(text))
    content = specimens.letter(
        "Laboratory report", issuer="Practice", about={"Patient": "Özlem Işık"}, lines=["Sodium\t140"], seed="one"
    )
    assert contents.prepare(io.BytesIO(content), purpose="medical_record").content_type == "application/pdf"
    assert {"Ozlem Isik", "Sodium", "140", "SPECIMEN"} <= set(written)


def test_every_record_of_the_file_can_be_drawn() -> None:
    drawings = {row["drawing"] for row in sources.records()["records"]}
    assert drawings == {*scans.KINDS, "blood", "discharge", "referral"}

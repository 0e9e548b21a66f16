"""The demo's pictures: the same everywhere, one for each seed, and small."""

import functools
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medivoy.demo import pictures
from medivoy.demo.pictures import faces, marks, medicine, palette, places
from medivoy.demo.pictures.canvas import Canvas, down

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_FILE = 150 * 1000

#: Of the scenes of a gallery, one indoors and one out of doors.
SAMPLE = ("lobby", "garden")
KINDS: dict[str, tuple[Callable[[str], bytes], tuple[int, int], str]] = {
    "cover": (functools.partial(pictures.hospital_cover, country="TR", city="Istanbul", hour=9), (1600, 900), "JPEG"),
    **{kind: (functools.partial(pictures.hospital_scene, kind=kind), (1200, 800), "JPEG") for kind in SAMPLE},
    "logo": (pictures.hospital_logo, (512, 512), "PNG"),
    "portrait": (functools.partial(pictures.doctor_portrait, gender="female", country="IN"), (800, 800), "JPEG"),
    "treatment": (functools.partial(pictures.treatment_picture, category="eye-care"), (1200, 800), "JPEG"),
    "package": (functools.partial(pictures.package_picture, country="TH", city="Phuket"), (1200, 800), "JPEG"),
}


@functools.cache
def drawn(kind: str, seed: str) -> bytes:
    return KINDS[kind][0](seed)


def data(name: str) -> Any:
    return json.loads((ROOT / "data" / name).read_text(encoding="utf-8"))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_picture_has_the_size_and_format_of_its_kind_and_is_small(kind: str) -> None:
    _draw, size, file_format = KINDS[kind]
    content = drawn(kind, "one-seed")
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert (image.size, image.format, image.mode) == (size, file_format, "RGB")
    assert len(content) < LARGEST_FILE


def test_the_same_seed_draws_the_same_bytes(kind: str) -> None:
    assert KINDS[kind][0]("one-seed") == drawn(kind, "one-seed")


def test_another_seed_draws_another_picture(kind: str) -> None:
    assert drawn(kind, "one-seed") != drawn(kind, "another-seed")


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from medivoy.demo import pictures as p;"
        "content = p.doctor_portrait('one-seed', gender='female', country='IN') + p.hospital_logo('one-seed');"
        "import sys; sys.stdout.write(hashlib.sha256(content).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    here = hashlib.sha256(drawn("portrait", "one-seed") + drawn("logo", "one-seed")).hexdigest()
    assert there.stdout == here


# --- hospitals --------------------------------------------------------------------------------------------------------


def test_every_city_of_the_demos_hospitals_has_its_own_landscape() -> None:
    cities = {places.plain(row["city"]["en"]) for row in data("demo/hospitals.json")}
    assert cities - set(places._BY_CITY) == set()
    seen = {places.scenery("", city, palette.dice("a")) for city in cities}
    assert len(seen) == len(cities)


def test_a_city_is_known_by_its_name_with_accents_too() -> None:
    chance = palette.dice("a")
    assert places.scenery("ES", "Málaga", chance) == places.scenery("ES", "malaga", chance)
    assert places.scenery("TR", "İstanbul", chance) == places.scenery("TR", "istanbul", chance)


def test_a_city_that_is_not_known_lies_in_a_landscape_of_its_country_or_any() -> None:
    assert places.scenery("JO", "Irbid", palette.dice("a")) == places.scenery("JO", "Amman", palette.dice("a"))
    assert pictures.hospital_cover("somewhere", country="IS", city="Akureyri", hour=14)


def test_the_hour_changes_the_light_of_a_cover() -> None:
    draw = functools.partial(pictures.hospital_cover, "one-seed", country="TR", city="Istanbul")

    def brightness(hour: int) -> float:
        with Image.open(io.BytesIO(draw(hour=hour))) as image:
            return float(image.convert("L").resize((1, 1), Image.Resampling.BOX).tobytes()[0])

    assert brightness(23) < brightness(19) < brightness(12)


def test_every_hour_has_a_light() -> None:
    assert {palette.light_at(hour) for hour in range(24)} == {
        palette.NIGHT,
        palette.DAWN,
        palette.MORNING,
        palette.NOON,
        palette.GOLDEN,
        palette.DUSK,
    }


def test_the_mark_goes_with_the_name() -> None:
    assert marks.figure_of("nilgagan-heart-mumbai") is marks._heart
    assert marks.figure_of("jabega-ocular-malaga") is marks._eye
    assert marks.figure_of("no-word-that-says-anything") in {figure for _words, figure in marks._FIGURES}


# --- doctors ----------------------------------------------------------------------------------------------------------


def test_a_woman_has_no_beard_and_some_men_have() -> None:
    def beards(*, woman: bool) -> set[str]:
        return {
            faces.invented(palette.dice(n), woman=woman, age=40, skin=(200, 150, 110), hair=(40, 30, 30)).beard
            for n in range(60)
        }

    assert beards(woman=True) == {""}
    assert beards(woman=False) > {"", "full"}


def test_hair_greys_with_age() -> None:
    def hair(age: int) -> int:
        return sum(faces.invented(palette.dice(1), woman=True, age=age, skin=(200, 150, 110), hair=(40, 30, 30)).hair)

    assert hair(36) == 100
    assert hair(58) > 200
    assert hair(64) > hair(58)


@pytest.mark.parametrize("gender", ["female", "male", "other", ""])
def test_a_portrait_is_drawn_of_any_gender_and_country(gender: str) -> None:
    assert pictures.doctor_portrait("one-seed", gender=gender, country="IS")


# --- treatments -------------------------------------------------------------------------------------------------------


def test_every_category_has_its_own_colours_and_motif() -> None:
    categories = {row["code"] for row in data("treatment_categories.json")}
    assert categories - set(medicine._BY_CATEGORY) == set()
    colours = [shades for _motif, shades in medicine._BY_CATEGORY.values()]
    assert len(set(colours)) == len(colours)


def test_the_demos_treatments_are_told_apart_by_what_is_drawn() -> None:
    treatments = data("demo/treatments.json")
    usual = {code: motif for code, (motif, _colours) in medicine._BY_CATEGORY.items()}
    seen = {medicine._motif(row["code"], usual[row["category"]]) for row in treatments}
    assert len(seen) > len(treatments) * 0.9


MOTIFS = dict(medicine._BY_CODE) | {code: motif for code, (motif, _colours) in medicine._BY_CATEGORY.items()}


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_stands_in_the_middle_of_its_sheet(name: str) -> None:
    c = Canvas(160, 120, over=1)
    with c.at(80, 60, scale=0.2):
        MOTIFS[name](c, palette.TEAL)
    with Image.open(io.BytesIO(c.png())) as image:
        inked = image.convert("L").point(lambda tone: 255 if tone < 250 else 0).getbbox()
    assert inked is not None
    left, top, right, bottom = inked
    assert right - left > 40
    assert bottom - top > 40
    assert left <= 80 <= right
    assert top <= 60 <= bottom


# --- the sheet --------------------------------------------------------------------------------------------------------


def pixels(c: Canvas) -> Image.Image:
    return Image.open(io.BytesIO(c.png())).convert("RGB")


def test_nothing_shows_outside_the_outline_drawn_within() -> None:
    c = Canvas(20, 20)
    with c.within([(5, 5), (15, 5), (15, 15), (5, 15)]):
        c.rect(0, 0, 20, 20, (200, 0, 0))
    assert pixels(c).getpixel((10, 10)) == (200, 0, 0)
    assert pixels(c).getpixel((2, 10)) == (255, 255, 255)
    assert pixels(c).getpixel((18, 18)) == (255, 255, 255)


def test_a_shape_that_is_turned_and_moved_lands_where_it_should() -> None:
    c = Canvas(40, 40)
    with c.at(20, 20, angle=90, scale=2):
        c.rect(2, -2, 8, 2, (0, 0, 200))
    assert pixels(c).getpixel((20, 30)) == (0, 0, 200)
    assert pixels(c).getpixel((30, 20)) == (255, 255, 255)
    c.rect(0, 0, 4, 4, (0, 200, 0))
    assert pixels(c).getpixel((1, 1)) == (0, 200, 0)


def test_a_shade_runs_over_the_whole_shape_also_where_it_leaves_the_sheet() -> None:
    c = Canvas(10, 10)
    c.rect(0, -10, 10, 10, down((0, 0, 0), (200, 200, 200)))
    top, bottom = pixels(c).getpixel((5, 0)), pixels(c).getpixel((5, 9))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert 95 <= top[0] <= 110
    assert bottom[0] >= 190


def test_a_see_through_line_covers_each_spot_once() -> None:
    c = Canvas(30, 30)
    c.line([(5, 15), (15, 15), (25, 15)], (0, 0, 0, 128), 8)
    assert pixels(c).getpixel((10, 15)) == pixels(c).getpixel((15, 15))

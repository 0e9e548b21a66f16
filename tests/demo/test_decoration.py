"""The demo's pictures and papers are hung one by one while the site is up: each once, and on from where a run ended."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from apps.hospitals import services as hospital_services
from apps.hospitals.models import Accreditation, Hospital, HospitalImage, Treatment
from apps.media.models import StoredFile
from medivoy.demo import catalogue, decoration, hospitals, loading, pictures, reference, sources, staff

pytestmark = pytest.mark.django_db

HOSPITALS, TREATMENTS = 2, 3
#: A cover, a logo and five scenes for each hospital, and a picture for each treatment.
ALL = 7 * HOSPITALS + TREATMENTS


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was drawn, in place of drawing it."""
    names: list[str] = []

    def instead_of(kind: str) -> Callable[..., bytes]:
        def draw(*arguments: Any, **named: Any) -> bytes:
            names.append(f"{kind} {arguments[0]}")
            body = io.BytesIO()
            Image.new("RGB", (16, 9), (len(names) % 256, 80, 90)).save(body, "PNG")
            return body.getvalue()

        return draw

    for kind in ("hospital_cover", "hospital_logo", "hospital_scene", "doctor_portrait", "treatment_picture"):
        monkeypatch.setattr(pictures, kind, instead_of(kind))
    return names


@pytest.fixture
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hospitals and three treatments."""
    rows, treatments = sources.hospitals()[:HOSPITALS], sources.treatments()[:TREATMENTS]
    monkeypatch.setattr(sources, "hospitals", lambda: rows)
    monkeypatch.setattr(sources, "treatments", lambda: treatments)
    monkeypatch.setattr(sources, "packages", list)
    now = timezone.now()
    for load in (reference.load, staff.load, hospitals.load, catalogue.load_treatments):
        load(now)


def load() -> list[str]:
    told: list[str] = []
    loading._load_room("pictures", loading.later_rooms(told.append)["pictures"], told.append)
    return told


def test_everything_has_its_picture_and_the_shown_hospital_first(
    small_world: None, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoration, "TOLD_EVERY", 10)
    told = load()
    assert len(drawn) == len(set(drawn)) + HOSPITALS * 4  # the scenes of a hospital have one name here
    assert len(drawn) == ALL
    assert next(iter(hospitals.SHOWN_STAFF)) in drawn[0]
    assert not Hospital.objects.filter(cover=None).exists()
    assert not Hospital.objects.filter(logo=None).exists()
    assert not Treatment.objects.filter(picture=None).exists()
    for hospital in Hospital.objects.all():
        images = list(HospitalImage.objects.filter(hospital=hospital))
        assert [sources.text_of(image, "caption", "ar") for image in images] == [
            row["caption"]["ar"] for row in sources.gallery()
        ]
        assert all(hospital.staff_links.filter(user=image.file.owner).exists() for image in images)
    assert told[0] == f"pictures: 10 of {ALL}"
    assert "pictures" in loading.loaded_rooms()


def test_a_run_that_was_killed_is_continued_and_nothing_is_drawn_twice(
    small_world: None, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = pictures.treatment_picture

    def the_power_goes(code: str, category: str) -> bytes:
        if len(drawn) == 5:
            raise RuntimeError("the power is gone")
        return draw(code, category)

    monkeypatch.setattr(pictures, "treatment_picture", the_power_goes)
    with pytest.raises(RuntimeError):
        load()
    assert len(drawn) == StoredFile.objects.count() == 5
    assert "pictures" not in loading.loaded_rooms()

    monkeypatch.setattr(pictures, "treatment_picture", draw)
    load()
    assert len(drawn) == StoredFile.objects.count() == ALL


def test_a_picture_that_somebody_took_down_later_stays_down(
    small_world: None, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "rooms", lambda tell: {})
    monkeypatch.setattr(loading, "_write_sign_ins", lambda: None)
    monkeypatch.setattr(loading.records, "load_later", lambda tell: 0)
    assert loading.load(lambda text: None) == ["records", "pictures", "papers"]
    image = HospitalImage.objects.all()[0]
    hospital_services.remove_image(image, by=image.file.owner)

    assert loading.load(lambda text: None) == []
    assert HospitalImage.objects.count() == 5 * HOSPITALS - 1
    assert len(drawn) == ALL


def test_approved_accreditations_get_their_certificates_and_stay_approved(small_world: None) -> None:
    certified = Accreditation.objects.filter(verification="approved", document=None)
    count = certified.count()
    assert count >= HOSPITALS
    assert decoration.load_papers(lambda text: None) == count
    assert not certified.exists()
    assert Accreditation.objects.filter(verification="approved", document__visibility="private").count() == count
    assert decoration.load_papers(lambda text: None) == 0

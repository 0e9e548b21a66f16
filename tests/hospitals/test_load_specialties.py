"""A new installation has its specialties with one command; a second run changes nothing but corrected texts."""

from io import StringIO

import pytest
from django.core.management import call_command

from apps.hospitals.models import Specialty

pytestmark = pytest.mark.django_db


def load():
    out = StringIO()
    call_command("load_specialties", stdout=out)
    return out.getvalue()


def test_a_new_installation_has_every_specialty_in_five_languages():
    assert "specialties" in load()
    cardiology = Specialty.objects.get(code="cardiology")
    assert cardiology.name_en == "Cardiology"
    assert all(
        getattr(cardiology, f"{text}_{code}") for text in ("name", "practitioner") for code in ("ar", "hi", "es", "fr")
    )


def test_a_second_run_keeps_the_rows_and_corrects_their_texts():
    load()
    before = dict(Specialty.objects.values_list("code", "id"))
    Specialty.objects.filter(code="cardiology").update(name_en="Kardiology")

    load()

    assert dict(Specialty.objects.values_list("code", "id")) == before
    assert Specialty.objects.get(code="cardiology").name_en == "Cardiology"

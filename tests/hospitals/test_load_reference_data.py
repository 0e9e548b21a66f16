"""A new installation has its reference data with one command; a second run changes nothing but corrected texts."""

from io import StringIO

import pytest
from django.core.management import call_command

from apps.billing.models import CancellationPolicy, SubscriptionPlan
from apps.clinical.models import ConsentText, InsuranceProvider
from apps.common import audit
from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

pytestmark = pytest.mark.django_db
OTHERS = ("ar", "hi", "es", "fr")


def load():
    out = StringIO()
    call_command("load_reference_data", stdout=out)
    return out.getvalue().split("\n")


def test_a_new_installation_has_every_list_in_five_languages():
    said = load()
    assert [line.partition(" ")[2] for line in said if line] == [
        "specialties", "procedures", "treatment categories", "accreditation bodies", "insurers", "consent texts",
        "cancellation policies", "subscription plans",
    ]  # fmt: skip
    models = (
        Specialty, Procedure, TreatmentCategory, AccreditationBody, InsuranceProvider, ConsentText,
        CancellationPolicy, SubscriptionPlan,
    )  # fmt: skip
    counts = [model.objects.count() for model in models]
    assert [int(line.split()[0]) for line in said if line] == counts
    cardiology = Specialty.objects.get(code="cardiology")
    assert cardiology.name_en == "Cardiology"
    assert all(getattr(cardiology, f"{text}_{code}") for text in ("name", "practitioner") for code in OTHERS)
    assert all(getattr(cardiology.procedures.first(), f"name_{code}") for code in OTHERS)


def test_a_second_run_keeps_the_rows_and_corrects_their_texts():
    load()
    before = dict(Specialty.objects.values_list("code", "id"))
    Specialty.objects.filter(code="cardiology").update(name_en="Kardiology")

    load()

    assert dict(Specialty.objects.values_list("code", "id")) == before
    assert Specialty.objects.get(code="cardiology").name_en == "Cardiology"


def test_what_a_person_has_written_stays(platform_admin):
    load()
    with audit.acting(actor=platform_admin):
        Specialty.objects.filter(code="cardiology").update(name_fr="Maladies du cœur")

    load()

    cardiology = Specialty.objects.get(code="cardiology")
    assert cardiology.name_fr == "Maladies du cœur"
    assert cardiology.name_es == "Cardiología"

"""Texts in five languages: how far each has come is seen, the missing are found, translators change nothing else."""

import pytest
from django.core.exceptions import ValidationError

from apps.common import texts
from apps.common.exceptions import Forbidden, Invalid
from apps.hospitals import services
from apps.hospitals.models import (
    Affiliation,
    Doctor,
    Hospital,
    Offer,
    Package,
    Procedure,
    Qualification,
    Specialty,
    Treatment,
    TreatmentCategory,
)
from tests.factories.catalogue import OfferFactory, PackageFactory, ProcedureFactory, SeasonFactory, TreatmentFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, SpecialtyFactory

from .test_admin import filled, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def treatment(db):
    row = TreatmentFactory(name_en="Hip replacement", name_fr="Prothèse de hanche", description_en="A new joint.")
    with texts.by_machine():
        row.name_ar = "استبدال الورك"
        row.save()
    row.refresh_from_db()
    texts.set_status(row, "name", "fr", "approved", by=None)
    return row


def listed(client, model, query):
    return list(client.get(f"{page(model, 'changelist')}?{query}").context["cl"].result_list)


def test_each_tab_says_what_needs_a_hand_first(browser, translator, treatment):
    response = browser(translator).get(page(Treatment, "change", treatment.pk))
    worst = {
        fieldset.name: fieldset.classes.partition("mv-text-")[2]
        for fieldset in response.context["adminform"]
        if "tab" in fieldset.classes
    }
    assert worst == {
        "English": "reviewed", "العربية": "missing", "हिन्दी": "missing", "Español": "missing", "Français": "missing",
    }  # fmt: skip
    html = response.content.decode()
    assert "Machine translation" in html
    assert "Approved" in html


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [("ar.machine", True), ("ar.missing", True), ("fr.approved", True), ("fr.machine", False), ("en.missing", False)],
)
def test_rows_are_found_by_the_status_of_a_language(browser, translator, treatment, asked, is_found):
    assert (treatment in listed(browser(translator), Treatment, f"texts={asked}")) == is_found


@pytest.mark.parametrize("asked", ["xx.missing", "ar.nonsense", "ar", "'"])
def test_a_status_that_does_not_exist_narrows_nothing(browser, translator, treatment, asked):
    assert listed(browser(translator), Treatment, f"texts={asked}") == [treatment]


def test_the_list_marks_each_language(browser, translator, treatment):
    html = browser(translator).get(page(Treatment, "changelist")).content.decode()
    assert html.count('class="mv-mark mv-text-missing"') == 4
    assert html.count('class="mv-mark mv-text-reviewed"') == 1


def test_after_saving_comes_the_next_one_of_the_same_status(browser, translator):
    first, second, _done = (
        TreatmentFactory(name_ar=""), TreatmentFactory(name_ar=""), TreatmentFactory(name_ar="تم"),
    )  # fmt: skip
    client = browser(translator)
    narrowed = "?_changelist_filters=texts%3Dar.missing"
    button = "hospitals_treatment_save_and_next"

    def save(row):
        url = page(Treatment, "change", row.pk) + narrowed
        assert button in client.get(url).content.decode()
        return client.post(url, filled(client, url, name_ar="نص", **{button: "1"}))

    assert save(first).url == page(Treatment, "change", second.pk) + narrowed
    assert save(second).url == page(Treatment, "changelist") + "?texts=ar.missing"
    assert button not in client.get(page(Treatment, "change", first.pk)).content.decode()


@pytest.fixture
def translated(db):
    """A row of every kind with texts."""
    doctor = DoctorFactory()
    package = PackageFactory()
    SeasonFactory(package=package)
    return {
        Specialty: doctor.specialty, Procedure: ProcedureFactory(), TreatmentCategory: TreatmentFactory().category,
        Treatment: TreatmentFactory(), Offer: OfferFactory(price=31_313), Package: package, Hospital: HospitalFactory(
            phone="+919876543210", email="desk@hospital.example", address="12 Secret Lane"
        ),
        Doctor: doctor, Affiliation: AffiliationFactory(doctor=doctor, is_primary=False),
        Qualification: Qualification.objects.create(doctor=doctor, name="MD"),
    }  # fmt: skip


@pytest.mark.parametrize("model", [Specialty, Procedure, TreatmentCategory, Treatment, Offer, Package, Hospital, Doctor,
                                   Affiliation, Qualification], ids=lambda model: model.__name__)  # fmt: skip
def test_a_translator_changes_texts_and_meets_nothing_else(browser, translator, translated, model):
    row, client = translated[model], browser(translator)
    url = page(model, "change", row.pk)
    form = client.get(url).context["adminform"].form
    names = {name.rpartition("_")[0] for name in form.fields}
    assert names == set(client.get(url).context["adminform"].model_admin.texts)
    name = max(names)
    saved = client.post(url, filled(client, url, **{f"{name}_ar": "نص جديد"}))
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    row.refresh_from_db()
    assert getattr(row, f"{name}_ar") == "نص جديد"
    assert row.text_status[name]["ar"]["by"] == str(translator.pk)


@pytest.mark.parametrize(
    ("model", "forged"),
    [
        (Hospital, {"phone": "+911111111111", "is_active": "", "rejection_reason": "x", "currency": "USD"}),
        (Offer, {"price": "1", "currency": "USD", "is_active": ""}),
        (Package, {"price": "1", "days": "1", "seasons-TOTAL_FORMS": "0"}),
        (Doctor, {"consultation_fee": "1", "is_active": "", "specialty": ""}),
        (Treatment, {"is_active": "", "hospital_days": "1", "code": "other"}),
    ],
)
def test_a_forged_form_of_a_translator_changes_no_more(browser, translator, translated, model, forged):
    row, client = translated[model], browser(translator)
    before = model.objects.filter(pk=row.pk).values().get()
    url = page(model, "change", row.pk)
    client.post(url, filled(client, url, **forged))
    after = model.objects.filter(pk=row.pk).values().get()
    assert {name for name in before if before[name] != after[name]} <= {"updated_at"}


def test_a_translator_sees_no_price_contact_or_verification(browser, translator, translated):
    client = browser(translator)
    pages = [page(model, "changelist") for model in translated]
    pages += [page(model, name, row.pk) for model, row in translated.items() for name in ("change", "history")]
    html = " ".join(client.get(url).content.decode() for url in pages)
    for secret in ("31313", "31,313", "9876543210", "desk@hospital.example", "Secret Lane", "mv-moves-status"):
        assert secret not in html, secret
    assert translated[Offer].treatment.name in html, "the walk saw something"


def test_a_translator_finds_listed_doctors_only_and_none_by_e_mail(browser, translator):
    doctor, waiting = DoctorFactory(), DoctorFactory(verification="pending")
    AffiliationFactory(doctor=waiting, status="pending")
    Qualification.objects.create(doctor=waiting, name="MD")
    client = browser(translator)
    assert listed(client, Doctor, "") == [doctor]
    assert listed(client, Affiliation, "") == []
    assert listed(client, Qualification, "") == []
    assert listed(client, Doctor, f"q={doctor.user.email}") == []
    assert client.get(page(Doctor, "change", waiting.pk)).status_code == 302


@pytest.mark.parametrize("model", [Treatment, Offer, Hospital, Specialty])
def test_a_translator_adds_and_removes_nothing(browser, translator, translated, model):
    client = browser(translator)
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "delete", translated[model].pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=translated[model].pk).exists()


class TestTranslate:
    """The translators' one verb."""

    def test_it_writes_texts_and_nothing_else(self, translator, hospital):
        services.translate(hospital, by=translator, name={"ar": "المستشفى"})
        hospital.refresh_from_db()
        assert hospital.name_ar == "المستشفى"
        with pytest.raises(Forbidden):
            services.translate(hospital, by=translator, phone={"en": "+911111111111"})

    @pytest.mark.parametrize("who", ["hospital_admin", "coordinator", "support_agent"])
    def test_it_is_for_translators_and_admins(self, request, who, hospital):
        with pytest.raises(Forbidden):
            services.translate(hospital, by=request.getfixturevalue(who), name={"ar": "المستشفى"})

    def test_the_english_text_stays(self, translator, hospital):
        with pytest.raises(Invalid):
            services.translate(hospital, by=translator, name={"en": " "})

    def test_a_text_that_does_not_fit_is_refused(self, translator):
        with pytest.raises(ValidationError):
            services.translate(SpecialtyFactory(), by=translator, name={"fr": "x" * 121})


def test_an_admin_sees_the_same_tabs_beside_everything_else(browser, platform_admin, treatment):
    response = browser(platform_admin).get(page(Treatment, "change", treatment.pk))
    assert {"category", "specialty", "name_ar"} <= set(response.context["adminform"].form.fields)
    assert "mv-text-missing" in response.content.decode()

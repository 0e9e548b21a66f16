"""Treatments, offers, packages, galleries, accreditations and licences as admins and hospital staff keep them."""

from datetime import date

import pytest

from apps.hospitals.models import (
    Accreditation,
    Affiliation,
    Hospital,
    HospitalDocument,
    HospitalImage,
    Licence,
    Offer,
    Package,
    Procedure,
    Treatment,
)
from apps.hospitals.workflow import Verification
from tests.factories.catalogue import OfferFactory, PackageFactory, ProcedureFactory, SeasonFactory, TreatmentFactory
from tests.factories.hospitals import (
    AccreditationBodyFactory,
    AccreditationFactory,
    AffiliationFactory,
    DoctorFactory,
    HospitalDocumentFactory,
    HospitalFactory,
    HospitalImageFactory,
    HospitalStaffFactory,
    LicenceFactory,
)
from tests.factories.media import DocumentFactory, StoredFileFactory

from .test_admin import filled, move, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def send(client, url, **changes):
    """Fill the page's form and send it; what stood in the way, if anything."""
    response = client.post(url, filled(client, url, **changes))
    if response.status_code == 302:
        return ""
    form = response.context["adminform"].form
    formsets = response.context["inline_admin_formsets"]
    return str(form.errors) + "".join(str(one.formset.errors) for one in formsets)


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_an_admin_adds_a_treatment_with_its_procedures(browser, platform_admin):
    procedure, other = ProcedureFactory(), TreatmentFactory()
    errors = send(
        browser(platform_admin), page(Treatment, "add"), code="hip-replacement", category=other.category_id,
        specialty=other.specialty_id, procedures=[procedure.pk], name_en="Hip replacement", name_ar="استبدال الورك",
        hospital_days="5", stay_days="14",
    )  # fmt: skip
    assert errors == ""
    treatment = Treatment.objects.get(code="hip-replacement")
    assert (treatment.name_ar, treatment.stay_days) == ("استبدال الورك", 14)
    assert list(treatment.procedures.all()) == [procedure]


def test_a_refusal_of_the_service_stands_at_its_field(browser, platform_admin):
    treatment = TreatmentFactory()
    errors = send(browser(platform_admin), page(Treatment, "change", treatment.pk), hospital_days="9", stay_days="3")
    assert "stay_days" in errors
    assert "cannot be fewer" in errors


def test_hospital_staff_make_an_offer_of_their_own_hospital(browser, hospital, hospital_admin):
    treatment = TreatmentFactory()
    client = browser(hospital_admin)
    errors = send(client, page(Offer, "add"), treatment=treatment.pk, price="480000.50", inclusions_en="Surgeon\nWard")
    assert errors == "", "the hospital and its currency are filled in"
    offer = Offer.objects.get()
    assert (offer.hospital, offer.currency, offer.inclusions_en) == (hospital, "INR", "Surgeon\nWard")

    url = page(Offer, "change", offer.pk)
    assert client.get(url).context["adminform"].form.initial["price"].as_tuple().exponent == -2, "as rupees have"
    assert "at most 0 decimal places" in send(client, url, currency="JPY", price="10.5")
    assert send(client, url, price="500000") == ""
    offer.refresh_from_db()
    assert offer.price == 500_000


def test_hospital_staff_cannot_offer_for_another_hospital(browser, hospital_admin, other_hospital):
    treatment = TreatmentFactory()
    errors = send(
        browser(hospital_admin), page(Offer, "add"), hospital=other_hospital.pk, treatment=treatment.pk, price="5"
    )
    assert "hospital" in errors
    assert not Offer.objects.exists()


def test_hospital_staff_read_the_catalogue_and_do_not_change_it(browser, hospital_admin):
    treatment = TreatmentFactory()
    client = browser(hospital_admin)
    assert client.get(page(Treatment, "change", treatment.pk)).status_code == 200
    assert client.post(page(Treatment, "change", treatment.pk), {"name_en": "x"}).status_code == 403
    assert client.get(page(Package, "changelist")).status_code == 403


def test_a_package_is_saved_with_its_seasons_at_once(browser, platform_admin):
    package = PackageFactory()
    season = SeasonFactory(package=package)
    client, url = browser(platform_admin), page(Package, "change", package.pk)
    new = {
        "seasons-TOTAL_FORMS": 2, "seasons-1-package": package.pk, "seasons-1-name_en": "Spring",
        "seasons-1-starts_on": "2027-03-01", "seasons-1-ends_on": "2027-03-31", "seasons-1-price": "650000",
    }  # fmt: skip
    assert send(client, url, days="21", **new) == ""
    package.refresh_from_db()
    assert package.days == 21
    assert [str(row) for row in package.seasons.order_by("starts_on")] == ["High season", "Spring"]
    assert package.seasons.filter(pk=season.pk).exists(), "the one that stays keeps its texts"

    overlapping = {"seasons-1-starts_on": "2027-01-15"}
    assert "some of these days" in send(client, url, **overlapping)
    assert send(client, url, **{"seasons-0-DELETE": "on"}) == ""
    assert [str(row) for row in package.seasons.all()] == ["Spring"]


def test_a_package_changes_its_currency_with_all_its_prices(browser, platform_admin):
    package = PackageFactory()
    SeasonFactory(package=package)
    client, url = browser(platform_admin), page(Package, "change", package.pk)
    assert send(client, url, currency="USD") != "", "an amount in rupees is none in dollars"
    assert send(client, url, currency="USD", price="7000", **{"seasons-0-price": "8000"}) == ""
    package.refresh_from_db()
    assert (package.currency, package.price, package.seasons.get().price) == ("USD", 7000, 8000)


def test_a_package_is_added_in_one_go(browser, platform_admin):
    other = PackageFactory()
    errors = send(
        browser(platform_admin), page(Package, "add"), code="heart-week", name_en="Heart week", country="IN", days="7",
        price="300000", currency="INR", treatments=[row.pk for row in other.treatments.all()],
        hospitals=[row.pk for row in other.hospitals.all()],
    )  # fmt: skip
    assert errors == ""
    assert set(Package.objects.get(code="heart-week").hospitals.all()) == set(other.hospitals.all())


@pytest.mark.parametrize("model", [Treatment, Offer, Package, Hospital])
def test_what_others_refer_to_is_deactivated_and_never_removed(browser, platform_admin, model):
    package = PackageFactory()
    row = package if model is Package else model.objects.first()
    assert browser(platform_admin).post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


# --- a hospital's own things -----------------------------------------------------------------------------------------


def gallery(index, **values):
    return {f"images-{index}-{name}": value for name, value in values.items()}


def test_staff_put_pictures_in_caption_order_and_take_them_out(browser, hospital, hospital_admin):
    first, second = (HospitalImageFactory(hospital=hospital, position=number) for number in (0, 1))
    upload = StoredFileFactory(owner=hospital_admin)
    client, url = browser(hospital_admin), page(Hospital, "change", hospital.pk)
    assert send(
        client, url, **{"images-TOTAL_FORMS": 3}, **gallery(0, caption_ar="المدخل"),
        **gallery(2, file=upload.pk, hospital=hospital.pk, caption_en="A ward", position="0"),
    ) == ""  # fmt: skip
    order = list(HospitalImage.objects.filter(hospital=hospital).order_by("position"))
    assert [image.file_id for image in order] == [first.file_id, second.file_id, upload.pk]
    assert [image.position for image in order] == [0, 1, 2]
    first.refresh_from_db()
    assert first.caption_ar == "المدخل"

    assert send(client, url, **gallery(2, position="0")) == ""
    assert HospitalImage.objects.get(hospital=hospital, position=0).file_id == upload.pk, "the one that was moved"
    assert send(client, url, **gallery(0, DELETE="on")) == ""
    assert [row.position for row in HospitalImage.objects.order_by("position")] == [0, 1]


def test_a_picture_is_chosen_from_ones_own_uploads(browser, hospital, hospital_admin):
    foreign = StoredFileFactory()
    client, url = browser(hospital_admin), page(Hospital, "change", hospital.pk)
    new = {"images-TOTAL_FORMS": 1, **gallery(0, file=foreign.pk, hospital=hospital.pk)}
    assert "Select a valid choice" in send(client, url, **new)
    assert "logo" in send(client, url, logo=foreign.pk)
    paper = DocumentFactory(owner=hospital_admin)
    assert "logo" in send(client, url, logo=paper.pk), "and a paper is no picture"


def test_what_a_colleague_uploaded_stays_when_the_page_is_saved(browser, hospital, hospital_admin):
    hospital.logo = StoredFileFactory()
    hospital.save()
    HospitalImageFactory(hospital=hospital)
    client, url = browser(hospital_admin), page(Hospital, "change", hospital.pk)
    assert send(client, url, beds="77") == ""
    hospital.refresh_from_db()
    assert (hospital.beds, hospital.logo is not None, hospital.images.count()) == (77, True, 1)


def test_staff_hand_in_papers_and_submit_the_page(browser, platform_admin):
    hospital = HospitalFactory(verification=Verification.PENDING)
    staff = HospitalStaffFactory(hospital=hospital).user
    client, url = browser(staff), page(Hospital, "change", hospital.pk)
    assert "description" in client.get(url).content.decode(), "the page says what is missing"
    paper = DocumentFactory(owner=staff)
    hospital.specialties.add(ProcedureFactory().specialty)
    papers = {
        "documents-TOTAL_FORMS": 1, "documents-0-kind": "licence", "documents-0-file": paper.pk,
        "documents-0-hospital": hospital.pk,
    }  # fmt: skip
    assert send(client, url, description_en="By the sea.", address="1 Beach Rd", email="a@example.com", **papers) == ""
    assert HospitalDocument.objects.get().file == paper
    move(client, hospital, "pending")
    hospital.refresh_from_db()
    assert hospital.onboarded_at is not None
    assert "Submit for verification" not in client.get(url).content.decode()


def test_an_accreditation_waits_for_an_admin_and_again_after_a_change(
    browser, hospital, hospital_admin, platform_admin
):
    body = AccreditationBodyFactory()
    client = browser(hospital_admin)
    assert send(client, page(Accreditation, "add"), body=body.pk, number="JCI-1", expires_on="2030-01-31") == ""
    accreditation = Accreditation.objects.get()
    assert (accreditation.hospital, accreditation.verification) == (hospital, "pending")
    assert "not be approved" not in move(browser(platform_admin), accreditation, "approved").content.decode()
    accreditation.refresh_from_db()
    assert accreditation.verification == Verification.APPROVED
    url = page(Accreditation, "change", accreditation.pk)
    assert send(browser(hospital_admin), url, number="JCI-2") == ""
    accreditation.refresh_from_db()
    assert accreditation.verification == Verification.PENDING
    client.post(page(Accreditation, "delete", accreditation.pk), {"post": "yes"})
    assert not Accreditation.objects.exists()


def test_staff_do_not_verify_their_own_accreditation(browser, hospital, hospital_admin):
    accreditation = AccreditationFactory(hospital=hospital, verification=Verification.PENDING)
    move(browser(hospital_admin), accreditation, "approved")
    accreditation.refresh_from_db()
    assert accreditation.verification == Verification.PENDING


@pytest.fixture
def of_others(other_hospital):
    doctor = DoctorFactory()
    return [
        OfferFactory(hospital=other_hospital), AccreditationFactory(hospital=other_hospital),
        HospitalImageFactory(hospital=other_hospital), AffiliationFactory(hospital=other_hospital, doctor=doctor),
        doctor, other_hospital,
    ]  # fmt: skip


def test_staff_find_nothing_of_another_hospital(browser, hospital_admin, hospital, of_others):
    OfferFactory(hospital=hospital)
    HospitalDocumentFactory(hospital=of_others[-1])
    client = browser(hospital_admin)
    for row in of_others:
        model = type(row)
        listing = client.get(page(model, "changelist")).content.decode()
        assert str(row.pk) not in listing, model.__name__
        for name in ("change", "history", "delete"):
            assert client.get(page(model, name, row.pk)).status_code in {302, 403}, (model.__name__, name)


def test_staff_propose_a_listed_doctor_who_then_has_the_word(browser, hospital, hospital_admin):
    doctor, waiting = DoctorFactory(), DoctorFactory(verification="pending")
    client = browser(hospital_admin)
    asked = {"app_label": "hospitals", "model_name": "affiliation", "field_name": "doctor", "term": ""}
    offered = {row["id"] for row in client.get("/admin/autocomplete/", asked).json()["results"]}
    assert str(doctor.pk) in offered
    assert str(waiting.pk) not in offered
    assert send(client, page(Affiliation, "add"), doctor=doctor.pk, hospital=hospital.pk, department_en="Heart") == ""
    affiliation = Affiliation.objects.get(doctor=doctor)
    assert (affiliation.status, affiliation.doctor_agreed_at) == ("pending", None)


# --- licences --------------------------------------------------------------------------------------------------------


def test_an_admin_corrects_and_removes_a_licence(browser, platform_admin):
    doctor = DoctorFactory(licence=None)
    client = browser(platform_admin)
    added = send(client, page(Licence, "add"), doctor=doctor.pk, number="TN-1", country="IN", expires_on="2031-05-01")
    assert added == ""
    licence = Licence.objects.get()
    assert licence.verification == Verification.PENDING
    assert send(client, page(Licence, "change", licence.pk), number="TN-2") == ""
    licence.refresh_from_db()
    assert (licence.number, licence.expires_on) == ("TN-2", date(2031, 5, 1))
    client.post(page(Licence, "delete", licence.pk), {"post": "yes"})
    assert not Licence.objects.exists()


def test_rejecting_the_only_licence_says_what_it_costs(browser, platform_admin):
    doctor = DoctorFactory()
    licence = doctor.licences.get()
    client = browser(platform_admin)
    assert "off the list" in client.get(page(Licence, "move", licence.pk, "rejected")).content.decode()
    LicenceFactory(doctor=doctor, number="OTHER")
    assert "off the list" not in client.get(page(Licence, "move", licence.pk, "rejected")).content.decode()


def test_lists_take_the_same_queries_at_any_number_of_rows(browser, platform_admin, django_assert_max_num_queries):
    client = browser(platform_admin)
    taken = {}
    for _ in range(2):
        for _ in range(4):
            hospital = HospitalFactory()
            OfferFactory(hospital=hospital)
            AccreditationFactory(hospital=hospital)
            HospitalImageFactory(hospital=hospital)
            DoctorFactory()
        for model in (Treatment, Offer, Accreditation, HospitalImage, Licence, Procedure):
            with django_assert_max_num_queries(22) as captured:
                client.get(page(model, "changelist"))
            assert len(captured) <= taken.setdefault(model, len(captured)), model.__name__

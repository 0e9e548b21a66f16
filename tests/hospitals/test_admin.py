"""The directory's pages in the admin: what admins keep, what hospital staff keep of their own, and the moves."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.hospitals import services
from apps.hospitals.models import Accreditation, Affiliation, Doctor, Hospital, HospitalStaff, Licence, Specialty
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import (
    AccreditationFactory,
    AffiliationFactory,
    DoctorFactory,
    HospitalFactory,
    LicenceFactory,
    SpecialtyFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def page(model, name, *args):
    return reverse(f"admin:hospitals_{model.__name__.lower()}_{name}", args=args)


def move(client, obj, to, note=""):
    """Press a move's button and confirm; the page one lands on."""
    url = page(type(obj), "move", obj.pk, to)
    seen = getattr(obj, "verification", None) or obj.status
    return client.post(url, {"seen": seen, "note": note}, follow=True)


def filled(client, url, **changes):
    """The form as the page shows it, with these changes: what a browser would send."""
    response = client.get(url)
    assert response.status_code == 200
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if bound.field.widget.__class__.__name__.startswith("SplitDateTime") or value is None or value is False:
                continue
            data[bound.html_name] = value
    if hasattr(forms[0], "edited_from"):
        data["_edited_from"] = forms[0].edited_from
    return data | changes


PAGES = [
    (model, name) for model in (Specialty, Hospital, Doctor, Affiliation) for name in ("changelist", "add", "change")
]


@pytest.fixture
def rows(doctor, hospital):
    return {
        Specialty: doctor.specialty,
        Hospital: hospital,
        Doctor: doctor,
        Affiliation: Affiliation.objects.get(doctor=doctor),
    }


@pytest.mark.parametrize(("model", "name"), PAGES)
def test_every_page_opens_for_an_admin(browser, platform_admin, rows, model, name):
    expected = 403 if (model, name) == (Doctor, "add") else 200
    args = [rows[model].pk] if name == "change" else []
    assert browser(platform_admin).get(page(model, name, *args)).status_code == expected


@pytest.mark.parametrize(("model", "name"), PAGES)
def test_hospital_staff_open_their_own_and_ask_doctors_to_join(browser, hospital_admin, rows, model, name):
    expected = 403 if name == "add" and model is not Affiliation else 200
    args = [rows[model].pk] if name == "change" else []
    assert browser(hospital_admin).get(page(model, name, *args)).status_code == expected


@pytest.mark.parametrize("model", [Hospital, Doctor, Affiliation])
def test_hospital_staff_do_not_find_anothers(browser, other_hospital_admin, rows, model):
    client = browser(other_hospital_admin)
    assert str(rows[model].pk) not in client.get(page(model, "changelist")).content.decode()
    response = client.get(page(model, "change", rows[model].pk))
    assert (response.status_code, response.url) == (302, reverse("admin:index"))


def test_an_admin_adds_a_hospital_in_two_languages(browser, platform_admin):
    specialty = SpecialtyFactory()
    client = browser(platform_admin)
    data = filled(
        client, page(Hospital, "add"), name_en="Petra", name_ar="البتراء", city_en="Amman", country="JO",
        time_zone="Asia/Amman", currency="JOD", specialties=[specialty.pk],
    )  # fmt: skip
    response = client.post(page(Hospital, "add"), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    hospital = Hospital.objects.get()
    assert (hospital.name_en, hospital.name_ar, hospital.verification) == ("Petra", "البتراء", "pending")
    assert list(hospital.specialties.all()) == [specialty]


@pytest.mark.parametrize(
    ("model", "make", "whole"),
    [
        (Affiliation, AffiliationFactory, "hospitals_doctor"),
        (Licence, lambda: LicenceFactory(doctor=DoctorFactory()), "hospitals_doctor"),
        (Accreditation, AccreditationFactory, "hospitals_hospital"),
    ],
)
def test_saving_a_page_locks_in_the_order_of_the_services_so_that_neither_waits_for_the_other(
    browser, platform_admin, model, make, whole
):
    client, row = browser(platform_admin), make()
    data = filled(client, page(model, "change", row.pk))
    with CaptureQueriesContext(connection) as queries:
        assert client.post(page(model, "change", row.pk), data).status_code == 302
    locks = [query["sql"] for query in queries if " FOR " in query["sql"]]
    assert f'FROM "{whole}"' in locks[0]
    assert f'FROM "{model._meta.db_table}"' in locks[1]
    assert all(" FOR NO KEY UPDATE" in sql for sql in locks), "whoever only refers to a row waits for none"


def test_staff_correct_their_page_but_cannot_deactivate_it(browser, hospital, hospital_admin):
    client, url = browser(hospital_admin), page(Hospital, "change", hospital.pk)
    data = filled(client, url, description_fr="Au bord de la mer.", beds="90")
    data.pop("is_active", None)
    assert client.post(url, data).status_code == 302
    hospital.refresh_from_db()
    assert (hospital.description_fr, hospital.beds, hospital.is_active) == ("Au bord de la mer.", 90, True)


def test_admins_say_who_works_for_a_hospital(browser, platform_admin, hospital, hospital_admin, patient):
    newcomer = UserFactory(role="hospital_admin")
    client, url = browser(platform_admin), page(Hospital, "change", hospital.pk)
    data = filled(client, url)
    data |= {"staff_links-TOTAL_FORMS": 2, "staff_links-1-user": newcomer.pk, "staff_links-1-hospital": hospital.pk}
    assert client.post(url, data).status_code == 302
    assert set(HospitalStaff.objects.values_list("user", flat=True)) == {hospital_admin.pk, newcomer.pk}

    data["staff_links-1-user"] = patient.user_id
    response = client.post(url, filled(client, url) | {
        "staff_links-TOTAL_FORMS": 3, "staff_links-2-user": patient.user_id, "staff_links-2-hospital": hospital.pk,
    })  # fmt: skip
    assert response.status_code == 200
    assert "Hospital staff" in response.content.decode()
    assert HospitalStaff.objects.count() == 2


def test_an_admin_approves_a_doctor_with_what_was_proposed(browser, platform_admin, hospital):
    doctor = DoctorFactory(verification=Verification.PENDING)
    AffiliationFactory(doctor=doctor, hospital=hospital, status=AffiliationStatus.PENDING)
    client = browser(platform_admin)
    asked = client.get(page(Doctor, "move", doctor.pk, "approved")).content.decode()
    assert hospital.name in asked, "the page says what takes effect"
    move(client, doctor, "approved")
    doctor.refresh_from_db()
    assert doctor.verification == Verification.APPROVED
    assert Affiliation.objects.get().status == AffiliationStatus.ACTIVE
    assert Message.objects.filter(recipient=doctor.user).exists()


def test_an_incomplete_doctor_cannot_be_approved_and_the_page_says_why(browser, platform_admin):
    doctor = DoctorFactory(verification=Verification.PENDING, licence=None)
    client = browser(platform_admin)
    assert "incomplete" in client.get(page(Doctor, "change", doctor.pk)).content.decode()
    assert "incomplete" in move(client, doctor, "approved").content.decode()
    doctor.refresh_from_db()
    assert doctor.verification == Verification.PENDING


def test_a_rejection_asks_for_a_reason(browser, platform_admin, hospital):
    client = browser(platform_admin)
    move(client, hospital, "rejected", note=" ")
    assert Hospital.objects.get().verification == Verification.APPROVED
    move(client, hospital, "rejected", note="The accreditation has lapsed.")
    hospital.refresh_from_db()
    assert (hospital.verification, hospital.rejection_reason) == ("rejected", "The accreditation has lapsed.")


@pytest.mark.parametrize("who", ["hospital_admin", "coordinator", "support_agent", "translator"])
def test_nobody_else_verifies(browser, request, hospital, doctor, who):
    client = browser(request.getfixturevalue(who))
    for row in [hospital, doctor]:
        move(client, row, "rejected", note="No.")
        row.refresh_from_db()
        assert row.verification == Verification.APPROVED


def test_staff_end_an_affiliation_of_their_own_hospital_only(browser, hospital_admin, rows, other_doctor):
    client = browser(hospital_admin)
    own, other = rows[Affiliation], Affiliation.objects.get(doctor=other_doctor)
    move(client, own, "ended")
    move(client, other, "ended")
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.status, other.status) == (AffiliationStatus.ENDED, AffiliationStatus.ACTIVE)


def test_staff_activate_what_a_verified_doctor_proposed(browser, hospital, hospital_admin, other_doctor):
    proposed = AffiliationFactory(
        doctor=other_doctor, hospital=hospital, status=AffiliationStatus.PENDING, is_primary=True
    )
    move(browser(hospital_admin), proposed, "active")
    proposed.refresh_from_db()
    assert (proposed.status, proposed.is_primary) == (AffiliationStatus.ACTIVE, False), "another primary is set"


def test_an_affiliation_waits_for_its_doctors_verification(browser, hospital, hospital_admin):
    doctor = DoctorFactory(verification=Verification.PENDING)
    proposed = AffiliationFactory(doctor=doctor, hospital=hospital, status=AffiliationStatus.PENDING)
    response = move(browser(hospital_admin), proposed, "active")
    assert "not been verified" in response.content.decode()
    proposed.refresh_from_db()
    assert proposed.status == AffiliationStatus.PENDING


def test_an_admin_adds_and_changes_an_affiliation(browser, platform_admin, other_doctor, hospital):
    client = browser(platform_admin)
    url = page(Affiliation, "add")
    data = filled(client, url, doctor=other_doctor.pk, hospital=hospital.pk, department_en="Heart")
    assert client.post(url, data).status_code == 302
    affiliation = Affiliation.objects.get(hospital=hospital)
    assert (affiliation.status, affiliation.department) == (AffiliationStatus.ACTIVE, "Heart")

    url = page(Affiliation, "change", affiliation.pk)
    assert client.post(url, filled(client, url, position_en="Head")).status_code == 302
    refused = client.post(url, filled(client, url, is_primary="on"))
    assert "another primary hospital" in refused.content.decode()
    affiliation.refresh_from_db()
    assert (affiliation.position, affiliation.is_primary) == ("Head", False)


def test_what_is_over_is_not_changed(browser, platform_admin, rows):
    affiliation = rows[Affiliation]
    services.end_affiliation(affiliation.hospital, affiliation.doctor, by=platform_admin)
    client, url = browser(platform_admin), page(Affiliation, "change", affiliation.pk)
    response = client.post(url, filled(client, url, position_en="Head"))
    assert "can no longer be changed" in response.content.decode()


def test_an_admin_corrects_a_doctor(browser, platform_admin, doctor):
    urology = SpecialtyFactory(code="urology", name="Urology")
    client, url = browser(platform_admin), page(Doctor, "change", doctor.pk)
    data = filled(client, url, languages="en, ar", bio_ar="قلب", specialty=urology.pk)
    response = client.post(url, data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    doctor.refresh_from_db()
    assert (doctor.languages, doctor.bio_ar) == (["en", "ar"], "قلب")
    assert doctor.specialty == urology


@pytest.mark.parametrize("term", ["petra", "centre", "البتراء", "amman petra"])
def test_hospitals_are_found_by_words_in_any_language(browser, platform_admin, term):
    HospitalFactory(name="Petra Medical Centre", name_ar="البتراء", city="Amman")
    HospitalFactory(name="Other")
    found = browser(platform_admin).get(page(Hospital, "changelist"), {"q": term}).context["cl"]
    assert [hospital.name for hospital in found.result_list] == ["Petra Medical Centre"]


def test_doctors_are_found_by_either_name_or_e_mail(browser, platform_admin):
    doctor = DoctorFactory(user__first_name="Ana", user__last_name="de Souza", user__email="ana@example.com")
    DoctorFactory()
    client = browser(platform_admin)
    for term in ["de souza", "souza", "ana", "ANA@EX"]:
        assert list(client.get(page(Doctor, "changelist"), {"q": term}).context["cl"].result_list) == [doctor], term


def test_lists_take_the_same_queries_at_any_number_of_rows(
    browser, platform_admin, hospital, django_assert_max_num_queries
):
    client = browser(platform_admin)
    budgets = {}
    for rows in (3, 30):
        while Affiliation.objects.count() < rows:
            AffiliationFactory(hospital=hospital)
        for model in (Hospital, Doctor, Affiliation):
            with django_assert_max_num_queries(25) as taken:
                client.get(page(model, "changelist"))
            budgets.setdefault(model, len(taken))
            assert len(taken) <= budgets[model], model.__name__

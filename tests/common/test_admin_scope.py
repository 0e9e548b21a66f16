"""What the pages of the admin show to whom: lists, choices, searches, filters, history, previews."""

import uuid

import pytest
from django.urls import reverse

from apps.accounts.roles import Role
from apps.common.models import IdempotencyKey
from apps.hospitals.models import Affiliation, Hospital
from tests.factories.accounts import UserFactory
from tests.factories.bookings import AppointmentFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalStaffFactory, SpecialtyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.admin_pages")]

CANARY = "Canary General"


@pytest.fixture
def foreign(other_hospital):
    """A hospital that the tested hospital's staff have nothing to do with."""
    Hospital.objects.filter(pk=other_hospital.pk).update(name=CANARY, name_en=CANARY)
    other_hospital.refresh_from_db()
    return other_hospital


@pytest.fixture
def foreign_doctor(foreign):
    doctor = DoctorFactory(user=UserFactory(role=Role.DOCTOR, last_name="Canaryson"))
    AffiliationFactory(doctor=doctor, hospital=foreign)
    return doctor


@pytest.fixture
def staff(client, hospital_admin):
    client.force_login(hospital_admin)
    return client


@pytest.fixture
def boss(client, platform_admin):
    client.force_login(platform_admin)
    return client


def url(kind, page="changelist", *args):
    return reverse(f"admin:{kind}_{page}", args=args)


def read(response):
    assert response.status_code == 200, response
    return response.content.decode()


def test_a_list_shows_the_rows_of_visible_to_and_no_others(staff, hospital, foreign):
    page = read(staff.get(url("hospitals_hospital")))
    assert hospital.name in page
    assert CANARY not in page


def test_a_search_does_not_reach_beyond_the_scope(staff, hospital, foreign):
    page = read(staff.get(url("hospitals_hospital"), {"q": "Canary"}))
    assert CANARY not in page


def test_another_hospitals_page_answers_as_a_random_id_does(staff, hospital, foreign):
    for page in ("change", "history", "delete"):
        theirs = staff.get(url("hospitals_hospital", page, foreign.pk))
        random = staff.get(url("hospitals_hospital", page, uuid.uuid4()))
        assert theirs.status_code == random.status_code
        assert theirs.headers.get("Location") == random.headers.get("Location")
        assert CANARY.encode() not in theirs.content


def test_a_bad_id_in_the_address_is_not_a_defect(staff, hospital):
    for page in ("change", "history"):
        assert staff.get(url("hospitals_hospital", page, "not-a-uuid")).status_code == 302


def test_a_form_offers_only_visible_rows(staff, hospital, doctor, foreign, foreign_doctor):
    page = read(staff.get(url("hospitals_affiliation", "add")))
    assert CANARY not in page
    assert "Canaryson" not in page


def test_another_hospitals_id_in_a_form_is_refused_and_nothing_is_saved(staff, hospital, doctor, foreign):
    before = Affiliation.objects.count()
    response = staff.post(url("hospitals_affiliation", "add"), {"doctor": doctor.pk, "hospital": foreign.pk})
    page = read(response)
    assert response.context["adminform"].form.errors.keys() == {"hospital"}
    assert CANARY not in page
    assert Affiliation.objects.count() == before


def test_the_same_form_with_a_hospital_of_ones_own_is_saved(staff, hospital_admin, doctor):
    """The control: what refuses above is the scope."""
    second = HospitalStaffFactory(user=hospital_admin).hospital
    form = {"doctor": doctor.pk, "hospital": second.pk, "department": "New"}
    assert staff.post(url("hospitals_affiliation", "add"), form).status_code == 302
    assert Affiliation.objects.get(doctor=doctor, hospital=second).department == "New"


def test_an_autocomplete_gives_only_visible_rows(staff, doctor, foreign_doctor):
    query = {"app_label": "hospitals", "model_name": "affiliation", "field_name": "doctor", "term": ""}
    found = staff.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(doctor.pk)]


def test_a_filter_offers_only_visible_rows(staff, hospital, doctor, foreign, foreign_doctor):
    page = read(staff.get(url("hospitals_affiliation")))
    assert hospital.name in page
    assert CANARY not in page


def test_a_guessed_id_in_a_filter_is_not_answered_with_its_name(staff, doctor, foreign_doctor):
    page = read(staff.get(url("hospitals_affiliation"), {"doctor__id__exact": foreign_doctor.pk}))
    assert "Canaryson" not in page


def test_the_platforms_staff_find_that_name(boss, doctor, foreign_doctor):
    """The control: the page does name what its reader may see."""
    page = read(boss.get(url("hospitals_affiliation"), {"doctor__id__exact": foreign_doctor.pk}))
    assert "Canaryson" in page


def test_a_model_that_does_not_say_who_sees_its_rows_shows_none(boss, platform_admin):
    IdempotencyKey.objects.create(user=platform_admin, key="canary-key", fingerprint="x")
    assert "canary-key" not in read(boss.get(url("common_idempotencykey")))


def test_only_declared_filters_work_in_the_address(boss, platform_admin):
    """Otherwise `?password__startswith=` would tell the hash letter by letter."""
    assert boss.get(url("accounts_user"), {"password__startswith": "x"}).status_code == 400
    assert boss.get(url("hospitals_hospital"), {"rejection_reason__contains": "x"}).status_code == 400
    assert boss.get(url("hospitals_hospital"), {"verification__exact": "approved"}).status_code == 200


def test_a_history_shows_what_changed_and_who_did_it(boss, platform_admin, hospital):
    Hospital.objects.filter(pk=hospital.pk).update(beds=120)
    page = read(boss.get(url("hospitals_hospital", "history", hospital.pk)))
    assert "Changed" in page
    assert "120" in page


def test_a_history_tells_no_values_of_fields_that_its_reader_does_not_find_on_the_page(
    client, platform_admin, hospital_admin, hospital
):
    Hospital.objects.filter(pk=hospital.pk).update(verification="rejected", rejection_reason="Canary reason", beds=77)
    history = url("hospitals_hospital", "history", hospital.pk)
    client.force_login(platform_admin)
    assert "Canary reason" in read(client.get(history))
    client.force_login(hospital_admin)
    page = read(client.get(history))
    assert "77" in page
    assert "Canary reason" not in page
    assert "the values are not shown" in page


def test_a_history_names_no_row_that_its_reader_may_not_see(staff, hospital, doctor, foreign):
    link = Affiliation.objects.get(doctor=doctor, hospital=hospital)
    Affiliation.objects.filter(pk=link.pk).update(hospital=foreign)
    Affiliation.objects.filter(pk=link.pk).update(hospital=hospital)
    page = read(staff.get(url("hospitals_affiliation", "history", link.pk)))
    assert CANARY not in page
    assert str(foreign.pk) not in page
    assert hospital.name in page


def test_a_deletions_preview_counts_rows_and_names_none(boss, hospital, doctor):
    page = read(boss.get(url("hospitals_hospital", "delete", hospital.pk)))
    assert "Affiliations: 1" in page
    assert str(doctor) not in page


def test_what_stands_in_the_way_of_a_deletion_is_counted_too(boss):
    specialty = SpecialtyFactory()
    DoctorFactory(specialty=specialty, user=UserFactory(role=Role.DOCTOR, last_name="Canaryson"))
    page = read(boss.get(url("hospitals_specialty", "delete", specialty.pk)))
    assert "Doctors: 1" in page
    assert "Canaryson" not in page


def test_a_deletion_that_something_stands_in_the_way_of_is_refused_in_words(boss):
    specialty = SpecialtyFactory()
    DoctorFactory(specialty=specialty)
    page = read(boss.post(url("hospitals_specialty", "delete", specialty.pk), {"post": "yes"}, follow=True))
    assert "Doctors: 1" in page
    assert type(specialty).objects.filter(pk=specialty.pk).exists()


def test_deleting_needs_the_right_to_delete_what_goes_with_it(boss, hospital):
    """Platform admins remove hospitals, but no appointment."""
    AppointmentFactory(affiliation=AffiliationFactory(hospital=hospital))
    boss.post(url("hospitals_hospital", "delete", hospital.pk), {"post": "yes"})
    assert Hospital.objects.filter(pk=hospital.pk).exists()


def test_a_role_without_the_permission_does_not_get_in(client, translator, hospital):
    client.force_login(translator)
    assert client.get(url("bookings_appointment")).status_code == 403


def test_rows_beside_an_object_are_scoped_too(staff, hospital, doctor, foreign_doctor):
    page = read(staff.get(url("hospitals_hospital", "change", hospital.pk)))
    assert doctor.user.last_name in page
    assert "Canaryson" not in page

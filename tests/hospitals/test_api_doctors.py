"""Doctors over the API: the public list, the profile, verification, and who practises where."""

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common import texts
from apps.hospitals import services
from apps.hospitals.models import Affiliation, Doctor, DoctorDocument, Qualification
from apps.hospitals.workflow import AffiliationStatus, Verification
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import (
    AffiliationFactory,
    DoctorFactory,
    HospitalFactory,
    LicenceFactory,
    SpecialtyFactory,
)
from tests.factories.media import DocumentFactory, StoredFileFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/doctors"
OWN = f"{LIST}/me"
CANARY = "CANARY-7391"


def one(doctor):
    return f"{LIST}/{doctor.pk}"


def at(hospital, doctor=None):
    return f"/api/v1/hospitals/{hospital.pk}/doctors" + (f"/{doctor.pk}" if doctor else "")


def last_names(response):
    assert response.status_code == 200, response.content
    return [row["last_name"] for row in response.json()["data"]]


@pytest.fixture
def newcomer(db):
    return services.open_profile(UserFactory(role=Role.DOCTOR))


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor,
         other_doctor, patient):  # fmt: skip
    return {
        "anonymous": None,
        "admin": platform_admin,
        "coordinator": coordinator,
        "support": support_agent,
        "translator": translator,
        "hospital_admin": hospital_admin,
        "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user,
        "other_doctor": other_doctor.user,
        "patient": patient.user,
    }


# --- reading ---


def test_anyone_lists_doctors_who_are_approved_active_and_licensed(api, doctor, newcomer):
    yesterday = timezone.now().date() - timedelta(days=1)
    DoctorFactory(licence__expires_on=yesterday)
    DoctorFactory(licence=None)
    DoctorFactory(licence__verification="pending")
    DoctorFactory(is_active=False)
    DoctorFactory(verification=Verification.REJECTED, rejection_reason=CANARY)
    User.objects.filter(pk=DoctorFactory().user_id).update(is_active=False)
    assert last_names(api().get(LIST)) == [doctor.user.last_name]


@pytest.mark.parametrize(
    "standing",
    [
        {"verification": Verification.PENDING},
        {"verification": Verification.REJECTED, "rejection_reason": "The licence cannot be read."},
        {"is_active": False},
        {"licence__expires_on": date(2020, 1, 1)},
        {},
    ],
)
def test_doctors_read_their_own_profile_with_its_management_whatever_its_standing(api, other_doctor, standing):
    doctor = DoctorFactory(**standing)
    answer = api(doctor.user).get(OWN)
    assert answer.status_code == 200
    profile = answer.json()["data"]
    assert profile["id"] == str(doctor.pk)
    assert profile["management"]["verification"] == doctor.verification
    assert profile["management"]["rejection_reason"] == doctor.rejection_reason


def test_a_doctor_without_a_profile_is_told_so_and_the_others_have_none(api, cast):
    answer = api(UserFactory(role=Role.DOCTOR)).get(OWN)
    assert (answer.status_code, answer.json()["success"], answer.json()["code"]) == (404, False, "not_found")
    statuses = {name: api(user).get(OWN).status_code for name, user in cast.items()}
    assert statuses.pop("anonymous") == 401
    assert {name for name, status in statuses.items() if status == 200} == {"doctor", "other_doctor"}
    assert set(statuses.values()) == {200, 403}


def test_the_public_list_and_profile_hold_nothing_that_is_not_public(api, doctor, hospital, patient):
    doctor.licences.update(number=CANARY, authority=CANARY, document=DocumentFactory(key=f"aa/{CANARY}.pdf"))
    DoctorDocument.objects.create(doctor=doctor, kind="identity", file=DocumentFactory(key=f"bb/{CANARY}.pdf"))
    Qualification.objects.create(doctor=doctor, name="MD", document=DocumentFactory(key=f"cc/{CANARY}.pdf"))
    User.objects.filter(pk=doctor.user_id).update(email=f"{CANARY.lower()}@example.com", phone="+919876543210")
    Affiliation.objects.update(department_en="Heart")
    closed = HospitalFactory(name=CANARY, verification=Verification.PENDING)
    AffiliationFactory(doctor=doctor, hospital=closed, is_primary=False)
    waiting = HospitalFactory(name=f"{CANARY} too")
    AffiliationFactory(doctor=doctor, hospital=waiting, status=AffiliationStatus.PENDING, is_primary=False)
    for client in [api(), api(patient.user)]:
        for url in [LIST, one(doctor), at(hospital)]:
            answer = client.get(url)
            assert answer.status_code == 200
            assert CANARY.lower() not in answer.content.decode().lower()
            assert "9876543210" not in answer.content.decode()
    row = api().get(LIST).json()["data"][0]
    assert [place["name"] for place in row["hospitals"]] == [hospital.name]
    assert row["hospitals"][0]["department"] == "Heart"


def test_a_profile_comes_in_the_language_asked_for_and_says_so(api, doctor, hospital):
    Doctor.objects.update(bio_en="Hearts.", bio_es="Corazones.", title_en="Dr.", practising_since=2010)
    type(hospital).objects.update(name_es="Hospital del Mar")
    data = api().get(one(doctor), {"lang": "es"}).json()["data"]
    assert (data["bio"], data["title"]) == ("Corazones.", "Dr.")
    assert (data["languages"], data["machine"]) == ({"title": "en", "bio": "es"}, [])
    assert data["hospitals"][0]["name"] == "Hospital del Mar"
    languages = data["hospitals"][0]["languages"]
    assert (languages["name"], languages["city"]) == ("es", "en")
    assert data["experience_years"] == timezone.now().year - 2010
    assert (data["consultation_fee"], data["currency"]) == ("1500.00", "INR")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"specialty": "cardiology"}, ["Amaya"]),
        ({"country": "ES"}, ["Amaya"]),
        ({"city": "MADRID"}, ["Amaya"]),
        ({"city": "Mad"}, []),
        ({"is_available": "true"}, ["Amaya"]),
        ({"is_available": "false"}, ["Boyd"]),
        ({"min_rating": "4"}, ["Amaya"]),
        ({"min_rating": "4.21"}, []),
        ({"language": "es"}, ["Amaya"]),
        ({"teleconsult": "true"}, ["Amaya"]),
        ({"currency": "USD"}, ["Amaya", "Boyd"]),
        ({"search": "amaya"}, ["Amaya"]),
        ({"search": "ana AMAYA"}, ["Amaya"]),
        ({"search": "ana boyd"}, []),
        ({"search": "cardiólog"}, ["Amaya"]),
        ({"search": "%"}, []),
        ({"search": "  "}, ["Amaya", "Boyd"]),
        ({"hospital_id": str(uuid.uuid4())}, []),
        ({}, ["Amaya", "Boyd"]),
    ],
)
def test_filters(api, query, found):
    amaya = DoctorFactory(
        user__first_name="Ana", user__last_name="Amaya", specialty=SpecialtyFactory(name_es="Cardiólogía"),
        languages=["es", "en"], offers_teleconsult=True, is_bookable=True, currency="EUR", rating="4.20",
        rating_count=5,
    )  # fmt: skip
    AffiliationFactory(doctor=amaya, hospital=HospitalFactory(country="ES", city="Madrid"))
    DoctorFactory(
        user__first_name="Bob", user__last_name="Boyd", languages=["en"],
        specialty=SpecialtyFactory(code="urology", name="Urology", practitioner="Urologist"), currency="GBP",
    )  # fmt: skip
    assert sorted(last_names(api().get(LIST, query))) == found


def test_a_place_counts_only_while_the_affiliation_is_active_and_the_hospital_listed(api, doctor, hospital):
    client = api()
    query = {"hospital_id": str(hospital.pk)}
    assert len(last_names(client.get(LIST, query))) == len(last_names(client.get(at(hospital)))) == 1
    Affiliation.objects.update(status=AffiliationStatus.PENDING)
    assert last_names(client.get(LIST, query)) == last_names(client.get(at(hospital))) == []
    Affiliation.objects.update(status=AffiliationStatus.ACTIVE)
    type(hospital).objects.update(is_active=False)
    assert last_names(client.get(LIST, query)) == []
    assert client.get(at(hospital)).status_code == 404


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"specialty": "astrology"}, "specialty"),
        ({"hospital_id": "7"}, "hospital_id"),
        ({"is_available": "1"}, "is_available"),
        ({"min_rating": "5.1"}, "min_rating"),
        ({"min_rating": "NaN"}, "min_rating"),
        ({"min_rating": "-1"}, "min_rating"),
        ({"min_rating": "good"}, "min_rating"),
        ({"language": "English"}, "language"),
        ({"country": "Spain"}, "country"),
        ({"currency": "gold"}, "currency"),
        ({"teleconsult": "yes"}, "teleconsult"),
        ({"search": "x" * 101}, "search"),
        ({"fee_min": "10"}, "currency"),
        ({"sort_by": "licence_number"}, "sort_by"),
    ],
)
def test_an_unknown_filter_value_is_refused_by_name(api, doctor, query, named):
    response = api().get(LIST, query)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [named]


@pytest.mark.parametrize(
    "query",
    [{"min_rating": "1e-99999"}, {"next_free_before": "2027-01-31T09:00:00+23:59"}],
)
def test_what_the_database_could_not_read_is_understood_before(api, doctor, query):
    assert api().get(LIST, query).status_code == 200


@pytest.mark.parametrize(("least", "found"), [("4.5", 1), ("4.501", 0), ("4.499", 1)])
def test_the_least_rating_is_the_one_that_is_given(api, doctor, least, found):
    Doctor.objects.update(rating="4.50", rating_count=2)
    assert len(api().get(LIST, {"min_rating": least}).json()["data"]) == found


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({}, ["Rated", "middle", "Old"]),
        ({"sort_by": "rating", "sort_order": "desc"}, ["Rated", "middle", "Old"]),
        ({"sort_by": "rating"}, ["Old", "middle", "Rated"]),
        ({"sort_by": "name"}, ["middle", "Old", "Rated"]),
        ({"sort_by": "name", "sort_order": "desc"}, ["Rated", "Old", "middle"]),
        ({"sort_by": "experience", "sort_order": "desc"}, ["Old", "middle", "Rated"]),
        ({"sort_by": "experience"}, ["Rated", "middle", "Old"]),
        ({"sort_by": "fee"}, ["middle", "Rated", "Old"]),
    ],
)
def test_sorting(api, query, order):
    for last_name, rating, since, fee in [("Rated", 5, 2020, 20), ("Old", 1, 1980, 30), ("middle", 3, 2000, 10)]:
        DoctorFactory(
            user__last_name=last_name, rating=rating, rating_count=1, practising_since=since, consultation_fee=fee,
            currency="EUR",
        )  # fmt: skip
    assert last_names(api().get(LIST, query)) == order


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 404), ("patient", 404), ("doctor", 404), ("hospital_admin", 404), ("translator", 404),
        ("admin", 200), ("coordinator", 200), ("support", 200),
    ],
)  # fmt: skip
def test_who_reads_a_doctor_who_is_not_listed(api, cast, newcomer, who, status):
    assert api(cast[who]).get(one(newcomer)).status_code == status


def test_a_doctor_reads_their_own_profile_while_it_waits(api, newcomer):
    assert api(newcomer.user).get(one(newcomer)).json()["data"]["management"]["verification"] == "pending"


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False), ("patient", False), ("other_doctor", False), ("other_hospital_admin", False),
        ("translator", False), ("hospital_admin", True), ("doctor", True), ("admin", True), ("coordinator", True),
    ],
)  # fmt: skip
def test_the_licence_is_for_the_doctor_and_those_who_keep_the_directory(api, cast, doctor, who, sees):
    doctor.licences.update(number=CANARY)
    response = api(cast[who]).get(one(doctor))
    assert (CANARY in response.content.decode()) is sees
    assert (response.json()["data"]["management"] is not None) is sees


def test_a_hospital_does_not_learn_of_the_doctors_other_hospitals_plans(api, doctor, hospital_admin, other_hospital):
    AffiliationFactory(
        doctor=doctor, hospital=other_hospital, status=AffiliationStatus.PENDING, is_primary=False, department_en=CANARY
    )
    response = api(hospital_admin).get(one(doctor))
    assert CANARY not in response.content.decode()
    assert len(response.json()["data"]["management"]["affiliations"]) == 1
    assert len(api(doctor.user).get(one(doctor)).json()["data"]["management"]["affiliations"]) == 2


def test_a_hospital_the_doctor_has_left_sees_the_public_profile_only(api, doctor, hospital, hospital_admin):
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    assert api(hospital_admin).get(one(doctor)).json()["data"]["management"] is None


# --- what the public profile says ---


def test_the_profile_says_where_the_doctor_is_licensed_and_no_more_of_it(api, doctor):
    doctor.licences.update(country="IN", expires_on=timezone.now().date())
    LicenceFactory(doctor=doctor, country="AE", number="D-1")
    LicenceFactory(doctor=doctor, country="AE", number="D-2")
    LicenceFactory(doctor=doctor, country="TR", verification="pending")
    LicenceFactory(doctor=doctor, country="ES", expires_on=date(2020, 1, 1))
    assert api().get(one(doctor)).json()["data"]["licensed_in"] == ["AE", "IN"]


def test_a_portrait_comes_with_its_thumbnails(api, doctor):
    assert api().get(LIST).json()["data"][0]["portrait"] is None
    file = StoredFileFactory()
    Doctor.objects.update(portrait=file)
    for data in [api().get(LIST).json()["data"][0], api().get(one(doctor)).json()["data"]]:
        assert data["portrait"]["url"].endswith(file.key)
        assert set(data["portrait"]["thumbnails"]) == {"small", "medium", "large"}


def test_what_only_a_machine_has_translated_is_said(api, doctor, hospital):
    with texts.by_machine():
        Doctor.objects.update(bio_en="Hearts.", bio_ar="قلوب.")
        type(hospital).objects.update(name_ar="مستشفى")
    Doctor.objects.update(title_ar="د.")
    Affiliation.objects.update(department_en="Heart", department_ar="القلب")
    arabic = api().get(one(doctor), {"lang": "ar"}).json()["data"]
    assert arabic["machine"] == ["bio"]
    assert arabic["hospitals"][0]["machine"] == ["name"]
    assert api().get(LIST, {"lang": "ar"}).json()["data"][0]["hospitals"][0]["machine"] == ["name"]
    assert api().get(one(doctor), {"lang": "fr"}).json()["data"]["machine"] == ["bio"], "the English is a machine's too"
    texts.set_status(Doctor.objects.get(pk=doctor.pk), "bio", "ar", "approved", by=None)
    assert api().get(one(doctor), {"lang": "ar"}).json()["data"]["machine"] == []


def test_a_biography_in_another_language_is_better_than_none(api, doctor):
    Doctor.objects.update(bio_ar="قلوب.")
    data = api().get(one(doctor), {"lang": "fr"}).json()["data"]
    assert (data["bio"], data["languages"]["bio"]) == ("قلوب.", "ar")


# --- the doctor's file ---


@pytest.fixture
def filed(doctor):
    """A doctor with a paper of each sort."""
    doctor.licences.update(document=DocumentFactory())
    Qualification.objects.create(doctor=doctor, name="MD", document=DocumentFactory())
    DoctorDocument.objects.create(doctor=doctor, kind="identity", file=DocumentFactory())
    return doctor


@pytest.mark.parametrize(
    ("who", "opens", "sees_documents"),
    [
        ("doctor", True, 1), ("admin", True, 1), ("coordinator", False, 0), ("support", False, 0),
        ("hospital_admin", False, 0),
    ],
)  # fmt: skip
def test_papers_are_opened_by_the_doctor_and_platform_admins(api, cast, filed, who, opens, sees_documents):
    management = api(cast[who]).get(one(filed)).json()["data"]["management"]
    papers = [management["licences"][0]["document"], management["qualifications"][0]["document"]]
    assert [paper["url"] is not None for paper in papers] == [opens, opens]
    assert len(management["documents"]) == sees_documents
    assert all(document["file"]["url"] for document in management["documents"])


def test_the_management_says_what_is_missing(api, newcomer):
    client = api(newcomer.user)
    assert client.get(OWN).json()["data"]["management"]["missing"] == ["specialty", "licences"]
    LicenceFactory(doctor=newcomer, verification="rejected", rejection_reason="Unreadable.")
    assert "licences" in client.get(OWN).json()["data"]["management"]["missing"], "a rejected one does not count"
    LicenceFactory(doctor=newcomer, verification="pending")
    assert client.get(OWN).json()["data"]["management"]["missing"] == ["specialty"]

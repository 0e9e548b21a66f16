"""Doctors over the API: the public list, the profile, verification, and who practises where."""

import json
import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import services
from apps.hospitals.models import Affiliation, Doctor
from apps.hospitals.workflow import AffiliationStatus, Verification
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/doctors"
OWN = f"{LIST}/me"
CANARY = "CANARY-7391"
PROFILE = {
    "specialty": "cardiology",
    "licence_number": "TN-1234",
    "licence_country": "IN",
    "bio": {"en": "Hearts.", "hi": "हृदय।"},
    "consultation_fee": "1500",
    "currency": "INR",
    "spoken_languages": ["en", "hi"],
}


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
    DoctorFactory(licence_expires_on=yesterday)
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
        {"licence_expires_on": date(2020, 1, 1)},
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
    doctor.licence_number = CANARY
    doctor.save()
    User.objects.filter(pk=doctor.user_id).update(email=f"{CANARY.lower()}@example.com", phone="+919876543210")
    Affiliation.objects.update(department="Heart")
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
    assert data["languages"] == {"title": "en", "bio": "es"}
    assert data["hospitals"][0]["name"] == "Hospital del Mar"
    assert data["hospitals"][0]["languages"] == {"name": "es", "city": "en"}
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
    Doctor.objects.filter(pk=doctor.pk).update(licence_number=CANARY)
    response = api(cast[who]).get(one(doctor))
    assert (CANARY in response.content.decode()) is sees
    assert (response.json()["data"]["management"] is not None) is sees


def test_a_hospital_does_not_learn_of_the_doctors_other_hospitals_plans(api, doctor, hospital_admin, other_hospital):
    AffiliationFactory(
        doctor=doctor, hospital=other_hospital, status=AffiliationStatus.PENDING, is_primary=False, department=CANARY
    )
    response = api(hospital_admin).get(one(doctor))
    assert CANARY not in response.content.decode()
    assert len(response.json()["data"]["management"]["affiliations"]) == 1
    assert len(api(doctor.user).get(one(doctor)).json()["data"]["management"]["affiliations"]) == 2


def test_a_hospital_the_doctor_has_left_sees_the_public_profile_only(api, doctor, hospital, hospital_admin):
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    assert api(hospital_admin).get(one(doctor)).json()["data"]["management"] is None


# --- writing ---


def test_a_doctor_completes_the_profile_once(api, newcomer, hospital):
    SpecialtyFactory()
    client = api(newcomer.user)
    body = PROFILE | {"affiliations": [{"hospital_id": str(hospital.pk), "is_primary": True}]}
    response = client.post(LIST, body)
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert data["id"] == str(newcomer.pk)
    assert data["spoken_languages"] == ["en", "hi"]
    assert data["management"]["texts"]["bio"]["hi"] == "हृदय।"
    assert [row["status"] for row in data["management"]["affiliations"]] == ["pending"]
    again = client.post(LIST, body)
    assert (again.status_code, again.json()["code"]) == (409, "doctor.already_onboarded")


def test_an_admin_completes_a_doctors_profile(api, platform_admin, newcomer):
    SpecialtyFactory()
    client = api(platform_admin)
    assert list(client.post(LIST, PROFILE).json()["errors"]) == ["user_id"]
    response = client.post(LIST, PROFILE | {"user_id": str(newcomer.user_id)})
    assert (response.status_code, response.json()["data"]["id"]) == (201, str(newcomer.pk))


def test_a_doctor_completes_nobody_elses_profile(api, doctor, newcomer):
    response = api(doctor.user).post(LIST, PROFILE | {"user_id": str(newcomer.user_id)})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["user_id"])
    newcomer.refresh_from_db()
    assert newcomer.onboarded_at is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"specialty": "astrology"}, "specialty"),
        ({"licence_number": ""}, "licence_number"),
        ({"licence_country": "XX"}, "licence_country"),
        ({"currency": ""}, "currency"),
        ({"consultation_fee": "-1"}, "consultation_fee"),
        ({"consultation_fee": "1e99"}, "consultation_fee"),
        ({"spoken_languages": ["en", "Hindi"]}, "spoken_languages.1"),
        ({"bio": {"en": None}}, "bio"),
        ({"affiliations": [{"hospital_id": str(uuid.uuid4())}]}, "affiliations.0.hospital_id"),
        ({"affiliations": [{"hospital_id": "x"}]}, "affiliations.0.hospital_id"),
        ({"affiliations": "x"}, "affiliations.non_field_errors"),
        ({"practising_since": 99999}, "practising_since"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_by_field(api, newcomer, change, named):
    SpecialtyFactory()
    response = api(newcomer.user).post(LIST, PROFILE | change)
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    newcomer.refresh_from_db()
    assert newcomer.onboarded_at is None


def writes(doctor):
    return {
        "create": ("post", LIST, PROFILE),
        "change": ("patch", one(doctor), {"bio": {"en": CANARY}}),
        "delete": ("delete", one(doctor), None),
        "verify": ("patch", f"{one(doctor)}/verify", {"decision": "rejected", "reason": CANARY}),
    }


NOT_WRITERS = [
    (who, act)
    for who in ["anonymous", "coordinator", "support", "translator", "hospital_admin", "other_doctor", "patient"]
    for act in ["create", "change", "delete", "verify"]
    if (who, act) != ("other_doctor", "create")  # that is their own profile
]


@pytest.mark.parametrize(("who", "act"), NOT_WRITERS)
def test_who_may_not_write(api, cast, doctor, who, act):
    method, url, body = writes(doctor)[act]
    response = getattr(api(cast[who]), method)(url, body)
    expected = 401 if who == "anonymous" else 404 if (who, act) == ("other_doctor", "change") else 403
    assert response.status_code == expected, response.content
    doctor.refresh_from_db()
    assert (doctor.verification, doctor.is_active, doctor.bio_en or "") == ("approved", True, "")


def test_a_doctor_changes_the_own_profile_but_not_its_standing(api, doctor):
    client = api(doctor.user)
    assert client.patch(one(doctor), {"consultation_fee": "1800.505"}).json()["data"]["consultation_fee"] == "1800.51"
    for change, code in [
        ({"is_active": False}, "directory.activation_by_admin_only"),
        ({"licence_number": "X"}, "doctor.verified_fields_locked"),
    ]:
        refused = client.patch(one(doctor), change)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    client.patch(one(doctor), {"verification": "pending", "rating": "5", "is_bookable": True})
    doctor.refresh_from_db()
    assert (doctor.verification, doctor.rating, doctor.is_bookable, doctor.is_active) == ("approved", 0, False, True)


def test_an_admin_takes_a_doctor_off_the_list(api, platform_admin, doctor):
    assert api(platform_admin).delete(one(doctor)).status_code == 204
    assert api().get(one(doctor)).status_code == 404


def test_approving_needs_a_complete_profile_and_happens_once(api, platform_admin, newcomer):
    client, url = api(platform_admin), f"{one(newcomer)}/verify"
    refused = client.patch(url, {"decision": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "doctor.profile_incomplete")
    assert set(refused.json()["errors"]) == {"specialty", "licence_number", "licence_country"}
    SpecialtyFactory()
    api(newcomer.user).post(LIST, PROFILE)
    assert client.patch(url, {"decision": "approved"}).json()["data"]["is_verified"] is True
    assert client.patch(url, {"decision": "approved"}).status_code == 409
    assert api().get(one(newcomer)).status_code == 200


# --- who practises where ---


def test_hospital_staff_take_a_doctor_up_and_end_it(api, hospital, hospital_admin, other_doctor):
    client = api(hospital_admin)
    response = client.post(at(hospital), {"doctor_id": str(other_doctor.pk), "department": "Heart"})
    assert response.status_code == 201, response.content
    assert response.json()["data"]["status"] == "active"
    again = client.post(at(hospital), {"doctor_id": str(other_doctor.pk)})
    assert (again.status_code, again.json()["code"]) == (409, "affiliation.exists")
    primary = client.post(at(hospital), {"doctor_id": str(other_doctor.pk), "is_primary": True})
    assert primary.status_code == 409
    assert client.delete(at(hospital, other_doctor)).status_code == 204
    assert client.delete(at(hospital, other_doctor)).status_code == 404


@pytest.mark.parametrize("who", ["anonymous", "coordinator", "doctor", "patient", "support", "other_hospital_admin"])
def test_who_may_not_say_who_practises_where(api, cast, hospital, doctor, other_doctor, who):
    client = api(cast[who])
    expected = {"anonymous": 401, "other_hospital_admin": 404}.get(who, 403)
    assert client.post(at(hospital), {"doctor_id": str(other_doctor.pk)}).status_code == expected
    assert client.delete(at(hospital, doctor)).status_code == expected
    assert Affiliation.objects.active().filter(hospital=hospital).count() == 1


def test_a_hospital_cannot_name_a_doctor_it_may_not_know(api, hospital, hospital_admin, newcomer):
    client = api(hospital_admin)
    unknown = client.post(at(hospital), {"doctor_id": str(uuid.uuid4())})
    unlisted = client.post(at(hospital), {"doctor_id": str(newcomer.pk)})
    assert (unlisted.status_code, list(unlisted.json()["errors"])) == (400, ["doctor_id"])
    assert {**json.loads(unknown.content), "timestamp": ""} == {**json.loads(unlisted.content), "timestamp": ""}
    assert not Affiliation.objects.filter(doctor=newcomer).exists()


def test_a_hospital_takes_up_the_newcomer_who_proposed_it(api, hospital, hospital_admin, newcomer):
    AffiliationFactory(doctor=newcomer, hospital=hospital, status=AffiliationStatus.PENDING)
    response = api(hospital_admin).post(at(hospital), {"doctor_id": str(newcomer.pk), "position": "Head"})
    assert (response.status_code, response.json()["data"]["status"]) == (201, "pending")

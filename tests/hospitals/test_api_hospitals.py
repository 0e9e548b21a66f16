"""Hospitals over the API: what anyone reads, who may write, and that nobody learns of another's."""

import uuid

import pytest

from apps.hospitals.models import Hospital
from apps.hospitals.workflow import Verification
from tests.factories.hospitals import DoctorFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/hospitals"
CANARY = "CANARY-7391"
NEW = {
    "name": {"en": "Petra Medical Centre", "ar": "مركز البتراء الطبي"},
    "city": {"en": "Amman", "ar": "عمّان"},
    "country": "JO",
    "time_zone": "Asia/Amman",
    "currency": "JOD",
    "specialties": ["cardiology"],
}


def one(hospital):
    return f"{LIST}/{hospital.pk}"


def names(response):
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["data"]]


@pytest.fixture
def unlisted(db):
    return HospitalFactory(name="Waiting", verification=Verification.PENDING)


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor, patient):
    return {
        "anonymous": None,
        "admin": platform_admin,
        "coordinator": coordinator,
        "support": support_agent,
        "translator": translator,
        "hospital_admin": hospital_admin,
        "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user,
        "patient": patient.user,
    }


# --- reading ---


def test_anyone_lists_what_is_approved_and_active(api, hospital, unlisted):
    HospitalFactory(name="Closed", is_active=False)
    HospitalFactory(name="Refused", verification=Verification.REJECTED, rejection_reason=CANARY)
    response = api().get(LIST)
    assert names(response) == [hospital.name]
    assert response.json()["meta"]["pagination"]["total_items"] == 1


def test_staff_of_the_platform_find_those_that_wait(api, coordinator, patient, hospital, unlisted):
    assert names(api(coordinator).get(LIST, {"is_verified": "false"})) == ["Waiting"]
    assert names(api(coordinator).get(LIST, {"is_verified": "true"})) == [hospital.name]
    assert names(api(patient.user).get(LIST, {"is_verified": "false"})) == []
    assert names(api().get(LIST, {"is_verified": "false"})) == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("anonymous", 404), ("patient", 404), ("doctor", 404), ("hospital_admin", 404), ("other_hospital_admin", 404),
        ("admin", 200), ("coordinator", 200), ("support", 200), ("translator", 200),
    ],
)  # fmt: skip
def test_who_reads_a_hospital_that_is_not_listed(api, cast, unlisted, who, status):
    assert api(cast[who]).get(one(unlisted)).status_code == status


def test_staff_read_their_own_hospital_while_it_waits(api, hospital, hospital_admin):
    Hospital.objects.update(verification=Verification.REJECTED, rejection_reason="No licence.")
    data = api(hospital_admin).get(one(hospital)).json()["data"]
    assert data["management"]["rejection_reason"] == "No licence."
    assert data["is_verified"] is False


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False), ("patient", False), ("doctor", False), ("other_hospital_admin", False),
        ("hospital_admin", True), ("admin", True), ("coordinator", True),
    ],
)  # fmt: skip
def test_management_is_for_keepers(api, cast, hospital, who, sees):
    data = api(cast[who]).get(one(hospital)).json()["data"]
    assert (data["management"] is not None) is sees


def test_texts_come_in_the_language_asked_for_and_say_so(api, hospital):
    Hospital.objects.update(name_ar="مستشفى", city_en="Chennai")
    hospital.specialties.add(SpecialtyFactory(name_ar="أمراض القلب"))
    response = api().get(one(hospital), headers={"accept-language": "ar"})
    data = response.json()["data"]
    assert response["Content-Language"] == "ar"
    assert (data["name"], data["city"]) == ("مستشفى", "Chennai")
    assert data["languages"] == {"name": "ar", "city": "en", "description": "en"}
    assert data["specialties"][0]["name"] == "أمراض القلب"
    assert data["specialties"][0]["languages"] == {"name": "ar", "practitioner": "en"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"country": "TR"}, ["Bosphorus"]),
        ({"city": "istanbul"}, ["Bosphorus"]),
        ({"city": "إسطنبول"}, ["Bosphorus"]),
        ({"city": "istan"}, []),
        ({"specialization": "cardiology"}, ["Bosphorus"]),
        ({"search": "bosph"}, ["Bosphorus"]),
        ({"search": "BOSPHORUS istanbul"}, ["Bosphorus"]),
        ({"search": "bosphorus amman"}, []),
        ({"search": "cardiolog"}, ["Bosphorus"]),
        ({"search": "cardiologue"}, []),
        ({"search": "100%"}, []),
        ({"search": "_"}, []),
        ({"country": ""}, ["Ankara", "Bosphorus"]),
        ({}, ["Ankara", "Bosphorus"]),
    ],
)
def test_filters(api, query, found):
    bosphorus = HospitalFactory(name="Bosphorus", country="TR", city="Istanbul", city_ar="إسطنبول")
    bosphorus.specialties.add(SpecialtyFactory())
    HospitalFactory(name="Ankara", country="DE", city="Berlin")
    assert sorted(names(api().get(LIST, query))) == found


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "in"}, "country"),
        ({"specialization": "astrology"}, "specialization"),
        ({"is_verified": "maybe"}, "is_verified"),
        ({"search": "x" * 101}, "search"),
        ({"city": "x" * 101}, "city"),
        ({"sort_by": "beds"}, "sort_by"),
        ({"sort_by": "name", "sort_order": "up"}, "sort_order"),
        ({"limit": "0"}, "limit"),
        ({"page": "x"}, "page"),
    ],
)
def test_an_unknown_filter_value_is_refused_by_name(api, hospital, query, named):
    response = api().get(LIST, query)
    assert response.status_code == 400
    assert response.json()["code"] == "request.invalid"
    assert list(response.json()["errors"]) == [named]


def test_names_sort_in_the_language_asked_for_without_regard_to_case(api):
    for name, arabic in [("zeta", "أ"), ("Alpha", "ي"), ("mid", "")]:
        HospitalFactory(name=name, name_ar=arabic)
    assert names(api().get(LIST, {"sort_by": "name"})) == ["Alpha", "mid", "zeta"]
    assert names(api().get(LIST, {"sort_by": "name", "sort_order": "desc"})) == ["zeta", "mid", "Alpha"]
    assert names(api().get(LIST, {"sort_by": "name", "lang": "ar"})) == ["mid", "أ", "ي"]


def test_the_best_rated_come_first_and_the_unrated_last(api):
    for name, rating, count in [("none", 0, 0), ("good", 4, 2), ("best", 4.5, 9)]:
        HospitalFactory(name=name, rating=rating, rating_count=count)
    response = api().get(LIST)
    assert names(response) == ["best", "good", "none"]
    assert [row["rating"] for row in response.json()["data"]] == ["4.50", "4.00", None]


def test_specialties_are_listed_in_the_language_asked_for(api):
    SpecialtyFactory(name_fr="Cardiologie", practitioner_fr="Cardiologue")
    SpecialtyFactory(code="urology", name="Urology", practitioner="Urologist")
    data = api().get("/api/v1/specialties", {"lang": "fr"}).json()["data"]
    assert [(row["code"], row["name"]) for row in data] == [("cardiology", "Cardiologie"), ("urology", "Urology")]
    assert data[1]["languages"] == {"name": "en", "practitioner": "en"}


# --- writing ---


def writes(hospital):
    return {
        "create": ("post", LIST, NEW),
        "change": ("patch", one(hospital), {"description": {"en": CANARY}}),
        "delete": ("delete", one(hospital), None),
        "verify": ("patch", f"{one(hospital)}/verify", {"decision": "rejected", "reason": CANARY}),
    }


NOT_WRITERS = [
    (who, act)
    for who in ["anonymous", "coordinator", "support", "translator", "other_hospital_admin", "hospital_admin", "doctor",
                "patient"]
    for act in ["create", "change", "delete", "verify"]
    if (who, act) != ("hospital_admin", "change")
]  # fmt: skip


@pytest.mark.parametrize(("who", "act"), NOT_WRITERS)
def test_who_may_not_write(api, cast, hospital, who, act):
    SpecialtyFactory()
    method, url, body = writes(hospital)[act]
    response = getattr(api(cast[who]), method)(url, body)
    expected = 401 if who == "anonymous" else 404 if (who, act) == ("other_hospital_admin", "change") else 403
    assert response.status_code == expected, response.content
    hospital.refresh_from_db()
    assert (hospital.verification, hospital.is_active, hospital.description_en or "") == ("approved", True, "")
    assert not Hospital.objects.filter(name_en=NEW["name"]["en"]).exists()


def test_an_admin_adds_a_hospital_that_waits(api, platform_admin):
    SpecialtyFactory()
    response = api(platform_admin).post(LIST, NEW)
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert data["name"] == "Petra Medical Centre"
    assert data["management"]["verification"] == "pending"
    assert data["management"]["texts"]["name"]["ar"] == "مركز البتراء الطبي"
    assert [specialty["code"] for specialty in data["specialties"]] == ["cardiology"]
    assert api().get(f"{LIST}/{data['id']}").status_code == 404


def test_the_same_idempotency_key_adds_one_hospital(api, platform_admin):
    SpecialtyFactory()
    client = api(platform_admin)
    answers = [client.post(LIST, NEW, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [response.status_code for response in answers] == [201, 201]
    assert answers[0].json()["data"] == answers[1].json()["data"]
    assert Hospital.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": "Petra"}, "name"),
        ({"name": {"ar": "البتراء"}}, "name"),
        ({"name": {"en": "Petra", "xx": "?"}}, "name"),
        ({"name": {"en": 7}}, "name"),
        ({"name": {"en": "x" * 201}}, "name"),
        ({"name": None}, "name"),
        ({"country": "XX"}, "country"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "XYZ"}, "currency"),
        ({"specialties": ["astrology"]}, "specialties"),
        ({"specialties": "cardiology"}, "specialties"),
        ({"latitude": "91"}, "latitude"),
        ({"phone": "12"}, "phone"),
        ({"type": "spa"}, "type"),
        ({"beds": -1}, "beds"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_a_hospital_that_cannot_be_is_refused_by_field(api, platform_admin, change, named):
    SpecialtyFactory()
    response = api(platform_admin).post(LIST, NEW | change)
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    assert not Hospital.objects.exists()


@pytest.mark.parametrize("body", [[], "x", 5, None, {"name": {}}])
def test_a_body_of_another_shape_is_refused(api, platform_admin, body):
    assert api(platform_admin).post(LIST, body).status_code == 400


def test_staff_change_their_own_page_but_not_its_standing(api, hospital, hospital_admin):
    client = api(hospital_admin)
    response = client.patch(one(hospital), {"description": {"fr": "Au bord de la mer."}, "beds": 90})
    assert response.status_code == 200
    assert response.json()["data"]["beds"] == 90
    hospital.refresh_from_db()
    assert hospital.description_fr == "Au bord de la mer."

    refused = client.patch(one(hospital), {"is_active": False, "beds": 10})
    assert (refused.status_code, refused.json()["code"]) == (403, "directory.activation_by_admin_only")
    client.patch(one(hospital), {"verification": "rejected", "rating": "5.0", "rating_count": 900})
    hospital.refresh_from_db()
    assert (hospital.is_active, hospital.beds, hospital.verification, hospital.rating_count) == (
        True, 90, "approved", 0,
    )  # fmt: skip


def test_another_hospitals_id_answers_as_a_random_one(api, other_hospital, hospital_admin):
    client = api(hospital_admin)
    other = client.patch(one(other_hospital), {"beds": 1})
    nobody = client.patch(f"{LIST}/{uuid.uuid4()}", {"beds": 1})
    assert (other.status_code, nobody.status_code) == (404, 404)
    assert {**other.json(), "timestamp": ""} == {**nobody.json(), "timestamp": ""}


def test_an_admin_deactivates_and_activates(api, platform_admin, hospital):
    client = api(platform_admin)
    assert client.delete(one(hospital)).status_code == 204
    assert client.delete(one(hospital)).status_code == 204
    assert api().get(one(hospital)).status_code == 404
    assert client.patch(one(hospital), {"is_active": True}).status_code == 200
    assert api().get(one(hospital)).status_code == 200


def test_an_admin_decides_once(api, platform_admin, unlisted):
    client = api(platform_admin)
    url = f"{one(unlisted)}/verify"
    assert client.patch(url, {"decision": "rejected"}).json()["code"] == "verification.reason_required"
    assert client.patch(url, {"decision": "approved"}).status_code == 200
    again = client.patch(url, {"decision": "approved"})
    assert (again.status_code, again.json()["code"]) == (409, "workflow.move_not_allowed")
    assert client.patch(url, {"decision": "pending"}).status_code == 400


def test_bad_ids_are_404_and_never_500(api, platform_admin):
    client = api(platform_admin)
    for url in [f"{LIST}/nonsense", f"{LIST}/{uuid.uuid4()}", f"{LIST}/{uuid.uuid4()}/doctors"]:
        assert client.get(url).status_code == 404, url
    assert client.delete(f"{LIST}/{uuid.uuid4()}/doctors/{DoctorFactory().pk}").status_code == 404

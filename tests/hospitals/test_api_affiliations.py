"""Who practises where, over the API: hospitals ask, doctors answer or propose."""

import json
import uuid

import pytest

from apps.accounts.roles import Role
from apps.hospitals import services
from apps.hospitals.models import Affiliation
from apps.hospitals.workflow import AffiliationStatus
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/doctors"
OWN = f"{LIST}/me"


def one(doctor):
    return f"{LIST}/{doctor.pk}"


def at(hospital, doctor=None):
    return f"/api/v1/hospitals/{hospital.pk}/doctors" + (f"/{doctor.pk}" if doctor else "")


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


def test_a_hospital_asks_the_doctor_confirms_and_it_ends(api, hospital, hospital_admin, other_doctor):
    staff, own = api(hospital_admin), api(other_doctor.user)
    response = staff.post(at(hospital), {"doctor_id": str(other_doctor.pk), "department": {"en": "Heart"}})
    assert response.status_code == 201, response.content
    asked = response.json()["data"]
    assert (asked["status"], asked["awaiting"], asked["department"]) == ("pending", "doctor", "Heart")
    assert api().get(at(hospital)).json()["data"] == []
    primary = staff.post(at(hospital), {"doctor_id": str(other_doctor.pk), "is_primary": True})
    assert (primary.status_code, primary.json()["code"]) == (409, "affiliation.primary_taken")
    assert staff.get(one(other_doctor)).json()["data"]["management"] is None, "asking opens nothing"
    confirm = f"{OWN}/affiliations/{asked['id']}/confirm"
    assert own.post(confirm).json()["data"]["status"] == "active"
    assert own.post(confirm).json()["code"] == "workflow.move_not_allowed"
    assert len(api().get(at(hospital)).json()["data"]) == 1
    again = staff.post(at(hospital), {"doctor_id": str(other_doctor.pk)})
    assert (again.status_code, again.json()["code"]) == (409, "affiliation.exists")
    assert staff.delete(at(hospital, other_doctor)).status_code == 204
    assert staff.delete(at(hospital, other_doctor)).status_code == 404


def test_a_hospital_takes_back_what_it_asked(api, hospital, hospital_admin, other_doctor):
    staff = api(hospital_admin)
    asked = staff.post(at(hospital), {"doctor_id": str(other_doctor.pk)}).json()["data"]
    assert staff.delete(at(hospital, other_doctor)).status_code == 204
    confirm = api(other_doctor.user).post(f"{OWN}/affiliations/{asked['id']}/confirm")
    assert (confirm.status_code, confirm.json()["code"]) == (409, "workflow.move_not_allowed")


def test_a_doctor_proposes_and_takes_back(api, hospital, other_doctor):
    own = api(other_doctor.user)
    proposed = own.post(f"{OWN}/affiliations", {"hospital_id": str(hospital.pk)})
    assert (proposed.status_code, proposed.json()["data"]["awaiting"]) == (201, "hospital")
    again = own.post(f"{OWN}/affiliations", {"hospital_id": str(hospital.pk)})
    assert (again.status_code, again.json()["code"]) == (409, "affiliation.exists")
    declined = own.post(f"{OWN}/affiliations/{proposed.json()['data']['id']}/decline")
    assert (declined.json()["data"]["status"], declined.json()["data"]["awaiting"]) == ("rejected", None)
    unknown = own.post(f"{OWN}/affiliations", {"hospital_id": str(uuid.uuid4())})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["hospital_id"])


def test_nobody_answers_for_another_doctor(api, hospital, doctor, other_doctor):
    asked = AffiliationFactory(
        doctor=other_doctor, hospital=hospital, status="pending", is_primary=False, doctor_agreed_at=None
    )
    for verb in ["confirm", "decline"]:
        assert api(doctor.user).post(f"{OWN}/affiliations/{asked.pk}/{verb}").status_code == 404
        assert api(doctor.user).post(f"{OWN}/affiliations/{uuid.uuid4()}/{verb}").status_code == 404
    asked.refresh_from_db()
    assert asked.status == AffiliationStatus.PENDING


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
    response = api(hospital_admin).post(at(hospital), {"doctor_id": str(newcomer.pk), "position": {"en": "Head"}})
    data = response.json()["data"]
    assert (response.status_code, data["status"], data["awaiting"]) == (201, "pending", "verification")

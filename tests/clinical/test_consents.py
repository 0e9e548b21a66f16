"""Patients consent themselves, on the newest text, and withdraw at any time."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.clinical import rules, services
from apps.clinical.models import ConsentGrant, ConsentText, Guardian
from apps.common.models import IdempotencyKey
from apps.notifications.models import Message
from tests.factories.clinical import PatientFactory
from tests.factories.consent import CareFactory, ConsentTextFactory, GrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def text():
    return ConsentTextFactory()


@pytest.fixture
def address(patient):
    return f"/api/v1/patients/{patient.pk}/consents"


def body(doctor=None, **more):
    who = {"grantee": "doctor", "doctor_id": str(doctor.pk)} if doctor else {}
    until = (timezone.now() + timedelta(days=30)).isoformat()
    return who | {"scopes": ["xray", "profile"], "until": until, "text_version": 1} | more


def minor(**more):
    return PatientFactory(birth_date=date(timezone.now().year - 10, 1, 1), **more)


def test_a_patient_consents_and_gets_a_receipt(api, patient, doctor, address):
    response = api(patient.user).post(address, body(doctor), format="json")
    assert response.status_code == 201
    shown = response.json()["data"]
    assert (shown["state"], shown["scopes"], shown["text_version"]) == ("live", ["profile", "xray"], 1)
    assert shown["doctor"] == {"id": str(doctor.pk), "name": doctor.user.full_name}
    assert shown["text"] == ConsentText.objects.get().body_en
    grant = ConsentGrant.objects.get()
    assert (grant.given_by, grant.language, grant.address) == (patient.user, "en", "127.0.0.1")
    kinds = set(Message.objects.values_list("kind", "recipient"))
    assert ("clinical.consent_receipt", patient.user_id) in kinds
    assert ("clinical.consent_received", doctor.user_id) in kinds


def test_no_message_says_what_was_consented_to_or_by_whom(api, patient, doctor, address):
    api(patient.user).post(address, body(doctor), format="json")
    contexts = [message.context for message in Message.objects.all()]
    assert contexts
    assert all(set(context) == {"reference", "text_version"} for context in contexts)


def test_the_text_comes_in_the_language_asked_for(api, patient):
    shown = api(patient.user).get("/api/v1/consent-texts/current?lang=fr").json()["data"]
    assert (shown["version"], shown["language"], shown["text"]) == (1, "fr", "J’accepte")


def test_the_language_it_was_read_in_is_kept(api, patient, doctor, address):
    shown = api(patient.user).post(f"{address}?lang=ar", body(doctor), format="json").json()["data"]
    assert (shown["language"], shown["text"]) == ("ar", "أوافق")


def test_a_text_that_is_not_the_newest_is_refused(api, patient, doctor, address):
    ConsentTextFactory(version=2)
    ConsentTextFactory(version=3, published_at=None)
    response = api(patient.user).post(address, body(doctor), format="json")
    assert (response.status_code, response.json()["code"]) == (409, "consent.text_outdated")
    assert response.json()["data"] == {"text_version": 2}
    assert not ConsentGrant.objects.exists()
    assert not Message.objects.exists()


def test_a_published_text_never_changes(text):
    for act in (lambda: ConsentText.objects.update(body_en="Otherwise"), lambda: ConsentText.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize("who", ["platform_admin", "coordinator", "hospital_admin", "doctor", "other_patient"])
def test_nobody_consents_for_the_patient(api, request, doctor, address, who):
    user = request.getfixturevalue(who)
    response = api(getattr(user, "user", user)).post(address, body(doctor), format="json")
    assert response.status_code == (404 if who == "other_patient" else 403)
    assert not ConsentGrant.objects.exists()


def test_for_a_minor_a_guardian_consents(api, doctor):
    patient = minor()
    address = f"/api/v1/patients/{patient.pk}/consents"
    refused = api(patient.user).post(address, body(doctor), format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "consent.guardian_needed")
    guardian = Guardian.objects.create(patient=patient, name="Ada Eze", relation="mother", email="ada@example.com")
    given = api(patient.user).post(address, body(doctor, guardian_id=str(guardian.pk)), format="json")
    assert given.json()["data"]["guardian"] == {"id": str(guardian.pk), "name": "Ada Eze"}


def test_for_an_adult_no_guardian_consents(api, patient, doctor, address):
    guardian = Guardian.objects.create(patient=patient, name="Ada Eze", relation="mother", email="ada@example.com")
    response = api(patient.user).post(address, body(doctor, guardian_id=str(guardian.pk)), format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["guardian_id"])


def test_another_patients_guardian_is_nobody(api, doctor):
    patient = minor()
    guardian = Guardian.objects.create(patient=minor(), name="Ada Eze", relation="mother", email="ada@example.com")
    response = api(patient.user).post(
        f"/api/v1/patients/{patient.pk}/consents", body(doctor, guardian_id=str(guardian.pk)), format="json"
    )
    assert (response.status_code, list(response.json()["errors"])) == (400, ["guardian_id"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"doctor_id": None}, "doctor_id"),
        ({"doctor_id": "019364f0-0000-7000-8000-000000000001"}, "doctor_id"),
        ({"hospital_id": "019364f0-0000-7000-8000-000000000001"}, "hospital_id"),
        ({"grantee": "coordination"}, "doctor_id"),
        ({"until": None}, "until"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2199-01-01T00:00:00Z"}, "until"),
        ({"subject_type": "appointment"}, "subject_id"),
    ],
)
def test_what_is_not_a_consent_is_refused(api, patient, doctor, address, changes, field):
    given = {name: value for name, value in (body(doctor) | changes).items() if value is not None}
    response = api(patient.user).post(address, given, format="json")
    assert response.status_code == 400
    assert any(name.startswith(field) for name in response.json()["errors"])
    assert not ConsentGrant.objects.exists()


def test_a_consent_for_the_care_of_an_appointment_lasts_as_long_as_that(api, patient, doctor, hospital, address):
    care = CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    given = body(doctor, subject_type="appointment", subject_id=str(care.subject_id))
    del given["until"]
    shown = api(patient.user).post(address, given, format="json").json()["data"]
    assert shown["state"] == "live"
    services.end_care("appointment", care.subject_id, at=timezone.now())
    assert api(patient.user).get(f"{address}/{shown['id']}").json()["data"]["state"] == "over"


def test_a_consent_for_care_needs_that_care_by_that_doctor(api, patient, other_patient, doctor, other_doctor, address):
    for care in (
        CareFactory(patient=other_patient, doctor=doctor),
        CareFactory(patient=patient, doctor=other_doctor),
        CareFactory(patient=patient, doctor=doctor, ends_at=timezone.now() - timedelta(minutes=1)),
    ):
        given = body(doctor, subject_type="appointment", subject_id=str(care.subject_id))
        response = api(patient.user).post(address, given, format="json")
        assert (response.status_code, response.json()["code"]) == (409, "consent.not_in_care")


def test_withdrawing_is_at_once_and_once(api, patient, doctor, address):
    grant = GrantFactory(patient=patient, doctor=doctor)
    client = api(patient.user)
    first = client.post(f"{address}/{grant.pk}/revoke").json()["data"]
    again = client.post(f"{address}/{grant.pk}/revoke").json()["data"]
    assert first["state"] == "revoked"
    assert again["revoked_at"] == first["revoked_at"]
    assert Message.objects.filter(kind="clinical.consent_ended", channel="email").count() == 1


def test_a_platform_admin_withdraws_for_a_patient_who_asks(api, platform_admin, patient, doctor, address):
    grant = GrantFactory(patient=patient, doctor=doctor)
    assert api(platform_admin).post(f"{address}/{grant.pk}/revoke").status_code == 200
    assert ConsentGrant.objects.get().revoked_by == platform_admin


@pytest.mark.parametrize(("who", "status"), [("coordinator", 403), ("doctor", 403), ("other_patient", 404)])
def test_nobody_else_withdraws(api, request, patient, doctor, address, who, status):
    grant = GrantFactory(patient=patient, doctor=doctor)
    user = request.getfixturevalue(who)
    assert api(getattr(user, "user", user)).post(f"{address}/{grant.pk}/revoke").status_code == status
    assert ConsentGrant.objects.get().revoked_at is None


def test_a_consent_never_changes(patient, doctor):
    grant = GrantFactory(patient=patient, doctor=doctor, scopes=["mri"])
    with pytest.raises(DatabaseError), transaction.atomic():
        ConsentGrant.objects.filter(pk=grant.pk).update(scopes=["mri", "xray"])


def test_a_doctor_reads_the_consents_given_to_them_only(api, patient, doctor, hospital, other_doctor, address):
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    mine = GrantFactory(patient=patient, doctor=doctor)
    GrantFactory(patient=patient, doctor=other_doctor)
    rows = api(doctor.user).get(address).json()["data"]
    assert [row["id"] for row in rows] == [str(mine.pk)]
    assert api(other_doctor.user).get(address).status_code == 404


def test_a_list_is_narrowed_to_what_opens_something_now(api, patient, doctor, address):
    live = GrantFactory(patient=patient, doctor=doctor)
    GrantFactory(patient=patient, doctor=doctor, ends_at=timezone.now() - timedelta(minutes=1))
    rows = api(patient.user).get(f"{address}?is_live=true").json()["data"]
    assert [row["id"] for row in rows] == [str(live.pk)]


def test_the_same_request_again_gives_one_consent_and_keeps_no_scope(api, patient, doctor, address):
    client, given = api(patient.user), body(doctor)
    first = client.post(address, given, format="json", HTTP_IDEMPOTENCY_KEY="consent-1")
    again = client.post(address, given, format="json", HTTP_IDEMPOTENCY_KEY="consent-1")
    assert again.json()["data"] == first.json()["data"]
    assert again["Idempotent-Replayed"] == "true"
    assert ConsentGrant.objects.count() == 1
    assert list(IdempotencyKey.objects.get().body["data"]) == ["id"]


def test_there_is_an_end_to_how_many(patient, doctor):
    assert rules.why_too_many_consents(rules.MAX_LIVE_CONSENTS - 1) is None
    assert rules.why_too_many_consents(rules.MAX_LIVE_CONSENTS).code == "consent.too_many"

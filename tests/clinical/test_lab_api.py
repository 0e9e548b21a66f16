"""Laboratories and laboratory tests over HTTP: who reads what, when, and that it is logged."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.clinical import services
from apps.clinical.models import EmergencyAccess, LabTest, ReadEntry
from apps.common.models import IdempotencyKey
from apps.media.models import Scan
from tests.factories.clinical import MedicalFileFactory
from tests.factories.hospitals import HospitalFactory
from tests.factories.laboratories import (
    CRITICAL,
    NORMAL,
    LaboratoryFactory,
    LabTestFactory,
    in_care,
    with_result,
)

TESTS, LABORATORIES = "/api/v1/lab-tests", "/api/v1/laboratories"

pytestmark = pytest.mark.django_db


def page(client, test):
    response = client.get(f"{TESTS}/{test.pk}")
    assert response.status_code == 200, response.content
    return response.json()["data"]


def numbers(response):
    return [row["number"] for row in response.json()["data"]]


# --- asking, and the way to the result ---


def test_a_test_goes_from_the_request_to_the_patient(api, doctor, patient, laboratory, care, hospital_admin):
    body = {"patient_id": str(patient.pk), "laboratory_id": str(laboratory.pk), "code": "2823-3"}
    asked = api(doctor.user).post(TESTS, body)
    assert asked.status_code == 201, asked.content
    url = f"{TESTS}/{asked.json()['data']['id']}"
    assert asked.json()["data"]["name"] == "Potassium"

    lab = api(hospital_admin)
    at = (timezone.now() + timedelta(days=1)).isoformat()
    assert lab.patch(url, {"scheduled_at": at}).json()["data"]["status"] == "scheduled"
    assert lab.patch(url, {"status": "sample_taken"}).json()["data"]["status"] == "sample_taken"
    reported = lab.post(f"{url}/result", {"values": [CRITICAL], "comment": "Repeated"})
    assert reported.status_code == 201, reported.content
    [result] = reported.json()["data"]["results"]
    assert [(value["number"], value["flag"]) for value in result["values"]] == [("6.9", "critical_high")]

    treating = api(doctor.user)
    refused = treating.post(f"{url}/review", {"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "lab_test.not_acknowledged")
    assert treating.post(f"{url}/acknowledge", {"version": 1}).json()["data"]["needs_acknowledgement"] is False

    mine = api(patient.user)
    before = mine.get(url).json()["data"]
    assert (before["status"], before["results"], before["is_withheld"]) == ("result_ready", [], True)
    assert before["is_critical"] is None

    assert treating.post(f"{url}/review", {"version": 1}).status_code == 200
    after = mine.get(url).json()["data"]
    assert after["is_withheld"] is False
    assert after["results"][0]["values"][0]["number"] == "6.9"
    assert [event["label"] for event in after["events"]] == [
        "Requested", "Scheduled", "Sample taken", "Result ready", "Reviewed",
    ]  # fmt: skip


def test_the_page_says_what_its_reader_may_do(api, lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin, values=[CRITICAL])

    [review] = page(api(doctor.user), lab_test)["moves"]
    assert (review["to"], review["code"]) == ("reviewed", "lab_test.not_acknowledged")
    [correct] = page(api(hospital_admin), lab_test)["moves"]
    assert (correct["to"], correct["is_possible"]) == ("result_ready", True)
    assert page(api(lab_test.patient.user), lab_test)["moves"] == []


def test_a_correction_shows_both_versions_to_the_patient_who_had_the_first(
    api, lab_test, doctor, patient, hospital_admin
):
    with_result(lab_test, hospital_admin)
    services.review_result(lab_test.pk, by=doctor.user, version=1)
    body = {"values": [NORMAL | {"number": "4.1"}], "corrects_version": 1, "correction_reason": "Typo"}

    assert api(hospital_admin).post(f"{TESTS}/{lab_test.pk}/result", body).status_code == 201

    shown = page(api(patient.user), lab_test)
    assert [(row["version"], row["is_current"], row["correction_reason"]) for row in shown["results"]] == [
        (2, True, "Typo"), (1, False, ""),
    ]  # fmt: skip
    assert shown["status"] == "result_ready"
    assert shown["events"][-1]["label"] == "Result corrected"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"values": [NORMAL]}, 409, "lab_test.result_exists"),
        ({"values": [NORMAL], "corrects_version": 2, "correction_reason": "x"}, 409, "lab_test.stale_result"),
        ({"values": [NORMAL], "corrects_version": 1}, 400, "lab_test.correction_reason_required"),
        ({"values": [], "corrects_version": 1, "correction_reason": "x"}, 400, "request.invalid"),
        ({"values": [{"name": "K", "number": "NaN"}]}, 400, "request.invalid"),
        ({"values": [{"name": "K", "number": "1e20"}]}, 400, "request.invalid"),
        ({"values": [{"name": "K", "number": "1", "code": "K"}]}, 400, "request.invalid"),
        ({"values": [NORMAL] * 101}, 400, "request.invalid"),
    ],
)
def test_a_refused_report_stores_nothing(body, status, code, api, lab_test, hospital_admin):
    with_result(lab_test, hospital_admin)

    refused = api(hospital_admin).post(f"{TESTS}/{lab_test.pk}/result", body)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert lab_test.results.count() == 1


def test_cancelling_needs_a_reason(api, lab_test, doctor):
    client = api(doctor.user)

    assert client.delete(f"{TESTS}/{lab_test.pk}").json()["code"] == "lab_test.reason_required"
    assert client.delete(f"{TESTS}/{lab_test.pk}", {"reason": "Gone home"}).status_code == 204
    assert page(client, lab_test)["cancellation_reason"] == "Gone home"


def test_a_repeated_report_stores_one_result_and_keeps_nothing_medical(api, lab_test, hospital_admin):
    client, url = api(hospital_admin), f"{TESTS}/{lab_test.pk}/result"
    body = {"values": [NORMAL | {"name": "Kanarium"}]}

    first = client.post(url, body, HTTP_IDEMPOTENCY_KEY="once")
    again = client.post(url, body, HTTP_IDEMPOTENCY_KEY="once")

    assert first.status_code == again.status_code == 201
    assert again["Idempotent-Replayed"] == "true"
    assert again.json()["data"]["results"] == first.json()["data"]["results"]
    assert lab_test.results.count() == 1
    assert "Kanarium" not in str(IdempotencyKey.objects.get().body)


# --- who sees a test ---


def test_strangers_know_nothing_of_a_test(
    api, lab_test, other_patient, other_doctor, other_hospital_admin, coordinator, support_agent, translator
):
    for person in (other_patient.user, other_doctor.user, other_hospital_admin, coordinator):
        assert api(person).get(f"{TESTS}/{lab_test.pk}").status_code == 404
        assert numbers(api(person).get(TESTS)) == []
    for person in (support_agent, translator):
        assert api(person).get(TESTS).status_code == 403
    assert not ReadEntry.objects.exists()


def test_consent_and_care_open_a_test_and_its_end_closes_it(
    api, lab_test, other_doctor, consent, other_hospital, patient, hospital_admin
):
    with_result(lab_test, hospital_admin)
    client = api(other_doctor.user)
    care = in_care(patient, other_doctor, other_hospital, subject_id=other_doctor.pk)
    assert client.get(f"{TESTS}/{lab_test.pk}").status_code == 404

    grant = consent(doctor=other_doctor)
    assert page(client, lab_test)["results"] != []
    type(grant).objects.filter(pk=grant.pk).update(revoked_at=timezone.now(), revoked_by=patient.user)
    assert client.get(f"{TESTS}/{lab_test.pk}").status_code == 404

    consent(doctor=other_doctor, scopes=["prescription"])
    assert client.get(f"{TESTS}/{lab_test.pk}").status_code == 404
    consent(doctor=other_doctor, scopes=["lab_report"])
    assert client.get(f"{TESTS}/{lab_test.pk}").status_code == 200
    type(care).objects.filter(pk=care.pk).update(ends_at=timezone.now())
    assert client.get(f"{TESTS}/{lab_test.pk}").status_code == 404


def test_an_emergency_opens_a_test_for_reading(api, lab_test, other_doctor, hospital_admin):
    with_result(lab_test, hospital_admin, values=[CRITICAL])
    now = timezone.now()
    EmergencyAccess.objects.create(
        patient=lab_test.patient, doctor=other_doctor, reason="Unconscious", starts_at=now,
        ends_at=now + timedelta(hours=2),
    )  # fmt: skip
    client = api(other_doctor.user)

    shown = page(client, lab_test)

    assert (len(shown["results"]), shown["moves"]) == (1, [])
    for act, body in (("acknowledge", {"version": 1}), ("review", {"version": 1}), ("release", None)):
        assert client.post(f"{TESTS}/{lab_test.pk}/{act}", body).status_code == 403
    assert ReadEntry.objects.filter(reader=other_doctor.user).values_list("ground", flat=True)[0] == "emergency"


def test_a_coordinator_whom_the_patient_lets_reads_a_result_after_its_release(
    api, lab_test, doctor, coordinator, consent, hospital_admin
):
    consent(coordinator=coordinator)
    with_result(lab_test, hospital_admin)
    client = api(coordinator)

    assert page(client, lab_test)["results"] == []
    services.review_result(lab_test.pk, by=doctor.user, version=1)
    assert len(page(client, lab_test)["results"]) == 1
    assert client.patch(f"{TESTS}/{lab_test.pk}", {"priority": "urgent"}).status_code == 403


def test_another_hospitals_staff_see_by_consent_what_is_released_and_move_nothing(
    api, lab_test, doctor, patient, other_doctor, other_hospital, other_hospital_admin, consent, hospital_admin
):
    in_care(patient, other_doctor, other_hospital, subject_id=other_doctor.pk)
    consent(hospital=other_hospital)
    client, url = api(other_hospital_admin), f"{TESTS}/{lab_test.pk}"
    with_result(lab_test, hospital_admin)
    assert client.get(url).status_code == 404

    services.review_result(lab_test.pk, by=doctor.user, version=1)

    shown = page(client, lab_test)
    assert (len(shown["results"]), shown["moves"]) == (1, [])
    body = {"values": [NORMAL], "corrects_version": 1, "correction_reason": "x"}
    assert client.post(f"{url}/result", body).status_code == 403


def test_notes_are_not_for_the_patient(api, lab_test, hospital_admin, patient):
    services.change_lab_test(lab_test.pk, by=hospital_admin, status="in_progress", note="Haemolytic, call the ward")

    assert page(api(hospital_admin), lab_test)["events"][-1]["note"] == "Haemolytic, call the ward"
    assert page(api(patient.user), lab_test)["events"][-1]["note"] is None


# --- the log of readings ---


def test_every_reading_is_logged_with_its_ground(
    api, lab_test, doctor, patient, hospital_admin, platform_admin, laboratory
):
    for person in (doctor.user, patient.user, hospital_admin, platform_admin):
        api(person).get(TESTS)
        api(person).get(f"{TESTS}/{lab_test.pk}")

    logged = ReadEntry.objects.order_by("id").values_list("reader", "act", "ground")
    assert list(logged) == [
        (person.pk, act, ground)
        for person, ground in (
            (doctor.user, "author"), (patient.user, "own"), (hospital_admin, "care"),
            (platform_admin, "administration"),
        )
        for act in ("listed", "opened")
    ]  # fmt: skip
    assert set(ReadEntry.objects.values_list("object_id", "object_type", "place")) == {
        (lab_test.pk, "clinical.labtest", "api")
    }


def test_the_report_is_fetched_by_a_link_and_each_is_logged(api, lab_test, doctor, patient, hospital_admin):
    file = MedicalFileFactory(owner=hospital_admin)
    with_result(lab_test, hospital_admin, values=(), file_id=file.pk)
    url = f"{TESTS}/{lab_test.pk}/results/1/download"

    fetched = api(doctor.user).get(url)

    assert fetched.status_code == 200, fetched.content
    assert "report.pdf" not in fetched.json()["data"]["url"]
    assert list(ReadEntry.objects.values_list("act", "ground")) == [("downloaded", "author")]
    assert api(patient.user).get(url).status_code == 404
    assert api(doctor.user).get(f"{TESTS}/{lab_test.pk}/results/2/download").status_code == 404


def test_a_file_that_waits_for_the_scanner_is_not_fetched(api, lab_test, doctor, hospital_admin):
    file = MedicalFileFactory(owner=hospital_admin)
    with_result(lab_test, hospital_admin, values=(), file_id=file.pk)
    type(file).objects.filter(pk=file.pk).update(scan=Scan.WAITING)

    refused = api(doctor.user).get(f"{TESTS}/{lab_test.pk}/results/1/download")

    assert refused.status_code == 409
    assert page(api(doctor.user), lab_test)["results"][0]["file"]["is_ready"] is False
    assert not ReadEntry.objects.filter(act="downloaded").exists()


# --- lists ---


def test_tests_are_listed_by_what_is_asked(api, doctor, patient, other_patient, laboratory, care, platform_admin):
    mine = LabTestFactory(patient=patient, doctor=doctor, laboratory=laboratory, status="requested")
    other = LabTestFactory(patient=other_patient, doctor=doctor)
    today = timezone.now().date()
    client = api(platform_admin)

    for query, found in (
        (f"patient_id={patient.pk}", [mine]),
        (f"laboratory_id={other.laboratory_id}", [other]),
        (f"doctor_id={doctor.pk}", [other, mine]),
        ("status=requested", [mine]),
        (f"date_from={today}&date_to={today}", [other, mine]),
        (f"date_from={today + timedelta(days=1)}", []),
        (f"date_to={today - timedelta(days=1)}", []),
    ):
        assert numbers(client.get(f"{TESTS}?{query}")) == [test.number for test in found], query
    for query in ("status=lost", "patient_id=7", "date_from=today"):
        assert client.get(f"{TESTS}?{query}").status_code == 400


def test_what_waits_to_be_acknowledged_is_listed_for_the_doctor_and_not_for_the_patient(
    api, lab_test, doctor, patient, hospital_admin
):
    with_result(lab_test, hospital_admin, values=[CRITICAL])

    assert numbers(api(doctor.user).get(f"{TESTS}?needs_acknowledgement=true")) == [lab_test.number]
    assert numbers(api(doctor.user).get(f"{TESTS}?needs_acknowledgement=false")) == []
    assert numbers(api(patient.user).get(f"{TESTS}?needs_acknowledgement=true")) == []
    assert numbers(api(patient.user).get(f"{TESTS}?needs_acknowledgement=false")) == [lab_test.number]


# --- laboratories ---


def test_the_public_finds_laboratories_of_listed_hospitals(api, hospital):
    here = LaboratoryFactory(
        hospital=hospital, name="Lotus Laboratory", name_fr="Laboratoire Lotus", city="Chennai", city_fr="Madras"
    )
    there = LaboratoryFactory(hospital=HospitalFactory(country="TR"), name="Bosphorus Lab", country="TR", city="Muğla")
    LaboratoryFactory(hospital=hospital, is_active=False)
    LaboratoryFactory(hospital=HospitalFactory(verification="pending"))

    for query, found in (
        ("", [there, here]),
        ("country=TR", [there]),
        ("city=chennai", [here]),
        ("city=mugla", [there]),
        ("city=madras", [here]),
        ("search=lotus%20labo", [here]),
        (f"hospital_id={hospital.pk}", [here]),
        ("search=nowhere", []),
    ):
        rows = api().get(f"{LABORATORIES}?{query}").json()["data"]
        assert [row["id"] for row in rows] == [str(row.pk) for row in found], query
    assert api().get(f"{LABORATORIES}?country=XX").status_code == 400
    french = api().get(f"{LABORATORIES}/{here.pk}?lang=fr").json()["data"]
    assert (french["name"], french["languages"]["name"], french["management"]) == ("Laboratoire Lotus", "fr", None)


def test_staff_keep_their_laboratory_over_the_api(api, hospital, other_hospital, hospital_admin, other_hospital_admin):
    body = {
        "hospital_id": str(hospital.pk), "name": {"en": "Lotus"}, "city": {"en": "Chennai"}, "country": "IN",
        "phone": "+914422334455",
    }  # fmt: skip
    client = api(hospital_admin)
    made = client.post(LABORATORIES, body)
    assert made.status_code == 201, made.content
    url = f"{LABORATORIES}/{made.json()['data']['id']}"

    assert client.post(LABORATORIES, body | {"hospital_id": str(other_hospital.pk)}).status_code == 404
    assert client.patch(url, {"name": {"en": ""}}).status_code == 400, "its English name stays"
    assert client.patch(url, {"name": {"hi": "लोटस"}}).json()["data"]["management"]["texts"]["name"]["hi"] == "लोटस"
    assert api(other_hospital_admin).patch(url, {"address": "Elsewhere"}).status_code == 404
    assert client.delete(url).status_code == 204
    assert api().get(url).status_code == 404
    assert client.patch(url, {"is_active": True}).status_code == 200
    assert api().get(url).status_code == 200


def test_no_test_is_made_without_the_doctors_word(api, patient, laboratory, care, hospital_admin, coordinator):
    body = {"patient_id": str(patient.pk), "laboratory_id": str(laboratory.pk), "name": "Potassium"}

    for person in (patient.user, hospital_admin, coordinator):
        assert api(person).post(TESTS, body).status_code == 403
    assert api().post(TESTS, body).status_code == 401
    assert not LabTest.objects.exists()

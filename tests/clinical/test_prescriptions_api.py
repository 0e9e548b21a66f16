"""The contract's rows of prescriptions over HTTP, the PDF, and the page on which anyone checks one."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.clinical import services
from apps.clinical.models import Allergy, Prescription, ReadEntry
from apps.clinical.views.prescriptions import PUBLIC_LIMIT
from apps.common.models import IdempotencyKey
from tests.factories.bookings import AppointmentFactory
from tests.factories.consent import CareFactory, GrantFactory
from tests.factories.prescriptions import AMOXICILLIN, PARACETAMOL, asked, drafted, signed

pytestmark = pytest.mark.django_db
PRESCRIPTIONS = "/api/v1/prescriptions"


@pytest.fixture
def care(patient, doctor, hospital):
    return CareFactory(patient=asked(patient), doctor=doctor, hospital=hospital)


def data_of(response, status=200):
    assert response.status_code == status, response.content
    return response.json()["data"]


def code_of(response):
    return response.status_code, response.json()["code"]


def test_a_doctor_drafts_signs_and_the_patient_reads_it(api, care, patient, doctor):
    body = {"patient_id": str(patient.pk), "medications": [AMOXICILLIN], "instructions": "With water"}
    draft = data_of(api(doctor.user).post(PRESCRIPTIONS, body), 201)
    assert (draft["status"], draft["allergy_check"]["outcome"]) == ("draft", "clear")
    assert draft["moves"] == ["signed", "void"]
    assert code_of(api(patient.user).get(f"{PRESCRIPTIONS}/{draft['id']}")) == (404, "not_found")

    data_of(api(doctor.user).post(f"{PRESCRIPTIONS}/{draft['id']}/sign"))

    read = data_of(api(patient.user).get(f"{PRESCRIPTIONS}/{draft['id']}"))
    assert (read["status"], read["medications"][0]["name"], read["allergy_check"]) == ("signed", "Amoxicillin", None)
    assert [row["id"] for row in data_of(api(patient.user).get(PRESCRIPTIONS))] == [draft["id"]]


def test_a_warning_comes_with_what_it_warns_of(api, care, patient, doctor):
    Allergy.objects.create(patient=patient, substance="بنسلين")
    draft = drafted(patient, doctor, AMOXICILLIN)
    refused = api(doctor.user).post(f"{PRESCRIPTIONS}/{draft.pk}/sign")
    assert code_of(refused) == (409, "prescription.allergy_warning")
    [finding] = refused.json()["data"]["allergy_check"]["findings"]
    assert (finding["medicine"], finding["allergy"], finding["relation"]) == ("Amoxicillin", "بنسلين", "class")


def test_whoever_sees_prescriptions_by_consent_does_not_see_allergies_by_it(
    api, care, patient, doctor, other_doctor, hospital
):
    Allergy.objects.create(patient=patient, substance="Penicillin")
    seen = drafted(patient, doctor, AMOXICILLIN)
    services.sign_prescription(seen.pk, by=doctor.user, acknowledged_warnings=True, reason="Tolerated twice since")
    CareFactory(patient=patient, doctor=other_doctor, hospital=hospital)
    GrantFactory(patient=patient, doctor=other_doctor, scopes=["prescription"])
    path = f"{PRESCRIPTIONS}/{seen.pk}"
    assert data_of(api(other_doctor.user).get(path))["allergy_check"] is None
    assert data_of(api(doctor.user).get(path))["allergy_check"]["outcome"] == "warning"


def test_a_signed_one_is_not_patched_but_replaced(api, care, patient, doctor):
    old = signed(patient, doctor)
    refused = api(doctor.user).patch(f"{PRESCRIPTIONS}/{old.pk}", {"instructions": "More"})
    assert code_of(refused) == (409, "prescription.signed")

    new = data_of(api(doctor.user).post(refused.json()["data"]["replace"], {"reason": "The dose was wrong"}), 201)

    assert (new["status"], new["replaces"]) == ("draft", str(old.pk))
    assert data_of(api(patient.user).get(f"{PRESCRIPTIONS}/{old.pk}"))["status"] == "void"


def test_deleting_voids_and_never_erases(api, care, patient, doctor):
    prescription = signed(patient, doctor)
    assert api(doctor.user).delete(f"{PRESCRIPTIONS}/{prescription.pk}").status_code == 204
    prescription.refresh_from_db()
    assert prescription.status == "void"


def test_under_one_key_there_is_one_draft_and_nothing_medical_is_kept_for_the_repetition(api, care, patient, doctor):
    client, body = api(doctor.user), {"patient_id": str(patient.pk), "medications": [AMOXICILLIN]}
    first = client.post(PRESCRIPTIONS, body, headers={"Idempotency-Key": "once"})
    again = client.post(PRESCRIPTIONS, body, headers={"Idempotency-Key": "once"})

    assert data_of(first, 201)["id"] == data_of(again, 201)["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert Prescription.objects.count() == 1
    assert "Amoxicillin" not in json.dumps(IdempotencyKey.objects.get().body)


def test_wrong_rows_are_named_by_their_place(api, care, patient, doctor):
    body = {"patient_id": str(patient.pk), "medications": [PARACETAMOL, PARACETAMOL | {"notes": "每日"}]}
    refused = api(doctor.user).post(PRESCRIPTIONS, body)
    assert code_of(refused) == (400, "documents.characters_not_supported")
    assert list(refused.json()["errors"]) == ["medications.1.notes"]


def test_a_patient_of_nobodys_care_is_not_found(api, care, other_patient, doctor):
    for patient_id in (other_patient.pk, uuid4()):
        body = {"patient_id": str(patient_id), "medications": [PARACETAMOL]}
        assert code_of(api(doctor.user).post(PRESCRIPTIONS, body)) == (404, "not_found")


def test_lists_are_narrowed_by_patient_doctor_and_appointment(api, care, patient, doctor, platform_admin):
    appointment = uuid4()
    wanted = drafted(patient, doctor, subject=("appointment", appointment))
    drafted(patient, doctor)
    for query in (f"appointment_id={appointment}", f"appointment_id={appointment}&patient_id={patient.pk}"):
        assert [row["id"] for row in data_of(api(platform_admin).get(f"{PRESCRIPTIONS}?{query}"))] == [str(wanted.pk)]
    assert data_of(api(platform_admin).get(f"{PRESCRIPTIONS}?doctor_id={uuid4()}")) == []
    assert code_of(api(platform_admin).get(f"{PRESCRIPTIONS}?patient_id=x")) == (400, "request.invalid")


def test_a_hospital_sees_it_by_consent_and_no_longer_once_that_is_revoked(api, care, patient, doctor, hospital_admin):
    grant = GrantFactory(patient=patient, hospital=care.hospital)
    prescription = signed(patient, doctor)
    assert data_of(api(hospital_admin).get(f"{PRESCRIPTIONS}/{prescription.pk}"))["number"] == prescription.number

    grant.revoked_at, grant.revoked_by = timezone.now(), patient.user
    grant.save()

    assert code_of(api(hospital_admin).get(f"{PRESCRIPTIONS}/{prescription.pk}")) == (404, "not_found")
    assert data_of(api(hospital_admin).get(PRESCRIPTIONS)) == []
    assert code_of(api(hospital_admin).get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf")) == (404, "not_found")


def test_the_prescription_of_an_appointment_belongs_to_its_patient_and_hospital(api, patient, doctor, hospital):
    appointment = AppointmentFactory(
        patient=asked(patient), doctor=doctor, hospital=hospital, status="appointment_confirmed"
    )
    CareFactory(patient=patient, doctor=doctor, hospital=hospital, subject_id=uuid4())
    path = f"/api/v1/appointments/{appointment.pk}/prescription"

    made = data_of(api(doctor.user).post(path, {"medications": [PARACETAMOL]}), 201)

    assert (made["appointment_id"], made["patient"]["id"]) == (str(appointment.pk), str(patient.pk))
    assert made["hospital"]["id"] == str(hospital.pk)


@pytest.mark.parametrize(
    ("status", "afterwards"),
    [
        ("consultation_in_progress", "prescription_provided"),
        ("appointment_confirmed", "appointment_confirmed"),
        ("follow_up_scheduled", "follow_up_scheduled"),
        ("consultation_completed", "consultation_completed"),
    ],
)
def test_signing_brings_a_consultation_in_progress_as_far_as_its_prescription(
    api, patient, doctor, hospital, status, afterwards
):
    appointment = AppointmentFactory(patient=asked(patient), doctor=doctor, hospital=hospital, status=status)
    CareFactory(patient=patient, doctor=doctor, hospital=hospital, subject_id=appointment.pk)
    path = f"/api/v1/appointments/{appointment.pk}/prescription"
    draft = data_of(api(doctor.user).post(path, {"medications": [PARACETAMOL]}), 201)
    appointment.refresh_from_db()
    assert appointment.status == status

    data_of(api(doctor.user).post(f"{PRESCRIPTIONS}/{draft['id']}/sign"))

    appointment.refresh_from_db()
    assert appointment.status == afterwards
    assert [event.by for event in appointment.events.all()] == [doctor.user] * (status != afterwards)


def test_an_appointment_that_was_called_off_has_no_prescription(api, care, patient, doctor, hospital):
    appointment = AppointmentFactory(patient=patient, doctor=doctor, hospital=hospital, status="no_show")
    path = f"/api/v1/appointments/{appointment.pk}/prescription"
    assert code_of(api(doctor.user).post(path, {"medications": [PARACETAMOL]})) == (409, "booking.no_consultation")


# --- the log of readings ---


def test_every_reading_is_logged_with_its_act(api, care, patient, doctor):
    prescription = signed(patient, doctor)
    client = api(patient.user)
    client.get(PRESCRIPTIONS)
    client.get(f"{PRESCRIPTIONS}/{prescription.pk}")
    client.get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf")
    client.get(f"/api/v1/patients/{patient.pk}/prescriptions")

    read = ReadEntry.objects.filter(reader=patient.user, object_id=prescription.pk).order_by("id")
    assert list(read.values_list("act", flat=True)) == ["listed", "opened", "downloaded", "listed"]


# --- the PDF ---


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_pdf_is_in_the_language_of_the_patient_whatever_the_client_accepts(api, care, patient, doctor, language):
    patient.user.language = language
    patient.user.save()
    prescription = signed(patient, doctor, AMOXICILLIN)

    response = api(patient.user).get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf", headers={"Accept": "application/pdf"})

    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'attachment; filename="{prescription.number}.pdf"'
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"%PDF-")
    assert f"/Lang({language}".encode() in response.content.replace(b" ", b"")
    again = api(patient.user).get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf")
    assert again.content == response.content


def test_a_later_change_of_name_does_not_change_the_pdf(api, care, patient, doctor):
    prescription = signed(patient, doctor)
    before = api(patient.user).get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf").content
    doctor.user.last_name = "Married"
    doctor.user.save()
    assert api(patient.user).get(f"{PRESCRIPTIONS}/{prescription.pk}/pdf").content == before


def test_a_draft_has_no_pdf(api, care, patient, doctor):
    draft = drafted(patient, doctor)
    assert code_of(api(doctor.user).get(f"{PRESCRIPTIONS}/{draft.pk}/pdf")) == (409, "prescription.not_signed")


# --- the public page ---


def page(client, prescription, **headers):
    return client.get(f"/verify/prescription/{prescription.token}", headers=headers)


def test_anyone_with_the_paper_sees_that_it_is_genuine_and_nothing_medical(client, care, patient, doctor):
    prescription = signed(patient, doctor, AMOXICILLIN, instructions="With water")
    response = page(client, prescription)
    text = response.content.decode()

    assert response.status_code == 200
    for shown in (prescription.number, doctor.full_name, care.hospital.name, "genuine and valid", "TNMC-"):
        assert shown in text
    for hidden in ("Amoxicillin", "With water", patient.user.first_name, patient.user.last_name, str(prescription.pk)):
        assert hidden not in text
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies


def test_the_page_says_what_has_become_of_it(client, care, patient, doctor, platform_admin):
    expired = signed(patient, doctor, valid_until=timezone.now().date() + timedelta(days=1))
    void, replaced, dispensed = (signed(patient, doctor) for _ in range(3))
    services.void_prescription(void.pk, by=doctor.user)
    new = services.replace_prescription(replaced.pk, by=doctor.user, reason="The dose was wrong")
    assert "This prescription is void</h1>" in page(client, replaced).content.decode()
    services.sign_prescription(new.pk, by=doctor.user)
    services.dispense_prescription(dispensed.pk, by=platform_admin)

    assert "This prescription is void</h1>" in page(client, void).content.decode()
    assert "another one has taken its place" in page(client, replaced).content.decode()
    assert "has been dispensed" in page(client, dispensed).content.decode()
    services.prescriptions.Prescription.objects.filter(pk=expired.pk)
    assert "genuine and valid" in page(client, expired).content.decode()


def test_an_unknown_token_and_a_draft_get_the_same_calm_page(client, care, patient, doctor):
    draft = drafted(patient, doctor)
    unknown = client.get("/verify/prescription/AAAAAAAAAAAAAAAAAAAAAA")
    of_draft = page(client, draft)
    assert (unknown.status_code, of_draft.status_code) == (404, 404)
    assert unknown.content == of_draft.content
    assert b"There is no such prescription" in unknown.content


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("hi", "ltr")])
def test_the_page_is_in_the_readers_language(client, care, patient, doctor, language, direction):
    prescription = signed(patient, doctor)
    by_header = page(client, prescription, **{"Accept-Language": language})
    by_link = client.get(f"/verify/prescription/{prescription.token}?lang={language}")
    for response in (by_header, by_link):
        assert f'<html lang="{language}" dir="{direction}">' in response.content.decode()
        assert response["Content-Language"] == language


@pytest.mark.parametrize("asked", ["pt-br", "de", "zh-hans", "xx", "../en", "EN"])
def test_a_language_that_we_do_not_speak_is_not_asked_for(client, care, patient, doctor, asked):
    prescription = signed(patient, doctor)
    answer = client.get(f"/verify/prescription/{prescription.token}", {"lang": asked})
    assert (answer.status_code, answer["Content-Language"]) == (200, "en")


def test_a_machine_that_tries_tokens_is_stopped(client, settings):
    answers = [client.get(f"/verify/prescription/guess-{n}").status_code for n in range(PUBLIC_LIMIT.attempts + 1)]
    assert answers[:-1] == [404] * PUBLIC_LIMIT.attempts
    assert answers[-1] == 429


def test_tokens_hold_128_random_bits(care, patient, doctor):
    tokens = {drafted(patient, doctor).token for _ in range(5)}
    assert len(tokens) == 5
    assert {len(token) for token in tokens} == {22}

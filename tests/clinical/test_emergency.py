"""A doctor opens a record without consent in an emergency: briefly, seldom, to read, and never unseen."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.clinical import rules, services
from apps.clinical.exceptions import EmergencyReviewed
from apps.clinical.models import EmergencyAccess, MedicalRecord, ReadEntry
from apps.common.exceptions import Forbidden, Invalid
from apps.common.models import IdempotencyKey
from apps.notifications.models import Message
from tests.factories.clinical import PatientFactory
from tests.factories.consent import EmergencyFactory, RecordFactory
from tests.factories.hospitals import DoctorFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/emergency-access"
REASON = "Brought in unconscious after an accident, allergies unknown."
NOW = datetime(2031, 1, 6, 12, tzinfo=UTC)


def body(patient, **more):
    return {"patient_id": str(patient.pk), "reason": REASON} | more


def told(kind):
    return set(Message.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_it_lasts_two_hours_and_the_patient_and_the_reviewers_are_alerted(api, doctor, patient, platform_admin):
    record = RecordFactory(patient=patient, is_shared=False)
    assert not MedicalRecord.objects.visible_to(doctor.user).exists()
    response = api(doctor.user).post(ADDRESS, body(patient), format="json")
    assert response.status_code == 201
    emergency = EmergencyAccess.objects.get()
    assert emergency.ends_at - emergency.starts_at == timedelta(hours=2)
    assert MedicalRecord.objects.visible_to(doctor.user).get() == record
    assert told("clinical.emergency_opened") == {patient.user_id}
    assert told("clinical.emergency_to_review") == {platform_admin.pk}
    assert not any(REASON in str(message.context) for message in Message.objects.all())


def test_everything_read_meanwhile_names_it_as_the_ground(api, doctor, patient):
    RecordFactory(patient=patient)
    shown = api(doctor.user).post(ADDRESS, body(patient), format="json").json()["data"]
    assert len(api(doctor.user).get("/api/v1/medical-records").json()["data"]) == 1
    entry = ReadEntry.objects.get(object_type="clinical.medicalrecord")
    assert (entry.ground, str(entry.ground_id)) == ("emergency", shown["id"])


def test_it_is_for_reading_only(doctor, patient):
    RecordFactory(patient=patient)
    EmergencyFactory(patient=patient, doctor=doctor)
    assert MedicalRecord.objects.visible_to(doctor.user).exists()
    assert not MedicalRecord.objects.open_for_writing(doctor.user).exists()


def test_it_opens_no_other_patient(doctor, patient, other_patient):
    RecordFactory(patient=other_patient)
    EmergencyFactory(patient=patient, doctor=doctor)
    assert not MedicalRecord.objects.visible_to(doctor.user).exists()


def test_the_patient_is_found_by_address_and_birth_date_together(api, doctor):
    patient = PatientFactory(birth_date=date(1984, 5, 17), user__email="amina@example.com")
    client = api(doctor.user)
    given = {"email": "Amina@example.com", "birth_date": "1984-05-18", "reason": REASON}
    assert client.post(ADDRESS, given, format="json").status_code == 404
    found = client.post(ADDRESS, given | {"birth_date": "1984-05-17"}, format="json")
    assert found.json()["data"]["patient_id"] == str(patient.pk)
    assert client.post(ADDRESS, {"email": "amina@example.com", "reason": REASON}, format="json").status_code == 400


def test_looking_for_people_has_an_end(api, doctor):
    given = {"email": "nobody@example.com", "birth_date": "1984-05-18", "reason": REASON}
    client = api(doctor.user)
    answers = [client.post(ADDRESS, given, format="json").status_code for _try in range(11)]
    assert answers == [404] * 10 + [429]


def test_asking_again_gives_the_same_one_and_alerts_nobody_again(api, doctor, patient):
    client = api(doctor.user)
    first = client.post(ADDRESS, body(patient), format="json")
    again = client.post(ADDRESS, body(patient), format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"] == first.json()["data"]
    assert Message.objects.filter(kind="clinical.emergency_opened", channel="email").count() == 1


def test_a_repeated_request_keeps_no_reason(api, doctor, patient):
    client = api(doctor.user)
    first = client.post(ADDRESS, body(patient), format="json", HTTP_IDEMPOTENCY_KEY="emergency-1")
    again = client.post(ADDRESS, body(patient), format="json", HTTP_IDEMPOTENCY_KEY="emergency-1")
    assert (again.status_code, again.json()["data"]) == (201, first.json()["data"])
    assert list(IdempotencyKey.objects.get().body["data"]) == ["id"]


def test_a_fourth_patient_within_a_day_is_refused(api, doctor):
    client = api(doctor.user)
    answers = [client.post(ADDRESS, body(PatientFactory()), format="json") for _patient in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].json()["code"] == "emergency.too_many"
    assert EmergencyAccess.objects.count() == 3


@pytest.mark.parametrize(
    ("hours_ago", "waits"), [([25, 2, 1], None), ([23, 2, 1], 3601), ([24, 2, 1], None), ([23, 22, 2, 1], 7201)]
)
def test_the_day_goes_with_the_clock(hours_ago, waits):
    refusal = rules.why_too_many_emergencies([NOW - timedelta(hours=hours) for hours in hours_ago], now=NOW)
    assert (refusal.retry_after if refusal else None) == waits


@pytest.mark.parametrize("reason", ["", "." * 20, "1234567890 1234567890", " " * 30, "abcdefghij klmnopqrs"])
def test_the_reason_is_words(api, doctor, patient, reason):
    response = api(doctor.user).post(ADDRESS, body(patient, reason=reason), format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["reason"])
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("reason", ["abcdefghij klmnopqrst", "مريض فاقد الوعي في قسم الطوارئ"])
def test_words_of_any_script_will_do(api, doctor, patient, reason):
    assert api(doctor.user).post(ADDRESS, body(patient, reason=reason), format="json").status_code == 201


@pytest.mark.parametrize("changes", [{"verification": "pending"}, {"is_active": False}, {"licence": None}])
def test_only_verified_and_licensed_doctors_may(api, patient, changes):
    doctor = DoctorFactory(**changes)
    response = api(doctor.user).post(ADDRESS, body(patient), format="json")
    assert (response.status_code, response.json()["code"]) == (403, "emergency.not_licensed")
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("who", ["coordinator", "hospital_admin", "support_agent", "platform_admin"])
def test_nobody_else_may(api, request, patient, who):
    assert api(request.getfixturevalue(who)).post(ADDRESS, body(patient), format="json").status_code == 403


def test_a_patient_reads_who_opened_their_record_and_why(api, doctor, patient, other_patient):
    EmergencyFactory(patient=patient, doctor=doctor)
    (row,) = api(patient.user).get(ADDRESS).json()["data"]
    assert (row["reason"], row["doctor"]["id"]) == ("Unconscious in our emergency department.", str(doctor.pk))
    assert api(other_patient.user).get(ADDRESS).json()["data"] == []


# --- the review ---


@pytest.fixture
def emergency(doctor, patient):
    return EmergencyFactory(patient=patient, doctor=doctor)


def test_a_justified_one_goes_on_and_the_patient_is_not_told_again(emergency, platform_admin):
    reviewed = services.review_emergency(emergency.pk, by=platform_admin, verdict="justified")
    assert (reviewed.verdict, reviewed.reviewed_by) == ("justified", platform_admin)
    assert reviewed.ends_at > timezone.now()
    assert not Message.objects.exists()


def test_one_that_was_not_ends_at_once_and_the_patient_is_told(emergency, patient, doctor, platform_admin):
    RecordFactory(patient=patient)
    services.review_emergency(emergency.pk, by=platform_admin, verdict="not_justified", note="No emergency.")
    assert not MedicalRecord.objects.visible_to(doctor.user).exists()
    assert told("clinical.emergency_not_justified") == {patient.user_id}


def test_that_it_was_not_needs_a_reason(emergency, platform_admin):
    with pytest.raises(Invalid):
        services.review_emergency(emergency.pk, by=platform_admin, verdict="not_justified", note="  ")
    emergency.refresh_from_db()
    assert emergency.verdict == ""


def test_it_is_reviewed_once(emergency, platform_admin):
    services.review_emergency(emergency.pk, by=platform_admin, verdict="justified")
    with pytest.raises(EmergencyReviewed):
        services.review_emergency(emergency.pk, by=platform_admin, verdict="not_justified", note="After all.")


def test_only_platform_admins_review(emergency, doctor, patient):
    for user in (doctor.user, patient.user):
        with pytest.raises(Forbidden):
            services.review_emergency(emergency.pk, by=user, verdict="justified")

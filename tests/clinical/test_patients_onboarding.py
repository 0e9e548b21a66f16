"""POST /patients/{id}/onboarding: the medical information, once, all of it or nothing; the record begins."""

from datetime import date
from decimal import Decimal

import pytest

from apps.clinical import rules, services
from apps.clinical.models import Allergy, Guardian, IdentityDocument, InsurancePolicy, MedicalRecord, Patient
from apps.common.models import AuditEntry, IdempotencyKey
from apps.notifications.models import Message
from tests.factories.clinical import GuardianFactory, OnboardedFactory

pytestmark = pytest.mark.django_db

GIVEN = {
    "birth_date": "1980-02-29",
    "gender": "female",
    "country": "NG",
    "city": "Lagos",
    "blood_group": "A+",
    "height_cm": "170.0",
    "weight_kg": "70.5",
    "emergency_contact": {"name": "Tunde Bello", "relation": "brother", "phone": "+2348031234567"},
    "allergies": [{"substance": "Penicillin", "kind": "medication", "severity": "severe", "reaction": "Hives"}],
    "conditions": [{"name": "Asthma", "code": "J45.9", "since_year": 1992}],
    "medications": [{"name": "Salbutamol", "dosage": "100 µg", "frequency": "as needed"}],
}
CHILD = GIVEN | {"birth_date": "2016-05-01", "conditions": []}
MOTHER = {"name": "Ngozi Bello", "relation": "mother", "email": "ngozi@example.com"}


def path(patient):
    return f"/api/v1/patients/{patient.pk}/onboarding"


def send(client, patient, given=GIVEN, **headers):
    return client.post(path(patient), given, format="json", headers=headers)


@pytest.mark.parametrize("who", ["patient", "coordinator", "platform_admin"])
def test_the_patient_or_the_desk_gives_the_medical_information(api, request, patient, who):
    person = request.getfixturevalue(who)

    response = send(api(getattr(person, "user", person)), patient)

    assert response.status_code == 201, response.content
    patient.refresh_from_db()
    assert patient.onboarded_at is not None
    assert (patient.blood_group, patient.height_cm, patient.emergency_phone.as_e164) == (
        "A+", Decimal("170.0"), "+2348031234567",
    )  # fmt: skip
    assert Allergy.objects.get().substance == "Penicillin"


def test_the_answer_is_the_page_with_the_medical_information_for_the_patient(api, patient):
    information = send(api(patient.user), patient).json()["data"]["medical_information"]

    assert (information["bmi"], information["bmi_category"]) == ("24.4", "normal_weight")
    assert [entry["name"] for entry in information["conditions"]] == ["Asthma"]


def test_a_coordinator_who_enters_it_still_reads_none_of_it_without_consent(api, patient, coordinator):
    data = send(api(coordinator), patient).json()["data"]

    assert (data["medical_information"], data["medical_information_withheld"]) == (None, "no_consent")


def test_the_first_record_holds_height_weight_and_bmi(api, patient):
    send(api(patient.user), patient)

    record = MedicalRecord.objects.get()
    assert record.measurements == {"height_cm": "170.0", "weight_kg": "70.5", "bmi": "24.4"}
    assert (record.type, record.version, record.patient, record.uploaded_by) == ("other", 1, patient, patient.user)


def test_what_is_not_known_is_left_out_of_the_first_record(api, patient):
    assert send(api(patient.user), patient, GIVEN | {"weight_kg": None}).status_code == 201
    assert MedicalRecord.objects.get().measurements == {"height_cm": "170.0"}


def test_the_patient_is_told_without_a_medical_word(api, patient):
    send(api(patient.user), patient)

    messages = Message.objects.filter(kind="clinical.onboarding_complete")
    assert {message.recipient for message in messages} == {patient.user}
    assert {str(message.context) for message in messages} == {"{}"}


@pytest.mark.parametrize("question", ["allergies", "conditions", "medications", "blood_group", "height_cm", "gender"])
def test_a_question_that_is_passed_over_is_no_answer(api, patient, question):
    given = {name: value for name, value in GIVEN.items() if name != question}

    response = send(api(patient.user), patient, given)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [question]
    assert not MedicalRecord.objects.exists()


def test_none_known_is_an_answer(api, patient):
    given = GIVEN | {"allergies": [], "conditions": [], "medications": []}

    information = send(api(patient.user), patient, given).json()["data"]["medical_information"]

    assert information["allergies"] == information["conditions"] == information["medications"] == []


def test_before_it_the_page_says_that_nobody_has_asked(api, patient):
    information = api(patient.user).get(f"/api/v1/patients/{patient.pk}").json()["data"]["medical_information"]

    assert information["allergies"] is information["conditions"] is information["medications"] is None


def test_it_is_given_once(api, patient):
    client = api(patient.user)
    send(client, patient)

    again = send(client, patient, GIVEN | {"blood_group": "B-"})

    assert (again.status_code, again.json()["code"]) == (409, "patient.already_onboarded")
    patient.refresh_from_db()
    assert patient.blood_group == "A+"
    assert MedicalRecord.objects.count() == Allergy.objects.count() == 1


def test_a_request_sent_again_under_its_key_is_answered_again_and_nothing_medical_is_kept_for_that(api, patient):
    client = api(patient.user)
    first = send(client, patient, **{"Idempotency-Key": "one"})

    second = send(client, patient, **{"Idempotency-Key": "one"})

    assert (second.status_code, second["Idempotent-Replayed"]) == (201, "true")
    assert second.json()["data"] == first.json()["data"]
    assert IdempotencyKey.objects.get().body["data"] == {"id": str(patient.pk)}


def test_what_is_wrong_in_a_list_is_named_by_its_place_and_nothing_is_kept(api, patient):
    wrong = GIVEN | {"conditions": [{"name": "Asthma"}, {"name": "Gout", "since_year": 1950}]}

    response = send(api(patient.user), patient, wrong)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["conditions.1.since_year"]
    patient.refresh_from_db()
    assert patient.onboarded_at is None
    assert not Allergy.objects.exists()
    assert not Message.objects.exists()


def test_a_child_needs_a_guardian(api, patient):
    response = send(api(patient.user), patient, CHILD)

    assert (response.status_code, response.json()["code"]) == (409, "patient.guardian_needed")
    assert not MedicalRecord.objects.exists()


def test_a_child_with_a_guardian_has_a_bmi_and_no_category_of_adults(api, patient):
    response = send(api(patient.user), patient, CHILD | {"guardians": [MOTHER]})

    assert response.status_code == 201
    assert Guardian.objects.get().name == "Ngozi Bello"
    information = response.json()["data"]["medical_information"]
    assert (information["bmi"], information["bmi_category"]) == ("24.4", None)


def test_a_guardian_who_is_there_already_counts(api, patient):
    GuardianFactory(patient=patient)
    assert send(api(patient.user), patient, CHILD).status_code == 201


def test_a_guardian_can_be_reached(api, patient):
    response = send(api(patient.user), patient, CHILD | {"guardians": [{"name": "Ngozi", "relation": "mother"}]})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["guardians.0.phone"])


def test_papers_and_policies_come_with_it_and_their_numbers_stay_out_of_trail_and_keys(api, patient):
    given = GIVEN | {
        "identity_documents": [{"number": "A0912 3344", "country": "NG"}],
        "insurance_policies": [{"insurer": "Lagoon Health", "number": "LH-77-8899-01"}],
        "language": "fr",
    }
    send(api(patient.user), patient, given, **{"Idempotency-Key": "two"})

    assert IdentityDocument.objects.get().number == "A0912 3344"
    assert InsurancePolicy.objects.get().verification == "unverified"
    patient.user.refresh_from_db()
    assert patient.user.language == "fr"
    kept = str(list(AuditEntry.objects.values_list("changes", flat=True))) + str(IdempotencyKey.objects.get().body)
    for secret in ("3344", "8899", "Penicillin", "Asthma", "1980"):
        assert secret not in kept


def test_only_whoever_keeps_the_page_gives_it(api, patient, other_patient, doctor, hospital_admin, support_agent):
    for person, status in (
        (other_patient.user, 404), (doctor.user, 403), (hospital_admin, 403), (support_agent, 403),
    ):  # fmt: skip
        assert send(api(person), patient).status_code == status
    assert not Patient.objects.filter(onboarded_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("height", "weight", "index"),
    [
        ("170.0", "70.0", "24.2"), ("170.0", "70.5", "24.4"), ("180", "81", "25.0"), ("200", "100", "25.0"),
        ("160", "47.36", "18.5"), (None, "70", None), ("170", None, None),
    ],
)  # fmt: skip
def test_the_body_mass_index_is_the_weight_by_the_square_of_the_height(height, weight, index):
    figures = [Decimal(figure) if figure else None for figure in (height, weight)]
    assert rules.bmi(*figures) == (Decimal(index) if index else None)


@pytest.mark.parametrize(
    ("index", "age", "category"),
    [
        ("18.4", 40, "underweight"), ("18.5", 40, "normal_weight"), ("24.9", 40, "normal_weight"),
        ("25.0", 40, "overweight"), ("29.9", 40, "overweight"), ("30.0", 40, "obesity"),
        ("30.0", 18, "obesity"), ("30.0", 17, None), ("30.0", None, None), (None, 40, None),
    ],
)  # fmt: skip
def test_categories_are_those_of_adults(index, age, category):
    assert rules.bmi_category(Decimal(index) if index else None, age=age) == category


@pytest.mark.parametrize(
    ("born", "minor"),
    [(date(2008, 11, 22), True), (date(2008, 11, 21), False), (date(1960, 1, 1), False), (None, False)],
)
def test_a_minor_is_under_eighteen(born, minor):
    assert rules.is_minor(Patient(birth_date=born), today=date(2026, 11, 21)) is minor


def test_making_an_onboarded_patient_a_minor_needs_a_guardian_first(api, coordinator):
    patient = OnboardedFactory()

    response = api(coordinator).patch(f"/api/v1/patients/{patient.pk}", {"birth_date": "2015-01-01"}, format="json")

    assert (response.status_code, response.json()["code"]) == (409, "patient.guardian_needed")
    patient.refresh_from_db()
    assert patient.birth_date == date(1980, 2, 29)


def test_the_system_itself_may_keep_a_page(patient):
    assert services.update_patient(patient, by=None, city="Kano").city == "Kano"

"""One patient as a FHIR R4 bundle: valid against the published models, whole in itself, and only this patient's."""

import json
from datetime import date

import pytest
from django.utils import timezone

from apps.bookings.models import Appointment
from apps.clinical.models import (
    Allergy,
    Condition,
    ConsentGrant,
    CurrentMedication,
    LabResult,
    LabTest,
    LabValue,
    MedicalRecord,
    PrescribedMedication,
    Prescription,
)
from apps.interop import fhir

from . import bundles

KINDS = {
    "Patient", "Practitioner", "Organization", "Location", "Appointment", "DocumentReference", "MedicationRequest",
    "MedicationStatement", "AllergyIntolerance", "Condition", "Observation", "DiagnosticReport", "Consent",
}  # fmt: skip


def bundle_of(patient):
    return json.loads(fhir.dumps(fhir.bundle_of(patient, now=timezone.now())))


@pytest.fixture
def patient(world):
    return world.rows["patient_a"]


def problems(bundle):
    return bundles.schema_errors(bundle) + bundles.model_errors(bundle) + bundles.dangling(bundle)


def test_a_whole_patient_is_valid_against_the_published_models_and_refers_only_within(patient):
    bundle = bundle_of(patient)
    assert problems(bundle) == []
    assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} == KINDS
    ids = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(ids) == len(set(ids))


def test_a_patient_of_whom_nothing_is_known_but_the_name_is_valid(other_patient):
    bundle = bundle_of(other_patient)
    assert problems(bundle) == []
    assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == ["Patient"]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("Observation", {"status": "perhaps"}),
        ("Appointment", {"start": "tomorrow"}),
        ("Condition", {"onsetDateTime": "last summer"}),
        ("Patient", {"nickname": "Mina"}),
    ],
)
def test_control_the_published_models_see_what_is_wrong(patient, kind, damage):
    bundle = bundle_of(patient)
    bundles.of_kind(bundle, kind)[0].update(damage)
    assert bundles.schema_errors(bundle) or bundles.model_errors(bundle)


def test_control_a_reference_to_nobody_is_seen(patient):
    bundle = bundle_of(patient)
    bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] != "Practitioner"]
    assert bundles.dangling(bundle)


def test_nothing_of_another_patient_nor_of_a_doctors_account_is_in_it(world, patient):
    text = fhir.dumps(fhir.bundle_of(patient, now=timezone.now())).decode()
    assert world.foreign("patient_a", text) == set()
    assert world.actors["doctor_a"].email not in text


def test_the_same_row_has_the_same_id_each_time(patient):
    first, second = bundle_of(patient), bundle_of(patient)
    assert {entry["fullUrl"] for entry in first["entry"]} == {entry["fullUrl"] for entry in second["entry"]}
    assert first["id"] != second["id"]


# --- statuses --------------------------------------------------------------------------------------------------------


def test_what_was_struck_out_is_entered_in_error_and_has_no_clinical_status(world, patient):
    for model in (Allergy, Condition, CurrentMedication):
        model.objects.filter(patient=patient).update(struck_out_at=timezone.now())
    bundle = bundle_of(patient)
    for kind in ("AllergyIntolerance", "Condition"):
        [row] = bundles.of_kind(bundle, kind)
        assert row["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
        assert "clinicalStatus" not in row
    assert bundles.of_kind(bundle, "MedicationStatement")[0]["status"] == "entered-in-error"
    assert problems(bundle) == []


def test_a_condition_carries_its_icd_10_code(patient):
    Condition.objects.filter(patient=patient).update(code="E11.9", since_year=2015, state="resolved")
    [row] = bundles.of_kind(bundle_of(patient), "Condition")
    assert row["code"]["coding"] == [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "E11.9"}]
    assert row["onsetDateTime"] == "2015"
    assert row["clinicalStatus"]["coding"][0]["code"] == "resolved"


def test_a_record_entered_in_error_says_so_and_so_do_its_measurements(world, patient):
    record = world.rows["record_a"]
    MedicalRecord.objects.create(
        patient=patient, type="other", title="T", recorded_on=date(2026, 1, 2), uploaded_by=patient.user,
        measurements={"weight_kg": "81.50", "mood": "good"}, status="entered_in_error", ended_at=timezone.now(),
        error_reason="Someone else's",
    )  # fmt: skip
    bundle = bundle_of(patient)
    statuses = {row["id"]: row["status"] for row in bundles.of_kind(bundle, "DocumentReference")}
    assert statuses.pop(str(record.pk)) == "current"
    assert set(statuses.values()) == {"entered-in-error"}
    wrong = [row for row in bundles.of_kind(bundle, "Observation") if row["status"] == "entered-in-error"]
    assert {row.get("valueString") or row["valueQuantity"]["value"] for row in wrong} == {"good", 81.5}
    assert problems(bundle) == []


def test_a_correction_replaces_the_version_before(world, patient):
    record = world.rows["record_a"]
    MedicalRecord.objects.filter(pk=record.pk).update(status="superseded", ended_at=timezone.now())
    newer = MedicalRecord.objects.create(
        patient=patient, type="mri", title="T", recorded_on=record.recorded_on, uploaded_by=patient.user,
        series=record.series, version=2, correction_reason="Typing",
    )  # fmt: skip
    rows = {row["id"]: row for row in bundles.of_kind(bundle_of(patient), "DocumentReference")}
    assert rows[str(record.pk)]["status"] == "superseded"
    assert rows[str(newer.pk)]["relatesTo"][0]["target"]["reference"] == f"urn:uuid:{record.pk}"


def test_a_void_prescription_is_cancelled_a_dispensed_one_completed_and_a_draft_is_not_there(world, patient):
    prescription = world.rows["prescription_a"]
    draft = Prescription.objects.create(patient=patient, doctor=prescription.doctor, valid_until=date(2040, 1, 1))
    PrescribedMedication.objects.create(
        prescription=draft, position=1, name="N", dosage="D", frequency="F", duration="D"
    )

    def statuses():
        return [row["status"] for row in bundles.of_kind(bundle_of(patient), "MedicationRequest")]

    assert statuses() == ["active"]
    now = timezone.now()
    Prescription.objects.filter(pk=prescription.pk).update(status="dispensed", dispensed_at=now)
    assert statuses() == ["completed"]
    Prescription.objects.filter(pk=prescription.pk).update(
        status="void", dispensed_at=None, voided_at=now, void_reason="Wrong strength"
    )
    assert statuses() == ["cancelled"]


def test_a_result_that_is_not_released_is_not_there(world, patient):
    test = world.rows["lab_test_a"]
    LabTest.objects.filter(pk=test.pk).update(released_at=None)
    bundle = bundle_of(patient)
    [report] = bundles.of_kind(bundle, "DiagnosticReport")
    assert report["status"] == "registered"
    assert "result" not in report
    assert "conclusion" not in report
    value = world.rows["lab_value_a"]
    assert str(value.pk) not in json.dumps(bundle)
    assert problems(bundle) == []


@pytest.mark.parametrize(
    ("flag", "code"),
    [("normal", "N"), ("low", "L"), ("high", "H"), ("critical_low", "LL"), ("critical_high", "HH"), ("abnormal", "A")],
)
def test_a_laboratory_value_is_interpreted(world, patient, flag, code):
    first = world.rows["lab_result_a"]
    LabResult.objects.filter(pk=first.pk).update(is_current=False)
    result = LabResult.objects.create(
        lab_test=first.lab_test, version=2, correction_reason="Mixed up", reported_by=first.reported_by,
        reported_at=timezone.now(),
    )  # fmt: skip
    LabValue.objects.create(
        result=result, position=1, name="Potassium", code="2823-3", number="4.200000", unit="mmol/L", low="3.5",
        high="5.1", flag=flag,
    )  # fmt: skip
    bundle = bundle_of(patient)
    [row] = [row for row in bundles.of_kind(bundle, "Observation") if row["code"].get("text") == "Potassium"]
    assert row["interpretation"][0]["coding"][0]["code"] == code
    assert row["status"] == "corrected"
    assert row["valueQuantity"] == {"value": 4.2, "unit": "mmol/L"}
    assert row["referenceRange"] == [
        {"low": {"value": 3.5, "unit": "mmol/L"}, "high": {"value": 5.1, "unit": "mmol/L"}}
    ]
    assert row["code"]["coding"] == [{"system": "http://loinc.org", "code": "2823-3"}]
    assert bundles.of_kind(bundle, "DiagnosticReport")[0]["status"] == "corrected"
    assert problems(bundle) == []


def test_a_revoked_consent_is_inactive_and_ended_when_it_was_revoked(world, patient):
    assert bundles.of_kind(bundle_of(patient), "Consent")[0]["status"] == "active"
    now = timezone.now()
    ConsentGrant.objects.filter(patient=patient).update(revoked_at=now, revoked_by=patient.user)
    bundle = bundle_of(patient)
    [consent] = bundles.of_kind(bundle, "Consent")
    assert consent["status"] == "inactive"
    assert consent["provision"]["period"]["end"][:19] == now.isoformat()[:19]
    assert problems(bundle) == []


@pytest.mark.parametrize(
    ("status", "says"),
    [("requested", "pending"), ("appointment_confirmed", "booked"), ("no_show", "noshow"), ("rejected", "cancelled"),
     ("consultation_completed", "fulfilled")],
)  # fmt: skip
def test_an_appointments_status_is_said_in_fhirs_words(world, patient, status, says):
    appointment = world.rows["appointment_a"]
    Appointment.objects.filter(pk=appointment.pk).update(status=status)
    rows = {row["id"]: row for row in bundles.of_kind(bundle_of(patient), "Appointment")}
    assert rows[str(appointment.pk)]["status"] == says


def test_an_identity_paper_and_a_policy_are_identifiers(patient):
    [row] = bundles.of_kind(bundle_of(patient), "Patient")
    by_kind = {entry["type"]["coding"][0]["code"]: entry for entry in row["identifier"] if "type" in entry}
    assert by_kind["PPN"]["system"] == "http://hl7.org/fhir/sid/passport-NGA"
    assert by_kind["PPN"]["value"] == "A01a4477"
    assert by_kind["MB"]["value"] == "POL-a-4711"

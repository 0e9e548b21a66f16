"""A test from the doctor's request to the patient's result."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.clinical import exceptions, services
from apps.clinical.models import LabResult, LabTest, LabTestEvent, LabValue
from apps.clinical.workflow import LabTestStatus
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.clinical import MedicalFileFactory
from tests.factories.hospitals import HospitalStaffFactory
from tests.factories.laboratories import CRITICAL, NORMAL, in_care, told, with_result

pytestmark = pytest.mark.django_db
S = LabTestStatus
KANARI = {"name": "Kanarium", "number": "98765.4321"}


def request(doctor, patient, laboratory, **more):
    given = {"name": "Potassium", "code": "2823-3"} | more
    return services.request_lab_test(by=doctor.user, patient_id=patient.pk, laboratory_id=laboratory.pk, **given)


# --- asking ---


def test_a_doctor_in_care_asks_without_any_consent(doctor, patient, laboratory, care, hospital_admin):
    test = request(doctor, patient, laboratory, instructions="Fasting", priority="urgent")

    assert (test.status, test.doctor, test.patient) == (S.REQUESTED, doctor, patient)
    assert [event.to_status for event in test.events.all()] == ["requested"]
    assert told(hospital_admin) == ["lab_test_requested"]
    assert told(patient.user) == []


@pytest.mark.parametrize("ended_at", [None, timedelta(seconds=-1)])
def test_who_does_not_care_for_the_patient_does_not_ask(ended_at, doctor, patient, laboratory, hospital):
    if ended_at:
        in_care(patient, doctor, hospital, ended_at=timezone.now() + ended_at)

    with pytest.raises(NotFound):
        request(doctor, patient, laboratory)

    assert not LabTest.objects.exists()


def test_an_admin_asks_for_a_doctor_in_care(doctor, other_doctor, patient, laboratory, care, platform_admin):
    given = {"by": platform_admin, "patient_id": patient.pk, "laboratory_id": laboratory.pk, "name": "Potassium"}

    assert services.request_lab_test(**given, doctor_id=doctor.pk).doctor == doctor
    with pytest.raises(Invalid) as refused:
        services.request_lab_test(**given)
    assert list(refused.value.errors) == ["doctor_id"]
    with pytest.raises(exceptions.TestNeedsCare):
        services.request_lab_test(**given, doctor_id=other_doctor.pk)


def test_a_known_code_gives_the_name_in_the_patients_language(doctor, patient, laboratory, care):
    patient.user.language = "fr"
    patient.user.save()

    assert request(doctor, patient, laboratory, name="", code="718-7").name == "Hémoglobine"
    with pytest.raises(Invalid) as refused:
        request(doctor, patient, laboratory, name="", code="99999-9")
    assert list(refused.value.errors) == ["name"]


def test_a_test_belongs_to_the_appointment_of_the_care(doctor, patient, laboratory, care):
    test = request(doctor, patient, laboratory, appointment_id=care.subject_id)

    assert (test.subject_type, test.subject_id) == ("appointment", care.subject_id)
    with pytest.raises(Invalid):
        request(doctor, patient, laboratory, appointment_id=laboratory.pk)


@pytest.mark.parametrize("closed", ["laboratory", "hospital"])
def test_a_laboratory_that_is_closed_gets_no_test(closed, doctor, patient, laboratory, care):
    closed = laboratory if closed == "laboratory" else laboratory.hospital
    closed.is_active = False
    closed.save()

    with pytest.raises(exceptions.LaboratoryNotActive):
        request(doctor, patient, laboratory)


@pytest.mark.parametrize("verification", ["pending", "rejected"])
def test_a_laboratory_of_a_hospital_that_nobody_has_verified_gets_no_patients(
    doctor, patient, laboratory, care, verification
):
    type(laboratory.hospital).objects.filter(pk=laboratory.hospital_id).update(
        verification=verification, rejection_reason="No licence" if verification == "rejected" else ""
    )
    with pytest.raises(exceptions.LaboratoryNotActive):
        request(doctor, patient, laboratory)


# --- planning, and the sample ---


def test_planning_tells_the_patient_when_and_where_and_again_when_it_changes(
    doctor, patient, laboratory, care, hospital_admin
):
    test = request(doctor, patient, laboratory)
    at = timezone.now() + timedelta(days=2)

    services.change_lab_test(test.pk, by=hospital_admin, scheduled_at=at)
    services.change_lab_test(test.pk, by=hospital_admin, scheduled_at=at)
    assert told(patient.user) == ["lab_test_scheduled"]
    services.change_lab_test(test.pk, by=doctor.user, scheduled_at=at + timedelta(hours=1))

    test.refresh_from_db()
    assert (test.status, test.scheduled_at) == (S.SCHEDULED, at + timedelta(hours=1))
    assert told(patient.user) == ["lab_test_scheduled"] * 2


def test_the_laboratory_moves_a_test_forward(doctor, patient, laboratory, care, hospital_admin):
    test = request(doctor, patient, laboratory)
    services.change_lab_test(test.pk, by=hospital_admin, status="sample_taken", note="Left arm")
    services.change_lab_test(test.pk, by=hospital_admin, status="in_progress")

    test.refresh_from_db()
    assert test.status == S.IN_PROGRESS
    assert test.sampled_at is not None
    assert [event.to_status for event in test.events.all()] == ["requested", "sample_taken", "in_progress"]


def test_a_refused_change_changes_nothing(lab_test, doctor, other_doctor, consent, care, hospital):
    in_care(lab_test.patient, other_doctor, hospital, subject_id=other_doctor.pk)
    consent(doctor=other_doctor)
    before = LabTest.objects.values().get(pk=lab_test.pk)

    with pytest.raises(Forbidden):
        services.change_lab_test(lab_test.pk, by=other_doctor.user, instructions="Mine now")
    with pytest.raises(exceptions.SampleTaken):
        services.change_lab_test(lab_test.pk, by=doctor.user, instructions="Too late")
    with pytest.raises(Forbidden):
        services.change_lab_test(lab_test.pk, by=doctor.user, status="in_progress")
    with pytest.raises(Forbidden):
        services.cancel_lab_test(lab_test.pk, by=other_doctor.user, reason="Not mine")

    assert LabTest.objects.values().get(pk=lab_test.pk) == before


def test_cancelling_keeps_the_reason_and_tells_both(lab_test, doctor, patient, hospital_admin):
    services.cancel_lab_test(lab_test.pk, by=doctor.user, reason=" Patient has gone home ")

    lab_test.refresh_from_db()
    assert (lab_test.status, lab_test.cancellation_reason) == (S.CANCELLED, "Patient has gone home")
    assert told(patient.user) == told(hospital_admin) == ["lab_test_cancelled"]
    assert "gone home" not in str(list(Message.objects.values_list("context", flat=True)))


# --- results ---


def test_a_result_flags_its_values_and_tells_the_doctor_only(lab_test, doctor, patient, hospital_admin):
    result = with_result(
        lab_test, hospital_admin, values=[NORMAL, NORMAL | {"number": "5.2"}, {"name": "Haemolysis", "text": "slight"}]
    )

    assert lab_test.status == S.RESULT_READY
    assert [value.flag for value in result.values.all()] == ["normal", "high", ""]
    assert not result.is_critical
    assert told(doctor.user) == ["lab_result_ready"]
    assert told(patient.user) == []


def test_a_critical_result_asks_the_doctor_and_says_nothing_of_it(lab_test, doctor, hospital_admin):
    result = with_result(lab_test, hospital_admin, values=[CRITICAL])

    assert result.is_critical
    assert told(doctor.user) == ["lab_result_ready", "lab_result_to_acknowledge"]
    for message in Message.objects.filter(recipient=doctor.user):
        assert message.context == {"number": lab_test.number}


def test_a_file_alone_is_a_result_and_may_be_critical_by_word(lab_test, hospital_admin):
    file = MedicalFileFactory(owner=hospital_admin)

    result = with_result(lab_test, hospital_admin, values=(), file_id=file.pk, is_critical=True)

    assert (result.file, result.is_critical) == (file, True)


def test_another_persons_file_is_no_result(lab_test, hospital_admin, patient):
    file = MedicalFileFactory(owner=patient.user)

    with pytest.raises(Invalid) as refused:
        with_result(lab_test, hospital_admin, values=(), file_id=file.pk)

    assert list(refused.value.errors) == ["file_id"]
    assert not LabResult.objects.exists()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"name": "Potassium"}, "values.1.number"),
        (NORMAL | {"text": "high"}, "values.1.number"),
        (NORMAL | {"low": "6"}, "values.1.low"),
        (NORMAL | {"number": "NaN"}, "values.1.number"),
        (NORMAL | {"number": "12345678901.5"}, "values.1.number"),
        (NORMAL | {"name": " "}, "values.1.name"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_stored(value, field, lab_test, hospital_admin):
    with pytest.raises(Invalid) as refused:
        with_result(lab_test, hospital_admin, values=[NORMAL, value])

    assert list(refused.value.errors) == [field]
    assert not LabResult.objects.exists()


def test_only_the_laboratorys_own_staff_report(lab_test, doctor, patient, other_hospital_admin):
    for person, refusal in ((doctor.user, Forbidden), (patient.user, Forbidden), (other_hospital_admin, NotFound)):
        with pytest.raises(refusal):
            with_result(lab_test, person)

    lab_test.refresh_from_db()
    assert lab_test.status == S.SAMPLE_TAKEN


def test_a_second_result_is_no_correction_by_itself(lab_test, hospital_admin):
    with_result(lab_test, hospital_admin)

    with pytest.raises(exceptions.ResultExists):
        with_result(lab_test, hospital_admin, values=[CRITICAL])

    assert LabResult.objects.count() == 1


# --- corrections ---


def test_a_correction_keeps_what_was_and_starts_the_review_anew(lab_test, doctor, patient, hospital_admin):
    with_result(lab_test, hospital_admin, values=[CRITICAL])
    services.acknowledge_result(lab_test.pk, by=doctor.user, version=1)
    services.review_result(lab_test.pk, by=doctor.user, version=1)

    second = with_result(
        lab_test, hospital_admin, values=[CRITICAL | {"number": "7.9"}],
        corrects_version=1, correction_reason="Tubes were mixed up",
    )  # fmt: skip

    first = LabResult.objects.get(version=1)
    assert (first.is_current, second.is_current, second.version) == (False, True, 2)
    assert [str(value.number) for value in first.values.all()] == ["6.900000"]
    assert (first.acknowledged_by, second.acknowledged_by) == (doctor.user, None)
    assert lab_test.status == S.RESULT_READY
    assert lab_test.released_at is not None
    assert told(doctor.user) == [
        "lab_result_ready", "lab_result_to_acknowledge", "lab_result_corrected", "lab_result_to_acknowledge",
    ]  # fmt: skip
    assert told(patient.user) == ["lab_result_released", "lab_released_result_corrected"]
    with pytest.raises(exceptions.NotAcknowledged):
        services.review_result(lab_test.pk, by=doctor.user, version=2)


def test_a_correction_before_the_release_is_no_news_for_the_patient(lab_test, patient, hospital_admin):
    with_result(lab_test, hospital_admin)
    with_result(lab_test, hospital_admin, corrects_version=1, correction_reason="Typo")

    assert told(patient.user) == []


def test_a_correction_may_keep_the_file_that_a_colleague_sent(lab_test, hospital, hospital_admin):
    file = MedicalFileFactory(owner=hospital_admin)
    with_result(lab_test, hospital_admin, file_id=file.pk)
    colleague = HospitalStaffFactory(hospital=hospital).user

    result = with_result(lab_test, colleague, file_id=file.pk, corrects_version=1, correction_reason="Typo")

    assert result.file == file


def test_the_database_keeps_results_and_values_as_they_were(lab_test, hospital_admin):
    with_result(lab_test, hospital_admin)

    for change in (
        lambda: LabValue.objects.update(number=1),
        lambda: LabValue.objects.all().delete(),
        lambda: LabResult.objects.all().delete(),
        lambda: LabTest.objects.all().delete(),
        lambda: LabTestEvent.objects.update(note="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- acknowledging, reviewing, releasing ---


def test_a_doctor_in_care_with_consent_acknowledges_as_well(lab_test, other_doctor, hospital, hospital_admin, consent):
    with_result(lab_test, hospital_admin, values=[CRITICAL])
    with pytest.raises(NotFound):
        services.acknowledge_result(lab_test.pk, by=other_doctor.user, version=1)
    in_care(lab_test.patient, other_doctor, hospital, subject_id=other_doctor.pk)
    consent(doctor=other_doctor)

    result = services.acknowledge_result(lab_test.pk, by=other_doctor.user, version=1)

    assert result.acknowledged_by == other_doctor.user
    with pytest.raises(exceptions.NothingToAcknowledge):
        services.acknowledge_result(lab_test.pk, by=other_doctor.user, version=1)


def test_what_was_corrected_is_not_acknowledged_unseen(lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin, values=[CRITICAL])
    with_result(lab_test, hospital_admin, values=[CRITICAL], corrects_version=1, correction_reason="Typo")

    for act in (services.acknowledge_result, services.review_result):
        with pytest.raises(exceptions.StaleResult):
            act(lab_test.pk, by=doctor.user, version=1)

    assert not LabResult.objects.filter(acknowledged_at__isnull=False).exists()


def test_a_review_releases_unless_it_is_held_back(lab_test, doctor, patient, hospital_admin):
    with_result(lab_test, hospital_admin)

    services.review_result(lab_test.pk, by=doctor.user, version=1, release=False)
    lab_test.refresh_from_db()
    assert (lab_test.status, lab_test.released_at, told(patient.user)) == (S.REVIEWED, None, [])

    services.release_result(lab_test.pk, by=doctor.user)
    lab_test.refresh_from_db()
    assert lab_test.released_at is not None
    assert told(patient.user) == ["lab_result_released"]
    with pytest.raises(exceptions.ReleasedAlready):
        services.release_result(lab_test.pk, by=doctor.user)
    with pytest.raises(exceptions.ReviewedAlready):
        services.review_result(lab_test.pk, by=doctor.user, version=1)


def test_nothing_is_released_before_it_is_reviewed(lab_test, doctor, patient, hospital_admin):
    with_result(lab_test, hospital_admin)

    with pytest.raises(exceptions.NotReviewed):
        services.release_result(lab_test.pk, by=doctor.user)

    assert told(patient.user) == []


def test_a_second_review_after_a_correction_tells_the_patient_nothing_twice(lab_test, doctor, patient, hospital_admin):
    with_result(lab_test, hospital_admin)
    services.review_result(lab_test.pk, by=doctor.user, version=1)
    with_result(lab_test, hospital_admin, corrects_version=1, correction_reason="Typo")
    services.review_result(lab_test.pk, by=doctor.user, version=2)

    assert told(patient.user) == ["lab_result_released", "lab_released_result_corrected"]


# --- the trail ---


def test_the_trail_names_no_medical_word(lab_test, doctor, hospital_admin):
    before = AuditEntry.objects.order_by("-pk").first().pk
    with_result(lab_test, hospital_admin, values=[CRITICAL | KANARI], comment="Kanarium repeated")
    with_result(
        lab_test, hospital_admin, values=[NORMAL], comment="Kanarium", corrects_version=1, correction_reason="Kanarium"
    )

    entries = AuditEntry.objects.filter(pk__gt=before)
    assert {entry.object_type for entry in entries} >= {"clinical.labresult", "clinical.labvalue", "clinical.labtest"}
    written = str([entry.changes for entry in entries])
    assert "Kanarium" not in written
    assert KANARI["number"] not in written
    assert "critical_high'" in written, "which columns were written is said"


# --- laboratories ---


def test_staff_keep_their_own_laboratories(hospital, other_hospital, hospital_admin, other_hospital_admin):
    texts = {"name": {"en": "Lotus Laboratory", "ar": "مختبر"}, "city": {"en": "Chennai"}, "country": "IN"}

    laboratory = services.create_laboratory(by=hospital_admin, hospital_id=hospital.pk, **texts)
    services.update_laboratory(laboratory, by=hospital_admin, name={"fr": "Laboratoire Lotus"})
    laboratory.refresh_from_db()
    assert (laboratory.name_en, laboratory.name_fr) == ("Lotus Laboratory", "Laboratoire Lotus")

    with pytest.raises(NotFound):
        services.create_laboratory(by=hospital_admin, hospital_id=other_hospital.pk, **texts)
    for act in (services.update_laboratory, services.deactivate_laboratory):
        with pytest.raises(Forbidden):
            act(laboratory, by=other_hospital_admin)

    services.deactivate_laboratory(laboratory, by=hospital_admin)
    laboratory.refresh_from_db()
    assert not laboratory.is_active


def test_a_test_goes_on_in_a_laboratory_that_was_closed(lab_test, laboratory, hospital_admin):
    services.deactivate_laboratory(laboratory, by=hospital_admin)

    assert with_result(lab_test, hospital_admin).version == 1


def test_a_finished_test_is_not_cancelled(lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin)

    with pytest.raises(MoveNotAllowed):
        services.cancel_lab_test(lab_test.pk, by=doctor.user, reason="Late")

"""Prescriptions: drafted, compared with allergies, signed once and for all, void, replaced, dispensed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.clinical import exceptions, rules, services
from apps.clinical.models import Allergy, PrescribedMedication, Prescription
from apps.common.documents import CharactersNotSupported
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory
from tests.factories.hospitals import LicenceFactory
from tests.factories.prescriptions import AMOXICILLIN, PARACETAMOL, asked, drafted, signed

pytestmark = pytest.mark.django_db
REASON = "Tolerated twice since, under supervision"


@pytest.fixture
def care(patient, doctor, hospital):
    return CareFactory(patient=asked(patient), doctor=doctor, hospital=hospital)


# --- drafting ---


def test_a_doctor_drafts_for_a_patient_in_their_care_at_the_hospital_of_that_care(care, patient, doctor, hospital):
    patient.user.language = "ar"
    patient.user.save()

    draft = drafted(patient, doctor, AMOXICILLIN, PARACETAMOL, instructions="With water")

    assert (draft.status, draft.hospital, draft.language) == ("draft", hospital, "ar")
    assert list(draft.medications.values_list("name", flat=True)) == ["Amoxicillin", "Paracetamol"]
    today_there = timezone.localdate(timezone=ZoneInfo(hospital.time_zone))
    assert draft.valid_until == today_there + timedelta(days=rules.VALID_DAYS)
    assert not Message.objects.exists()


def test_without_care_the_patient_is_not_even_there(patient, doctor):
    with pytest.raises(NotFound):
        drafted(patient, doctor)


def test_care_that_is_over_does_not_count(patient, doctor, hospital):
    CareFactory(patient=patient, doctor=doctor, hospital=hospital, ends_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        drafted(patient, doctor)


def test_an_emergency_opens_the_record_for_reading_only(patient, doctor):
    EmergencyFactory(patient=patient, doctor=doctor)
    with pytest.raises(exceptions.NotInYourCare):
        drafted(patient, doctor)
    assert not Prescription.objects.exists()


def test_a_doctor_whose_licence_has_lapsed_does_not_prescribe(care, patient, doctor):
    doctor.licences.all().delete()
    LicenceFactory(doctor=doctor, expires_on=timezone.now().date() - timedelta(days=1))
    with pytest.raises(exceptions.MayNotPrescribe):
        drafted(patient, doctor)


def test_a_character_that_cannot_be_printed_is_refused_at_its_field(care, patient, doctor):
    with pytest.raises(CharactersNotSupported) as refused:
        drafted(patient, doctor, PARACETAMOL, PARACETAMOL | {"notes": "每日两次"})
    assert list(refused.value.errors) == ["medications.1.notes"]
    assert "U+6BCF" in str(refused.value.errors["medications.1.notes"][0])


@pytest.mark.parametrize("days", [-1, rules.prescriptions.MAX_VALID_DAYS + 2])
def test_a_prescription_is_valid_today_at_least_and_a_year_at_most(care, patient, doctor, days):
    with pytest.raises(Invalid) as refused:
        drafted(patient, doctor, valid_until=timezone.now().date() + timedelta(days=days))
    assert list(refused.value.errors) == ["valid_until"]


def test_a_draft_changes_and_is_compared_anew(care, patient, doctor):
    Allergy.objects.create(patient=patient, substance="Penicillin")
    draft = drafted(patient, doctor, PARACETAMOL)
    assert draft.allergy_check == "clear"

    changed = services.edit_prescription(draft.pk, by=doctor.user, medications=[AMOXICILLIN])

    assert changed.allergy_check == "warning"
    assert list(changed.medications.values_list("name", flat=True)) == ["Amoxicillin"]


def test_another_doctor_does_not_change_it(care, patient, doctor, other_doctor, other_hospital):
    draft = drafted(patient, doctor)
    with pytest.raises(NotFound):
        services.edit_prescription(draft.pk, by=other_doctor.user, instructions="Changed")
    draft.refresh_from_db()
    assert draft.instructions == ""


# --- signing ---


def test_signing_freezes_names_and_licence_and_tells_the_patient_a_number_only(care, patient, doctor):
    prescription = signed(patient, doctor, AMOXICILLIN)

    assert prescription.status == "signed"
    assert prescription.signed_as["patient"] == patient.user.full_name
    assert prescription.signed_as["doctor"].endswith(doctor.full_name)
    assert prescription.signed_as["licences"][0]["country"] == "IN"
    told = Message.objects.filter(recipient=patient.user)
    assert {message.kind for message in told} == {"clinical.prescription_signed"}
    assert all(message.context == {"number": prescription.number} for message in told)


def test_a_signed_prescription_names_the_way_to_change_it(care, patient, doctor):
    prescription = signed(patient, doctor)
    with pytest.raises(exceptions.PrescriptionIsFinal) as refused:
        services.edit_prescription(prescription.pk, by=doctor.user, instructions="More")
    assert refused.value.data["replace"].endswith(f"{prescription.pk}/replace")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clinical_prescription SET instructions = 'x' WHERE id = %s",
        "UPDATE clinical_prescription SET signed_at = NULL, status = 'draft' WHERE id = %s",
        "UPDATE clinical_prescription SET patient_id = doctor_id WHERE id = %s",
        "UPDATE clinical_prescription SET signed_as = '{}' WHERE id = %s",
        "DELETE FROM clinical_prescription WHERE id = %s",
        "UPDATE clinical_prescribedmedication SET dosage = '5000 mg' WHERE prescription_id = %s",
        "DELETE FROM clinical_prescribedmedication WHERE prescription_id = %s",
    ],
)
def test_what_is_signed_not_even_sql_changes(care, patient, doctor, statement):
    prescription = signed(patient, doctor)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [prescription.pk])
    prescription.refresh_from_db()
    assert (prescription.status, prescription.medications.get().dosage) == ("signed", "500 mg")


def test_no_medicine_is_added_to_what_is_signed(care, patient, doctor):
    prescription = signed(patient, doctor)
    with pytest.raises(DatabaseError), transaction.atomic():
        PrescribedMedication.objects.create(prescription=prescription, position=2, **AMOXICILLIN)


def test_after_the_care_has_ended_a_draft_is_not_signed(care, patient, doctor):
    draft = drafted(patient, doctor)
    care.ends_at = timezone.now()
    care.save()
    with pytest.raises(exceptions.NotInYourCare):
        services.sign_prescription(draft.pk, by=doctor.user)
    draft.refresh_from_db()
    assert (draft.status, draft.signed_at) == ("draft", None)


def test_after_the_care_has_ended_a_draft_is_not_compared_any_more(care, patient, doctor):
    """Else a draft that was kept would go on telling what the patient is allergic to."""
    draft = drafted(patient, doctor, PARACETAMOL)
    Allergy.objects.create(patient=patient, substance="Penicillin")
    care.ends_at = timezone.now()
    care.save()
    with pytest.raises(exceptions.NotInYourCare):
        services.edit_prescription(draft.pk, by=doctor.user, medications=[AMOXICILLIN])
    draft.refresh_from_db()
    assert (draft.allergy_check, draft.allergy_findings) == ("clear", [])


def test_a_prescription_is_signed_once(care, patient, doctor):
    prescription = signed(patient, doctor)
    with pytest.raises(MoveNotAllowed):
        services.sign_prescription(prescription.pk, by=doctor.user)


# --- allergies ---


def test_a_warning_is_passed_only_with_a_reason_and_both_are_kept(care, patient, doctor):
    Allergy.objects.create(patient=patient, substance="Penicillin")
    draft = drafted(patient, doctor, AMOXICILLIN)

    with pytest.raises(exceptions.AllergyWarning) as refused:
        services.sign_prescription(draft.pk, by=doctor.user)
    assert refused.value.data["allergy_check"]["findings"][0]["relation"] == "class"
    with pytest.raises(Invalid):
        services.sign_prescription(draft.pk, by=doctor.user, acknowledged_warnings=True, reason="ok")
    prescription = services.sign_prescription(draft.pk, by=doctor.user, acknowledged_warnings=True, reason=REASON)

    assert (prescription.allergy_check, prescription.acknowledgement) == ("warning", REASON)


def test_an_allergy_that_came_after_the_draft_is_shown_before_it_can_be_acknowledged(care, patient, doctor):
    draft = drafted(patient, doctor, AMOXICILLIN)
    assert draft.allergy_check == "clear"
    Allergy.objects.create(patient=patient, substance="Amoxicillin")

    with pytest.raises(exceptions.AllergyWarning):
        services.sign_prescription(draft.pk, by=doctor.user, acknowledged_warnings=True, reason=REASON)

    draft.refresh_from_db()
    assert (draft.status, draft.allergy_check) == ("draft", "warning")  # what was found is kept, to be read
    services.sign_prescription(draft.pk, by=doctor.user, acknowledged_warnings=True, reason=REASON)


def test_a_check_that_could_not_run_says_so_and_does_not_stop_the_doctor(care, patient, doctor):
    patient.onboarded_at = None
    patient.save()
    prescription = signed(patient, doctor)
    assert prescription.allergy_check == "not_run"
    assert [finding["reason"] for finding in prescription.allergy_findings] == ["not_asked"]


def test_what_was_struck_out_no_longer_warns(care, patient, doctor):
    Allergy.objects.create(patient=patient, substance="Penicillin", struck_out_at=timezone.now())
    assert drafted(patient, doctor, AMOXICILLIN).allergy_check == "clear"


def test_without_its_data_the_check_says_that_it_could_not_run(care, patient, doctor, monkeypatch, tmp_path):
    services.prescriptions.allergy_classes.classes.cache_clear()
    monkeypatch.setattr(services.prescriptions.allergy_classes, "FILE", tmp_path / "gone.json")
    draft = drafted(patient, doctor)
    assert (draft.allergy_check, draft.allergy_findings[0]["reason"]) == ("not_run", "no_data")


# --- void, replaced, dispensed ---


def test_a_void_prescription_stays_and_the_patient_is_told(care, patient, doctor):
    prescription = services.void_prescription(signed(patient, doctor).pk, by=doctor.user, reason="Wrong dose")
    assert (prescription.status, prescription.void_reason) == ("void", "Wrong dose")
    assert Message.objects.filter(kind="clinical.prescription_voided", recipient=patient.user).exists()


def test_of_a_discarded_draft_nobody_is_told(care, patient, doctor):
    services.void_prescription(drafted(patient, doctor).pk, by=doctor.user)
    assert not Message.objects.exists()


def test_replacing_voids_the_old_one_and_drafts_another_that_names_it(care, patient, doctor):
    old = signed(patient, doctor, AMOXICILLIN, instructions="With water")

    new = services.replace_prescription(old.pk, by=doctor.user, reason="Wrong dose", medications=[PARACETAMOL])

    old.refresh_from_db()
    assert (old.status, new.status, new.replaces_id) == ("void", "draft", old.pk)
    assert (new.instructions, new.medications.get().name) == ("With water", "Paracetamol")


def test_where_the_replacement_cannot_be_drafted_the_old_one_stands(care, patient, doctor):
    old = signed(patient, doctor)
    with pytest.raises(CharactersNotSupported):
        services.replace_prescription(old.pk, by=doctor.user, reason="Wrong dose", instructions="每日")
    old.refresh_from_db()
    assert old.status == "signed"


def test_the_hospital_where_it_was_written_notes_that_it_was_dispensed(care, patient, doctor, hospital_admin):
    GrantFactory(patient=patient, hospital=care.hospital)
    prescription = services.dispense_prescription(signed(patient, doctor).pk, by=hospital_admin)
    assert (prescription.status, prescription.dispensed_by) == ("dispensed", hospital_admin)
    with pytest.raises(MoveNotAllowed):
        services.void_prescription(prescription.pk, by=doctor.user, reason="Too late")


def test_another_hospital_does_not(care, patient, doctor, other_hospital_admin):
    prescription = signed(patient, doctor)
    with pytest.raises(NotFound):
        services.dispense_prescription(prescription.pk, by=other_hospital_admin)


def test_a_patient_does_not_dispense(care, patient, doctor):
    with pytest.raises(Forbidden):
        services.dispense_prescription(signed(patient, doctor).pk, by=patient.user)


def test_what_has_expired_is_not_dispensed(care, patient, doctor, platform_admin):
    prescription = signed(patient, doctor, valid_until=timezone.now().date() + timedelta(days=2))
    with pytest.raises(exceptions.PrescriptionExpired):
        services.dispense_prescription(prescription.pk, by=platform_admin, now=timezone.now() + timedelta(days=4))


def test_the_trail_holds_nothing_of_what_was_prescribed(care, patient, doctor):
    signed(patient, doctor, AMOXICILLIN | {"notes": "canary-note"}, instructions="canary-instructions")
    text = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert "canary" not in text
    assert "Amoxicillin" not in text

"""Every reading of a record is in the log, with its ground and where it came from; the log is sealed."""

import pytest

from apps.clinical import services
from apps.clinical.models import Allergy, MedicalRecord, Patient, ReadEntry
from apps.common import audit
from apps.common.exceptions import NotFound
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory, RecordFactory

pytestmark = pytest.mark.django_db


def read(rows, reader, act="listed", **more):
    return services.log_readings(
        rows.visible_to(reader).with_ground(reader), reader=reader, act=act, place="api", **more
    )


def grounds(reader):
    return [(entry.object_type, entry.ground, entry.ground_id) for entry in ReadEntry.objects.filter(reader=reader)]


def test_an_entry_says_who_read_what_of_whom_from_where(patient, platform_admin):
    record = RecordFactory(patient=patient)
    with audit.acting(actor=platform_admin, address="203.0.113.7", user_agent="Firefox", request_id="request-1"):
        assert read(MedicalRecord.objects, platform_admin, act="opened") == 1
    entry = ReadEntry.objects.get()
    assert (entry.patient_id, entry.reader_id, entry.reader_role) == (patient.pk, platform_admin.pk, "admin")
    assert (entry.object_type, entry.object_id, entry.act) == ("clinical.medicalrecord", record.pk, "opened")
    assert (entry.ground, entry.ground_id, entry.place) == ("administration", None, "api")
    assert (entry.address, entry.user_agent, entry.request_id) == ("203.0.113.7", "Firefox", "request-1")


def test_the_ground_is_the_patients_own(patient):
    RecordFactory(patient=patient)
    read(MedicalRecord.objects, patient.user)
    assert grounds(patient.user) == [("clinical.medicalrecord", "own", None)]


def test_the_ground_is_the_newest_consent_that_opens_the_row(patient, doctor, hospital):
    RecordFactory(patient=patient)
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    GrantFactory(patient=patient, doctor=doctor, scopes=["xray"])
    grant = GrantFactory(patient=patient, hospital=hospital, scopes=["mri"])
    read(MedicalRecord.objects, doctor.user)
    assert grounds(doctor.user) == [("clinical.medicalrecord", "consent", grant.pk)]


def test_the_ground_is_the_emergency_where_no_consent_opens_the_row(patient, doctor, hospital):
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    RecordFactory(patient=patient, is_shared=False)
    GrantFactory(patient=patient, doctor=doctor)
    emergency = EmergencyFactory(patient=patient, doctor=doctor)
    read(MedicalRecord.objects, doctor.user)
    assert grounds(doctor.user) == [("clinical.medicalrecord", "emergency", emergency.pk)]


def test_plain_rows_are_logged_as_well(patient, coordinator):
    RecordFactory.create_batch(3, patient=patient)
    GrantFactory(patient=patient)
    rows = MedicalRecord.objects.visible_to(coordinator).with_ground(coordinator)
    rows = rows.values("id", "patient_id", "ground", "ground_id")
    assert services.log_readings(rows, reader=coordinator, act="listed", place="api", model=MedicalRecord) == 3


def test_a_page_of_any_length_is_one_insert(patient, platform_admin, django_assert_num_queries):
    RecordFactory.create_batch(12, patient=patient)
    rows = list(MedicalRecord.objects.visible_to(platform_admin).with_ground(platform_admin))
    with django_assert_num_queries(1):
        assert services.log_readings(rows, reader=platform_admin, act="listed", place="api") == 12


def test_of_patients_only_the_medical_information_makes_an_entry(patient, doctor, hospital):
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    assert read(Patient.objects, doctor.user) == 0
    grant = GrantFactory(patient=patient, doctor=doctor, scopes=["profile"])
    assert read(Patient.objects, doctor.user) == 1
    assert grounds(doctor.user) == [("clinical.patient", "consent", grant.pk)]
    assert ReadEntry.objects.get().patient_id == patient.pk


def test_allergies_are_opened_by_the_scope_of_the_profile(patient, doctor, hospital):
    Allergy.objects.create(patient=patient, substance="Penicillin")
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    GrantFactory(patient=patient, doctor=doctor, scopes=["mri"])
    assert read(Allergy.objects, doctor.user) == 0
    GrantFactory(patient=patient, doctor=doctor, scopes=["profile"])
    assert read(Allergy.objects, doctor.user) == 1


def test_what_is_seen_no_longer_is_not_answered(patient, doctor):
    RecordFactory(patient=patient)
    rows = MedicalRecord.objects.with_ground(doctor.user)
    with pytest.raises(NotFound):
        services.log_readings(rows, reader=doctor.user, act="opened", place="api")
    assert not ReadEntry.objects.exists()

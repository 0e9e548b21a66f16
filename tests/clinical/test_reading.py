"""Every reading of a record is in the log, with its ground and where it came from; the log is sealed."""

from datetime import timedelta

import pytest
from django.utils import timezone

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


# --- the patient reads the log ---


@pytest.fixture
def logged(patient, doctor, hospital):
    """The patient and their doctor have each looked at the record, from different places."""
    record = RecordFactory(patient=patient)
    CareFactory(patient=patient, doctor=doctor, hospital=hospital)
    grant = GrantFactory(patient=patient, doctor=doctor)
    for reader, address in ((patient.user, "198.51.100.4"), (doctor.user, "203.0.113.7")):
        with audit.acting(actor=reader, address=address, user_agent="Firefox", request_id="request-1"):
            read(MedicalRecord.objects, reader, act="opened")
    return record, grant


@pytest.fixture
def address(patient):
    return f"/api/v1/patients/{patient.pk}/read-log"


def test_a_patient_reads_who_read_what_when_and_why(api, patient, doctor, hospital, logged, address):
    record, grant = logged
    (row,) = api(patient.user).get(address).json()["data"]
    assert row["reader"] == {
        "name": doctor.user.full_name, "role": "doctor", "institution": hospital.name, "is_self": False,
    }  # fmt: skip
    assert row["what"] == {
        "kind": "medicalrecord", "label": "Medical record", "id": str(record.pk), "title": record.title,
    }  # fmt: skip
    assert (row["act"], row["ground"], row["ground_id"], row["place"]) == ("opened", "consent", str(grant.pk), "api")


def test_of_staff_the_institution_stands_there_and_not_the_address(api, patient, logged, address):
    rows = api(patient.user).get(f"{address}?include_own=true").json()["data"]
    assert {row["reader"]["is_self"]: row["address"] for row in rows} == {True: "198.51.100.4", False: ""}


def test_a_platform_admin_reads_addresses_and_no_titles(api, platform_admin, logged, address):
    (row,) = api(platform_admin).get(address).json()["data"]
    assert (row["address"], row["what"]["title"]) == ("203.0.113.7", "")


def test_the_log_is_narrowed_by_day_act_and_ground(api, patient, logged, address):
    client = api(patient.user)
    today = timezone.now().date()

    def count(query):
        return len(client.get(f"{address}?{query}").json()["data"])

    assert count(f"date_from={today}&date_to={today}") == 1
    assert count(f"date_from={today + timedelta(days=1)}") == 0
    assert count("act=listed") == 0
    assert (count("ground=own"), count("ground=consent"), count("ground=emergency")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("who", "status"),
    [("other_patient", 404), ("doctor", 403), ("coordinator", 403), ("hospital_admin", 403), ("support_agent", 403)],
)
def test_nobody_else_reads_the_log(api, request, logged, address, who, status):
    user = request.getfixturevalue(who)
    assert api(getattr(user, "user", user)).get(address).status_code == status


def test_the_log_costs_the_same_whatever_its_length(
    api, patient, logged, address, platform_admin, django_assert_max_num_queries
):
    client = api(patient.user)
    for _more in range(5):
        RecordFactory(patient=patient)
    read(MedicalRecord.objects, platform_admin)
    with django_assert_max_num_queries(7):
        assert len(client.get(address).json()["data"]) == 7

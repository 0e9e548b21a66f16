"""Who sees which part of a record, over every route: consent given, of another type, withdrawn, over, and so on."""

import threading
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connections, transaction
from django.utils import timezone

from apps.clinical import services
from apps.clinical.models import ConsentGrant, MedicalRecord, Prescription, ReadEntry, RecordFile
from apps.clinical.querysets import RecordedQuerySet
from tests.factories.accounts import UserFactory
from tests.factories.clinical import PatientFactory
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory, RecordFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, HospitalStaffFactory
from tests.factories.laboratories import LabTestFactory
from tests.factories.media import StoredFileFactory

RECORD = frozenset({"record", "files", "search", "own list"})
EVERYTHING = RECORD | {"prescription", "laboratory test", "medical information"}
NOTHING = frozenset()
AGO, AHEAD = timedelta(hours=-1), timedelta(hours=1)


@pytest.fixture
def cast(db):
    """A doctor and a hospital that care for an onboarded patient who has a record, a prescription of another doctor and
    a laboratory test that another doctor asked another hospital for. Nothing is consented to."""
    hospital, elsewhere, doctor = HospitalFactory(), HospitalFactory(), DoctorFactory()
    AffiliationFactory(doctor=doctor, hospital=hospital)
    patient = PatientFactory(onboarded_at=timezone.now(), birth_date=date(1984, 5, 17))
    file = StoredFileFactory(purpose="medical_record", visibility="private", content_type="application/pdf")
    record = RecordFactory(patient=patient, type="mri")
    RecordFile.objects.create(record=record, file=file)
    return SimpleNamespace(
        hospital=hospital,
        elsewhere=elsewhere,
        doctor=doctor,
        staff=HospitalStaffFactory(hospital=hospital).user,
        coordinator=UserFactory(role="coordinator"),
        patient=patient,
        care=CareFactory(patient=patient, doctor=doctor, hospital=hospital),
        record=record,
        prescription=Prescription.objects.create(
            patient=patient,
            doctor=DoctorFactory(),
            valid_until=date(2040, 1, 1),
            status="signed",
            signed_at=timezone.now(),
        ),
        lab_test=LabTestFactory(patient=patient, status="result_ready", released_at=timezone.now()),
    )


def seen(client, cast):
    """The parts of the record that this person finds."""

    def ok(address):
        return client.get(f"/api/v1/{address}").status_code == 200

    def rows(address, pk):
        response = client.get(f"/api/v1/{address}")
        return response.status_code == 200 and str(pk) in {row["id"] for row in response.json()["data"]}

    page = client.get(f"/api/v1/patients/{cast.patient.pk}")
    found = {
        "record": ok(f"medical-records/{cast.record.pk}"),
        "files": ok(f"medical-records/{cast.record.pk}/download"),
        "search": rows(f"medical-records?patient_id={cast.patient.pk}&search=knee", cast.record.pk),
        "own list": rows(f"patients/{cast.patient.pk}/medical-records", cast.record.pk),
        "prescription": rows(f"prescriptions?patient_id={cast.patient.pk}", cast.prescription.pk)
        and ok(f"prescriptions/{cast.prescription.pk}"),
        "laboratory test": ok(f"lab-tests/{cast.lab_test.pk}"),
        "medical information": page.status_code == 200 and page.json()["data"]["medical_information"] is not None,
    }
    return {part for part, is_seen in found.items() if is_seen}


def consent(cast, *, begins=AGO, ends=AHEAD, **more):
    who = more if more.keys() & {"doctor", "hospital", "coordinator", "grantee"} else more | {"doctor": cast.doctor}
    now = timezone.now()
    return GrantFactory(patient=cast.patient, starts_at=now + begins, ends_at=now + ends, **who)


def revoked(cast, **more):
    grant = consent(cast, **more)
    services.revoke_consent(cast.patient.pk, grant.pk, by=cast.patient.user)


def end_care(cast):
    services.end_care("appointment", cast.care.subject_id, at=timezone.now())


def care_ended(cast, **more):
    consent(cast, **more)
    end_care(cast)


def for_a_care_that_ended(cast):
    """The consent was for an appointment that is over; the patient is in care because of another one."""
    over = CareFactory(patient=cast.patient, doctor=cast.doctor, hospital=cast.hospital)
    GrantFactory(
        patient=cast.patient, doctor=cast.doctor, ends_at=None, subject_type="appointment", subject_id=over.subject_id
    )
    services.end_care("appointment", over.subject_id, at=timezone.now())


def for_the_present_care(cast):
    GrantFactory(
        patient=cast.patient,
        doctor=cast.doctor,
        ends_at=None,
        subject_type="appointment",
        subject_id=cast.care.subject_id,
    )


def cared_for_elsewhere(cast, **more):
    end_care(cast)
    CareFactory(patient=cast.patient, doctor=cast.doctor, hospital=cast.elsewhere)
    consent(cast, **more)


def not_shared(cast, **more):
    MedicalRecord.objects.filter(pk=cast.record.pk).update(is_shared=False)
    consent(cast, **more)


def emergency(cast, begins=AGO):
    """The record is not shared, and there is neither consent nor care."""
    MedicalRecord.objects.filter(pk=cast.record.pk).update(is_shared=False)
    end_care(cast)
    EmergencyFactory(patient=cast.patient, doctor=cast.doctor, starts_at=timezone.now() + begins)


def emergency_of_another(cast):
    EmergencyFactory(patient=cast.patient, doctor=DoctorFactory())


DOCTOR = [
    ("in care, nothing consented to", lambda cast: None, NOTHING),
    ("consent for everything", consent, EVERYTHING),
    ("for the present care", for_the_present_care, EVERYTHING),
    ("of its type", lambda cast: consent(cast, scopes=["mri"]), RECORD),
    ("of another type", lambda cast: consent(cast, scopes=["xray", "ct_scan"]), NOTHING),
    ("medical information", lambda cast: consent(cast, scopes=["profile"]), {"medical information"}),
    ("prescriptions", lambda cast: consent(cast, scopes=["prescription"]), {"prescription"}),
    ("laboratory reports", lambda cast: consent(cast, scopes=["lab_report"]), {"laboratory test"}),
    ("to another doctor", lambda cast: consent(cast, doctor=DoctorFactory()), NOTHING),
    ("withdrawn", revoked, NOTHING),
    ("not begun", lambda cast: consent(cast, begins=AHEAD, ends=2 * AHEAD), NOTHING),
    ("expired", lambda cast: consent(cast, begins=2 * AGO, ends=AGO), NOTHING),
    ("for a care that ended", for_a_care_that_ended, NOTHING),
    ("the relationship ended", care_ended, NOTHING),
    ("to the hospital where they care", lambda cast: consent(cast, hospital=cast.hospital), EVERYTHING),
    ("to the hospital, care elsewhere", lambda cast: cared_for_elsewhere(cast, hospital=cast.hospital), NOTHING),
    ("to the doctor, care elsewhere", cared_for_elsewhere, EVERYTHING),
    ("to the hospital, care ended", lambda cast: care_ended(cast, hospital=cast.hospital), NOTHING),
    ("to coordinators", lambda cast: consent(cast, grantee="coordination"), NOTHING),
    ("not shared", not_shared, EVERYTHING - RECORD),
    ("emergency", emergency, EVERYTHING),
    ("emergency over", lambda cast: emergency(cast, begins=3 * AGO), NOTHING),
    ("emergency of another doctor", emergency_of_another, NOTHING),
]
STAFF = [
    ("nothing consented to", lambda cast: None, NOTHING),
    ("to the hospital", lambda cast: consent(cast, hospital=cast.hospital), EVERYTHING),
    ("to the hospital, of its type", lambda cast: consent(cast, hospital=cast.hospital, scopes=["mri"]), RECORD),
    ("to one of its doctors", consent, NOTHING),
    ("to another hospital", lambda cast: consent(cast, hospital=cast.elsewhere), NOTHING),
    ("to the hospital, care elsewhere", lambda cast: cared_for_elsewhere(cast, hospital=cast.hospital), NOTHING),
    ("to the hospital, care ended", lambda cast: care_ended(cast, hospital=cast.hospital), NOTHING),
    ("withdrawn", lambda cast: revoked(cast, hospital=cast.hospital), NOTHING),
    ("not shared", lambda cast: not_shared(cast, hospital=cast.hospital), EVERYTHING - RECORD),
    ("emergency of one of its doctors", emergency, NOTHING),
]
COORDINATOR = [
    ("nothing consented to", lambda cast: None, NOTHING),
    ("to them", lambda cast: consent(cast, coordinator=cast.coordinator), EVERYTHING),
    ("to all coordinators", lambda cast: consent(cast, grantee="coordination"), EVERYTHING),
    ("to all, of its type", lambda cast: consent(cast, grantee="coordination", scopes=["mri"]), RECORD),
    ("to another", lambda cast: consent(cast, coordinator=UserFactory(role="coordinator")), NOTHING),
    ("to all, without any care", lambda cast: care_ended(cast, grantee="coordination"), EVERYTHING),
    ("withdrawn", lambda cast: revoked(cast, grantee="coordination"), NOTHING),
    ("not shared", lambda cast: not_shared(cast, grantee="coordination"), EVERYTHING - RECORD),
    ("to a doctor", consent, NOTHING),
]


def cases(table):
    return pytest.mark.parametrize(("prepare", "parts"), [pytest.param(*row[1:], id=row[0]) for row in table])


@cases(DOCTOR)
def test_what_a_doctor_sees(api, cast, prepare, parts):
    prepare(cast)
    assert seen(api(cast.doctor.user), cast) == parts


@cases(STAFF)
def test_what_a_hospitals_staff_see(api, cast, prepare, parts):
    prepare(cast)
    assert seen(api(cast.staff), cast) == parts


@cases(COORDINATOR)
def test_what_a_coordinator_sees(api, cast, prepare, parts):
    prepare(cast)
    assert seen(api(cast.coordinator), cast) == parts


def test_the_patient_and_platform_admins_see_everything(api, cast, platform_admin):
    MedicalRecord.objects.filter(pk=cast.record.pk).update(is_shared=False)
    for user in (cast.patient.user, platform_admin):
        assert seen(api(user), cast) == EVERYTHING


def test_support_translators_and_other_patients_see_nothing(api, cast, support_agent, translator, other_patient):
    consent(cast, grantee="coordination")
    for user in (support_agent, translator, other_patient.user):
        assert seen(api(user), cast) == NOTHING


def test_a_guardians_consent_opens_a_minors_record(api, cast):
    guardian = cast.patient.guardians.create(name="Ada Eze", relation="mother", email="ada@example.com")
    consent(cast, guardian=guardian)
    assert seen(api(cast.doctor.user), cast) == EVERYTHING


def test_whatever_is_seen_is_logged_on_its_ground(api, cast):
    grant = consent(cast)
    seen(api(cast.doctor.user), cast)
    entries = ReadEntry.objects.filter(reader=cast.doctor.user)
    kinds = {"medicalrecord", "prescription", "labtest", "patient"}
    assert kinds <= {entry.object_type.partition(".")[2] for entry in entries}
    assert {(entry.ground, entry.ground_id) for entry in entries} == {("consent", grant.pk)}
    assert {"listed", "opened", "downloaded"} <= {entry.act for entry in entries}


def test_control_with_the_scope_off_the_table_fails(api, cast, monkeypatch):
    revoked(cast)
    assert seen(api(cast.doctor.user), cast) == NOTHING
    monkeypatch.setattr(RecordedQuerySet, "visible_to", lambda rows, user: rows)
    monkeypatch.setattr(RecordedQuerySet, "with_ground", lambda rows, user: _grounded(rows))
    assert {"record", "files", "search"} <= seen(api(cast.doctor.user), cast)


def _grounded(rows):
    admin = SimpleNamespace(role="admin", is_platform_admin=True)
    return rows.sight(admin, timezone.now()).with_ground()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_committed", [True, False])
def test_once_a_withdrawal_is_committed_no_reading_succeeds(api, is_committed):
    """With real commits, and as the control with a withdrawal that is rolled back."""
    doctor, patient = DoctorFactory(), PatientFactory()
    CareFactory(patient=patient, doctor=doctor)
    grant = GrantFactory(patient=patient, doctor=doctor)
    record = RecordFactory(patient=patient)
    client, begun, answers = api(doctor.user), threading.Event(), []
    may_stop = threading.Event()

    def read_on():
        while not may_stop.is_set():
            at = timezone.now()
            answers.append((at, client.get(f"/api/v1/medical-records/{record.pk}").status_code))
            begun.set()
        connections.close_all()

    reader = threading.Thread(target=read_on)
    reader.start()
    assert begun.wait(30)
    with transaction.atomic():
        services.revoke_consent(patient.pk, grant.pk, by=patient.user)
        transaction.set_rollback(not is_committed)
    committed_at = timezone.now()
    count = len(answers)
    while len(answers) < count + 5 and reader.is_alive():
        threading.Event().wait(0.01)
    may_stop.set()
    reader.join(30)
    before = {status for at, status in answers if at < committed_at}
    after = {status for at, status in answers if at > committed_at}
    assert 200 in before
    assert after == ({404} if is_committed else {200})
    assert bool(ConsentGrant.objects.get().revoked_at) is is_committed

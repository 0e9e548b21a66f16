"""The number of SQL queries of every list is recorded in query_counts.json and does not grow with the rows.

A changed number is a decision: correct the file in the same commit, and say why.
"""

import json
import re
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.billing.models import Refund
from apps.bookings.models import Review
from apps.clinical.models import MedicalRecord, ReadEntry, RecordFile
from apps.common import redis
from apps.hospitals.models import Qualification
from apps.notifications.models import Channel, Message
from tests.conftest import signed_in
from tests.factories.billing import PaymentFactory
from tests.factories.bookings import AppointmentFactory, BookingFactory, DoctorScheduleFactory
from tests.factories.catalogue import OfferFactory, PackageFactory, TreatmentFactory
from tests.factories.clinical import (
    InsurerFactory,
    MedicalFileFactory,
    PatientFactory,
    PolicyFactory,
    VerificationFactory,
)
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory, RecordFactory
from tests.factories.hospitals import (
    AccreditationFactory,
    AffiliationFactory,
    DoctorFactory,
    HospitalDocumentFactory,
    HospitalFactory,
    HospitalImageFactory,
    LicenceFactory,
)
from tests.factories.laboratories import LaboratoryFactory, LabTestFactory
from tests.factories.media import StoredFileFactory
from tests.factories.prescriptions import PARACETAMOL, signed

from . import coupons, directory, invoiced, subscribed, walk
from .world import DESK

RECORDED = json.loads(Path(__file__).with_name("query_counts.json").read_text(encoding="utf-8"))
FEW, MANY = 2, 12
#: Whom a list shows most; the others see fewer rows of the same query.
READERS = ("admin", "hospital_admin_a", "doctor_a", "patient_a")

pytestmark = pytest.mark.django_db


def multiply(world, count):
    """`count` more rows of everything, on side A."""
    for number in range(count):
        back = {"gateway": "offline", "amount": 1, "currency": "INR", "cause": "staff"}
        Refund.objects.create(payment=world.rows["payment_a"], **back)
        AffiliationFactory(hospital=world.rows["hospital_a"], is_primary=False)
        AffiliationFactory(doctor=world.rows["doctor_a"], hospital=HospitalFactory(), is_primary=False)
        AppointmentFactory(
            affiliation=AffiliationFactory(hospital=world.rows["hospital_a"]), patient=world.rows["patient_a"]
        )
        AppointmentFactory(
            affiliation=world.rows["affiliation_a"],
            patient=PatientFactory(),
        )
        DoctorScheduleFactory()
        for reader in READERS:
            Message.objects.create(
                recipient=world.actors[reader], channel=Channel.IN_APP, kind="announcement",
                event=f"multiply:{count}:{number}:{reader}", due_at=timezone.now(), context={"title": "t", "body": "b"},
            )  # fmt: skip
            upload = directory.upload(world.actors[reader], status="stored")
            StoredFileFactory(pk=upload.pk, owner=world.actors[reader])
            signed_in(world.actors[reader])
    multiply_directory(world, count)
    multiply_records(world, count)
    multiply_laboratories(world, count)
    multiply_prescriptions(world, count)
    multiply_consents(world, count)
    coupons.multiply(count)
    invoiced.multiply(world, count, desk=DESK)
    subscribed.multiply(world, count)


def multiply_consents(world, count):
    """More of what the patient of side A has consented to, asked for and paid, and more readers of their record."""
    patient, hospital = world.rows["patient_a"], world.rows["hospital_a"]
    for _number in range(count):
        GrantFactory(patient=patient, doctor=DoctorFactory())
        GrantFactory(patient=patient, hospital=hospital)
        EmergencyFactory(patient=patient, doctor=world.rows["doctor_a"])
        BookingFactory(patient=patient, hospital=hospital)
        policy = PolicyFactory(patient=patient, provider=InsurerFactory())
        VerificationFactory(policy=policy)
        PaymentFactory(payer=patient.user)
        ReadEntry.objects.create(
            at=timezone.now(), patient=patient, reader=DoctorFactory().user, reader_role="doctor", act="opened",
            object_type="clinical.medicalrecord", object_id=RecordFactory(patient=patient).pk, ground="consent",
            place="api",
        )  # fmt: skip


def multiply_prescriptions(world, count):
    """More prescriptions of side A, each of two medicines."""
    for _number in range(count):
        signed(world.rows["patient_a"], world.rows["doctor_a"], PARACETAMOL, PARACETAMOL)


def multiply_laboratories(world, count):
    """More laboratories, and more tests of side A in each."""
    for _number in range(count):
        laboratory = LaboratoryFactory(hospital=world.rows["hospital_a"])
        LabTestFactory(patient=world.rows["patient_a"], doctor=world.rows["doctor_a"], laboratory=laboratory)


def multiply_records(world, count):
    """More patients in the care of side A, and more records of its patient, each with files."""
    patient = world.rows["patient_a"]
    for _number in range(count):
        CareFactory(doctor=world.rows["doctor_a"], hospital=world.rows["hospital_a"])
        record = RecordFactory(patient=patient)
        RecordFactory(
            patient=patient,
            series=world.rows["record_a"].series,
            version=100 + MedicalRecord.objects.count(),
            status="superseded",
            ended_at=timezone.now(),
        )
        for _file in range(2):
            RecordFile.objects.create(record=record, file=MedicalFileFactory(owner=patient.user))


def multiply_directory(world, count):
    hospital, doctor = world.rows["hospital_a"], world.rows["doctor_a"]
    for _number in range(count):
        treatment = TreatmentFactory()
        OfferFactory(hospital=hospital, treatment=treatment)
        OfferFactory(treatment=world.rows["treatment"])
        PackageFactory(treatments=[treatment, world.rows["treatment"]], hospitals=[hospital, HospitalFactory()])
        HospitalImageFactory(hospital=hospital)
        HospitalDocumentFactory(hospital=hospital)
        AccreditationFactory(hospital=hospital)
        LicenceFactory(doctor=doctor)
        Qualification.objects.create(doctor=doctor, name="MD")
        patient = PatientFactory()
        appointment = AppointmentFactory(
            affiliation=world.rows["affiliation_a"], patient=patient, status="consultation_completed"
        )
        Review.objects.create(
            appointment=appointment, patient=patient, doctor=doctor, hospital=hospital, rating=4, language="en",
            status="published", published_at=timezone.now(),
        )  # fmt: skip


def queries(world, path, reader):
    client = signed_in(world.actors[reader])
    path = path.format(**{name: row.pk for name, row in world.rows.items()})
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, {} if "schedule" in path or "?" in path else {"limit": 100})
    if response.status_code != 200:
        return None
    return [query["sql"] for query in captured if not re.match(r"(SAVEPOINT|RELEASE|SELECT set_config)", query["sql"])]


def test_every_list_has_a_recorded_count():
    paginated = {
        route.path
        for route in walk.table()
        if route.method == "GET" and not re.search(r"\{[^}]*\}$", route.path)
        and route.path.startswith("/api/v1/") and "/health" not in route.path
    }  # fmt: skip
    assert paginated - set(RECORDED) == set()


def undone_queries(world, path, reader):
    """As `queries`; what the reading wrote into the log is not there for the next list."""
    undone = transaction.atomic()
    undone._from_testcase = True  # what refuses to work within a transaction does not mean this one
    with undone:
        found = queries(world, path, reader)
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def counted(built):
    """What each list asks of the database with few rows, and with many more: {path: {reader: (few, many)}}."""
    undone = transaction.atomic()
    undone._from_testcase = True  # what refuses to work within a transaction does not mean this one
    with undone:
        redis.client().flushdb()
        multiply(built, FEW)
        few = {path: {reader: undone_queries(built, path, reader) for reader in READERS} for path in RECORDED}
        multiply(built, MANY)
        redis.client().flushdb()
        many = {path: {reader: undone_queries(built, path, reader) for reader in READERS} for path in RECORDED}
        transaction.set_rollback(True)
    return {path: {reader: (few[path][reader], many[path][reader]) for reader in READERS} for path in RECORDED}


@pytest.mark.parametrize("path", sorted(RECORDED))
def test_a_list_costs_its_recorded_number_of_queries_however_many_rows(counted, path):
    found = [(few, many) for few, many in counted[path].values() if few is not None]
    for few, many in found:
        assert len(many) == len(few), "\n".join(many)
    assert max(len(many) for _few, many in found) == RECORDED[path]

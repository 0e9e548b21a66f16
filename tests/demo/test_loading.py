"""The demo world is loaded once, whole, by the services, and by nobody in production."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts import services as account_services
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.billing.models import Payment
from apps.bookings import services as booking_services
from apps.bookings.models import Appointment, AppointmentEvent, Booking, Review
from apps.bookings.workflow import AppointmentStatus, ReviewStatus
from apps.clinical import rules as clinical_rules
from apps.clinical import services as clinical_services
from apps.clinical.models import (
    ConsentGrant,
    EmergencyAccess,
    InsurancePolicy,
    LabResult,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
    ReadEntry,
    RecordFile,
)
from apps.clinical.workflow import LabTestStatus, PrescriptionStatus
from apps.common import texts
from apps.common.models import AuditEntry
from apps.hospitals.models import Accreditation, Doctor, Hospital, Specialty, Treatment
from apps.hospitals.selectors import verification
from apps.notifications.models import Message
from medivoy.demo import casting, clock, doctors, loading, patients, planning, sources, staff

COUNTED = (Specialty, User, Hospital, Doctor, Patient, Appointment, AppointmentEvent, Message, AuditEntry)


@pytest.fixture(autouse=True)
def sign_ins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The demo of whoever runs the tests keeps its file."""
    path = tmp_path / "var" / "demo.json"
    monkeypatch.setattr(loading, "SIGN_INS", path)
    return path


@pytest.fixture
def smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same world with fewer patients and appointments, for speed."""
    monkeypatch.setattr(patients, "COUNT", 60)
    monkeypatch.setattr(planning, "PAST_COUNT", (1, 1))
    monkeypatch.setattr(planning, "COMING_COUNT", (1, 1))


def seed(*, pictures: bool = False) -> str:
    out = io.StringIO()
    call_command("seed_demo", "--pictures" if pictures else "--no-pictures", stdout=out)
    return out.getvalue()


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def assert_plans_can_be_played(now: datetime) -> None:
    """At whatever hour the demo is loaded: nobody is at two places, and nothing is booked too soon or too far ahead."""
    taken: dict[Any, list[tuple[datetime, datetime]]] = {}
    plans = planning.Planner(now, casting.dice(str(now))).everything()
    assert len(plans) > 100
    for plan in plans:
        assert plan.booked_at <= now
        assert plan.patient.user.created_at < plan.booked_at
        for agreed_at, slot in {(plan.booked_at, plan.booked), (plan.moved_at or plan.booked_at, plan.slot)}:
            assert timedelta(minutes=120) <= slot.starts_at - agreed_at < timedelta(days=60)
        for slot in {plan.booked, plan.slot}:
            for who in (plan.doctor.pk, plan.patient.pk):
                others = taken.setdefault(who, [])
                assert not any(start < slot.ends_at and slot.starts_at < end for start, end in others)
                others.append((slot.starts_at, slot.ends_at))


def assert_the_directory_is_in_use(now: datetime) -> None:
    """Something ends soon, something waits with its papers, patients have said something, translators have work."""
    admin = User.objects.by_email(staff.ADMIN).get()
    found = verification.waiting(admin)
    assert verification.count_by_kind(found).keys() == {"doctor", "hospital", "licence", "accreditation"}
    for subject in verification.subjects(found, admin).values():
        assert verification.papers(subject, admin), subject

    ends = Accreditation.objects.filter(verification="approved").values_list("expires_on", flat=True)
    days_left = [(day - now.date()).days for day in ends if day]
    for earliest, latest in ((-90, -1), (0, 30), (31, 60), (61, 90)):
        assert any(earliest <= days <= latest for days in days_left), (earliest, latest)
    assert Appointment.objects.unlicensed(now).exists()
    assert Doctor.objects.filter(next_free_at__gt=now).count() > 50

    assert set(Review.objects.values_list("status", flat=True)) == set(ReviewStatus.values)
    assert Review.objects.exclude(reply="").exists()
    assert booking_services.recount_ratings() == {"doctors": 0, "hospitals": 0}
    assert Doctor.objects.filter(rating__gt=0).count() > 10

    fields = ("name", "description", "recovery")
    for status in texts.TextStatus:
        assert any(texts.with_status(Treatment.objects, code, status, fields).exists() for code in sources.LANGUAGES)
    assert texts.with_status(Treatment.objects, "ar", texts.TextStatus.MACHINE, fields).exists()


def assert_records_are_in_use(now: datetime) -> None:
    """Patients have said how they are, shared it with some, and can see who has read it; laboratories have work."""
    onboarded = Patient.objects.exclude(onboarded_at=None)
    assert onboarded.exists()
    assert Patient.objects.filter(onboarded_at=None).exists()
    minors = [patient for patient in Patient.objects.all() if clinical_rules.is_minor(patient, today=now.date())]
    assert len(minors) == len([number for number in patients.MINORS if number < patients.COUNT])
    assert all(patient.guardians.exists() for patient in minors)
    verifications = set(InsurancePolicy.objects.values_list("verification", flat=True))
    assert verifications >= {"requested", "verified", "rejected"}

    grants = ConsentGrant.objects.all()
    assert set(grants.values_list("grantee", flat=True)) == {"doctor", "hospital", "coordination"}
    assert grants.exclude(revoked_at=None).exists()
    assert grants.filter(ends_at__lt=now).exists()
    assert EmergencyAccess.objects.filter(verdict="justified").count() == 1
    assert EmergencyAccess.objects.to_review().count() == 1
    assert set(LabTest.objects.values_list("status", flat=True)) == set(LabTestStatus.values)
    assert LabResult.objects.unacknowledged().count() == 1
    assert LabResult.objects.filter(version=2).exists()
    assert set(Prescription.objects.values_list("status", flat=True)) == set(PrescriptionStatus.values)
    assert Payment.objects.exclude(reversed_at=None).count() == 1
    assert Booking.objects.filter(status="cancelled").count() == 1
    for model in (MedicalRecord, Prescription, LabTest, ConsentGrant):
        assert not model.objects.filter(created_at__gt=now).exists(), model

    log = clinical_services.verify_read_log()
    assert log.broken == ""
    assert log.seals > 3
    assert set(ReadEntry.objects.values_list("ground", flat=True)) >= {"own", "consent", "emergency", "administration"}


def assert_the_shown_people_have_something_to_look_at() -> None:
    """The shown doctor reads the shown patient's record, but for what the patient keeps back."""
    patient, doctor = (User.objects.by_email(email).get() for email in (patients.SHOWN, doctors.SHOWN))
    own = MedicalRecord.objects.visible_to(patient)
    assert set(own.values_list("status", flat=True)) == set(MedicalRecord.Status.values)
    shared = MedicalRecord.objects.visible_to(doctor).filter(patient__user=patient)
    assert set(own) - set(shared) == set(own.filter(is_shared=False))
    assert RecordFile.objects.filter(record__in=shared).count() >= 5
    prescriptions = Prescription.objects.filter(patient__user=patient)
    assert sorted(prescriptions.values_list("status", flat=True)) == ["dispensed", "draft", "signed", "void"]
    assert prescriptions.filter(allergy_check="warning").exclude(acknowledgement="").count() == 1
    assert LabTest.objects.visible_to(doctor).filter(patient__user=patient, status="result_ready").exists()
    assert LabResult.objects.unacknowledged().filter(lab_test__doctor__user=doctor).count() == 1


@pytest.mark.django_db
def test_the_world_is_whole_and_a_second_run_changes_nothing(
    smaller: None, sign_ins: Path, django_assert_max_num_queries: Any
) -> None:
    seed()
    now = timezone.now()
    before = rows()

    assert before["Specialty"] == len(sources.specialties())
    assert Hospital.objects.listed().count() == len(sources.hospitals())
    listed = Doctor.objects.listed(now.date()).filter(is_bookable=True)
    assert listed.count() == 60
    assert listed.values("specialty").distinct().count() >= 15
    assert Doctor.objects.filter(verification="pending", onboarded_at__isnull=False).count() == 3
    assert not Doctor.objects.filter(bio_ar="").exists()
    assert Patient.objects.filter(birth_date=None).count() == 0

    past, coming = Appointment.objects.filter(ends_at__lt=now), Appointment.objects.filter(starts_at__gt=now)
    assert set(past.values_list("status", flat=True)) >= {AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED}
    assert set(coming.values_list("status", flat=True)) >= {AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED}
    assert not past.filter(status=AppointmentStatus.REQUESTED).exists()
    assert not Appointment.objects.filter(created_at__gte=now).exists()
    assert not AppointmentEvent.objects.filter(at__gt=now).exists()

    people = json.loads(sign_ins.read_text())
    assert {person["role"] for person in people} == set(Role.values)
    for person in people:
        assert account_services.check_credentials(
            email=person["email"], password=person["password"], address="192.0.2.1"
        )
    shown = Appointment.objects.filter(doctor__user__email=doctors.SHOWN, patient__user__email=patients.SHOWN)
    assert set(shown.values_list("status", flat=True)) >= {
        AppointmentStatus.REQUESTED,
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.COMPLETED,
    }
    assert_the_directory_is_in_use(now)
    assert_records_are_in_use(now)
    assert_the_shown_people_have_something_to_look_at()
    waiting = Message.objects.filter(status=Message.Status.PENDING)
    assert set(waiting.values_list("recipient__email", flat=True)) <= {person["email"] for person in people}
    assert 1 <= waiting.count() <= 50

    for hours in (0, 7, 29, 200):
        assert_plans_can_be_played(now + timedelta(hours=hours))

    sign_ins.unlink()
    with django_assert_max_num_queries(10):
        assert "everything was there" in seed()
    assert sign_ins.exists()
    assert rows() == {**before, "AuditEntry": AuditEntry.objects.count()}


@pytest.mark.django_db
def test_a_room_that_fails_half_way_leaves_nothing_and_is_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = True

    def half(now: Any) -> int:
        count = staff.load(now)
        if broken:
            raise RuntimeError("the power is gone")
        return count

    rooms = {"reference data": loading.reference.load, "staff": half}
    monkeypatch.setattr(loading, "rooms", lambda tell: rooms)
    monkeypatch.setattr(loading, "_write_sign_ins", lambda: None)
    with pytest.raises(RuntimeError):
        loading.load(lambda text: None, pictures=False)
    assert loading.loaded_rooms() == {"reference data"}
    assert not User.objects.exists()

    broken = False
    assert loading.load(lambda text: None, pictures=False) == ["staff"]
    assert User.objects.count() == len(staff.POSTS)


@pytest.mark.django_db
def test_the_demo_is_refused_in_production(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never loaded"):
        seed()
    assert not User.objects.exists()


def test_the_demo_password_is_one_that_people_could_choose() -> None:
    account_services.check_strength(staff.PASSWORD, user=User(email=staff.ADMIN))


def test_the_clock_stands_still_only_while_it_is_held() -> None:
    instant = timezone.now() - timedelta(days=30)
    with clock.standing_at(instant):
        assert timezone.now() == instant
    assert timezone.now() > instant

"""Two people decide at the same instant: one wins, the other is told, nobody gets a 500.

Real connections and commits. The control runs the same race with the row lock taken away, and then the race is lost:
the test would notice.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import services as account_services
from apps.common.api import errors
from apps.common.querysets import ScopedQuerySet
from apps.hospitals import services
from apps.hospitals.models import Affiliation, Doctor
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.notifications.models import Message
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 8


def together(*acts):
    """Run the acts in threads of their own, begun at one instant; each one's refusal, or None where it succeeded."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=20)
            act()
        except Exception as error:  # noqa: BLE001  what it is, the test judges
            return errors.as_refusal(error) or error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def no_lock(monkeypatch):
    """All read the row before any writes it, and none waits for another."""
    barrier = Barrier(CROWD)

    def read(self, pk):
        row = self.get(pk=pk)
        barrier.wait(timeout=20)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(ScopedQuerySet, "lock", read)
        yield


@pytest.fixture
def waiting(db):
    doctor = DoctorFactory(verification=Verification.PENDING, licence_number="TN-1", licence_country="IN")
    AffiliationFactory(doctor=doctor, status=AffiliationStatus.PENDING)
    return doctor


def codes(outcomes):
    return sorted(getattr(outcome, "code", repr(outcome)) if outcome else "done" for outcome in outcomes)


def test_many_approve_one_doctor_at_once(waiting, platform_admin):
    approve = lambda: services.verify_doctor(waiting, by=platform_admin, verification="approved")  # noqa: E731
    outcomes = together(*[approve] * CROWD)
    assert codes(outcomes) == ["done", *["workflow.move_not_allowed"] * (CROWD - 1)]
    assert Affiliation.objects.active().count() == 1
    assert Message.objects.filter(recipient=waiting.user, channel="email").count() == 1


def test_control_without_the_lock_many_approvals_pass(waiting, platform_admin, monkeypatch):
    approve = lambda: services.verify_doctor(waiting, by=platform_admin, verification="approved")  # noqa: E731
    with no_lock(monkeypatch):
        outcomes = together(*[approve] * CROWD)
    assert codes(outcomes).count("done") > 1


def test_approving_and_rejecting_at_once_leaves_one_consistent_outcome(waiting, platform_admin):
    outcomes = together(
        lambda: services.verify_doctor(waiting, by=platform_admin, verification="approved"),
        lambda: services.verify_doctor(waiting, by=platform_admin, verification="rejected", reason="No."),
    )
    doctor, affiliation = Doctor.objects.get(), Affiliation.objects.get()
    # Both may pass one after the other: an approval can be withdrawn, and a rejection reversed.
    assert set(codes(outcomes)) <= {"done", "workflow.move_not_allowed"}
    first_was_rejection = affiliation.status == AffiliationStatus.REJECTED
    assert doctor.verification in {Verification.APPROVED, Verification.REJECTED}
    assert affiliation.status in {AffiliationStatus.ACTIVE, AffiliationStatus.REJECTED}
    assert (doctor.verification == Verification.REJECTED) == bool(doctor.rejection_reason)
    if doctor.verification == Verification.APPROVED and not first_was_rejection:
        assert codes(outcomes) == ["done", "workflow.move_not_allowed"] or affiliation.status == "active"


def test_many_take_up_one_doctor_at_one_hospital(hospital, other_doctor, platform_admin):
    take_up = lambda: services.add_affiliation(hospital, other_doctor, by=platform_admin)  # noqa: E731
    outcomes = together(*[take_up] * CROWD)
    assert codes(outcomes) == ["affiliation.exists"] * (CROWD - 1) + ["done"]
    assert Affiliation.objects.active().filter(hospital=hospital).count() == 1
    assert Message.objects.filter(recipient=other_doctor.user, channel="email").count() == 1


def test_control_without_the_lock_the_database_refuses_the_second(hospital, other_doctor, platform_admin, monkeypatch):
    take_up = lambda: services.add_affiliation(hospital, other_doctor, by=platform_admin)  # noqa: E731
    with no_lock(monkeypatch):
        outcomes = together(*[take_up] * CROWD)
    assert codes(outcomes) == ["conflict"] * (CROWD - 1) + ["done"], "409 even then, and still one affiliation"
    assert Affiliation.objects.active().filter(hospital=hospital).count() == 1


def test_many_hospitals_claim_to_be_the_primary_one(platform_admin, doctor):
    Affiliation.objects.all().delete()
    hospitals = HospitalFactory.create_batch(CROWD)
    outcomes = together(
        *[
            lambda hospital=hospital: services.add_affiliation(hospital, doctor, by=platform_admin, is_primary=True)
            for hospital in hospitals
        ]
    )
    assert codes(outcomes) == ["affiliation.primary_taken"] * (CROWD - 1) + ["done"]
    assert Affiliation.objects.active().filter(is_primary=True).count() == 1


def test_ending_one_affiliation_many_times_ends_it_once(hospital, doctor, platform_admin):
    end = lambda: services.end_affiliation(hospital, doctor, by=platform_admin)  # noqa: E731
    outcomes = together(*[end] * CROWD)
    assert codes(outcomes) == ["done", *["not_found"] * (CROWD - 1)]
    assert Message.objects.filter(recipient=doctor.user, channel="email").count() == 1


def test_renaming_the_account_while_the_profile_changes_loses_neither(doctor, platform_admin):
    def rename():
        type(doctor.user).objects.filter(pk=doctor.user_id).update(last_name="Rao")

    outcomes = together(
        rename, lambda: services.update_doctor(doctor, by=platform_admin, bio={"en": "Hearts."}), rename
    )
    assert not any(isinstance(outcome, IntegrityError) for outcome in outcomes)
    assert codes(outcomes) == ["done"] * 3
    doctor.refresh_from_db()
    assert (doctor.last_name, doctor.bio_en) == ("Rao", "Hearts.")


def test_a_doctor_who_changes_the_name_while_being_approved_deadlocks_with_nobody(waiting, platform_admin):
    is_locked, is_waited_for = Event(), Event()

    def approve():
        with transaction.atomic():
            Doctor.objects.lock(waiting.pk)
            is_locked.set()
            assert is_waited_for.wait(timeout=20)
            services.verify_doctor(waiting, by=platform_admin, verification=Verification.APPROVED)

    def rename():
        assert is_locked.wait(timeout=20)
        account_services.update_user(waiting.user_id, changes={"last_name": "Renamed"}, by=waiting.user)

    def watch():
        """The new name is on its way to the doctor's row, which the approval holds."""
        assert is_locked.wait(timeout=20)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        for _look in range(100_000):
            with connection.cursor() as cursor:
                cursor.execute(waits)
                if cursor.fetchone()[0]:
                    break
        is_waited_for.set()

    assert together(approve, rename, watch) == [None, None, None]
    waiting.refresh_from_db()
    assert (waiting.verification, waiting.last_name) == (Verification.APPROVED, "Renamed")

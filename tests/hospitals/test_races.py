"""Two people decide at the same instant: one wins, the other is told, nobody gets a 500.

Real connections and commits. The control runs the same race with the row lock taken away, and then the race is lost:
the test would notice.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Barrier, Event
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from apps.accounts import services as account_services
from apps.common.api import errors
from apps.common.querysets import ScopedQuerySet
from apps.hospitals import services
from apps.hospitals.models import Affiliation, Doctor, Licence, Qualification
from apps.hospitals.services import expiry
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.notifications.models import Message
from tests.factories.catalogue import SeasonFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, HospitalImageFactory

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
    doctor = DoctorFactory(verification=Verification.PENDING, licence__verification=Verification.PENDING)
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
    doctor, affiliation, licence = Doctor.objects.get(), Affiliation.objects.get(), Licence.objects.get()
    # After a rejection there is no licence to approve; an approval can be withdrawn, and its licence stays approved.
    assert codes(outcomes) in [["done", "done"], ["doctor.profile_incomplete", "done"]]
    assert (doctor.verification, doctor.rejection_reason) == ("rejected", "No.")
    if codes(outcomes) == ["done", "done"]:
        assert (affiliation.status, licence.verification) == ("active", "approved")
    else:
        assert (affiliation.status, licence.verification) == ("rejected", "rejected")


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


# --- the doctor, the hospital and the admin at once ---


@pytest.fixture
def rejected(waiting, platform_admin):
    return services.verify_doctor(waiting, by=platform_admin, verification="rejected", reason="Unreadable.")


def test_submitting_again_many_times_submits_once(rejected):
    outcomes = together(*[lambda: services.submit_doctor(rejected, by=rejected.user)] * CROWD)
    assert codes(outcomes) == ["done", *["workflow.move_not_allowed"] * (CROWD - 1)]
    assert (Doctor.objects.get().verification, Licence.objects.get().verification) == ("pending", "pending")


def test_control_without_the_lock_a_profile_is_submitted_many_times(rejected, monkeypatch):
    with no_lock(monkeypatch):
        outcomes = together(*[lambda: services.submit_doctor(rejected, by=rejected.user)] * CROWD)
    assert codes(outcomes).count("done") > 1


def test_submitting_while_an_admin_decides_leaves_doctor_and_licence_agreeing(rejected, platform_admin):
    licence = Licence.objects.get()

    def approve():
        services.verify_licence(licence, by=platform_admin, verification="approved")
        services.verify_doctor(rejected, by=platform_admin, verification="approved")

    outcomes = together(lambda: services.submit_doctor(rejected, by=rejected.user), approve)
    # Submitted first: the admin approves what waits. Approved first: nothing is left to submit.
    assert outcomes[1] is None
    assert codes(outcomes[:1]) in [["done"], ["workflow.move_not_allowed"]]
    doctor = Doctor.objects.get()
    if doctor.verification == Verification.APPROVED:
        assert Licence.objects.get().verification == Verification.APPROVED
    assert (doctor.verification == Verification.REJECTED) == bool(doctor.rejection_reason)


@pytest.fixture
def asked(other_doctor, hospital, hospital_admin):
    return services.add_affiliation(hospital, other_doctor, by=hospital_admin)


def test_confirming_while_the_hospital_takes_it_back_leaves_one_outcome(asked, other_doctor, hospital, hospital_admin):
    outcomes = together(
        lambda: services.confirm_affiliation(asked, by=other_doctor.user),
        lambda: services.end_affiliation(hospital, other_doctor, by=hospital_admin),
    )
    asked.refresh_from_db()
    # Confirmed first: it begins and ends. Taken back first: there is nothing to confirm.
    assert outcomes[1] is None
    expected = {"done": AffiliationStatus.ENDED, "workflow.move_not_allowed": AffiliationStatus.REJECTED}
    assert asked.status == expected[codes(outcomes[:1])[0]]
    begun = Message.objects.filter(kind="hospitals.affiliation_begun").exists()
    assert begun == (asked.status == AffiliationStatus.ENDED)


def test_many_confirmations_begin_one_affiliation(asked, other_doctor, hospital_admin):
    outcomes = together(*[lambda: services.confirm_affiliation(asked, by=other_doctor.user)] * CROWD)
    assert codes(outcomes) == ["done", *["workflow.move_not_allowed"] * (CROWD - 1)]
    assert Message.objects.filter(recipient=hospital_admin, channel="email").count() == 1


def test_many_renewals_at_once_leave_one(doctor):
    renewal = {"number": "TN-7", "country": "IN", "expires_on": date(2040, 1, 1)}
    renew = lambda: services.add_licence(doctor, by=doctor.user, **renewal)  # noqa: E731
    outcomes = together(*[renew] * CROWD)
    assert codes(outcomes) == ["done", *["licence.exists"] * (CROWD - 1)]
    assert Licence.objects.filter(number="TN-7").count() == 1


def test_control_without_the_lock_the_database_refuses_the_second_renewal(doctor, monkeypatch):
    days = iter(range(1, CROWD + 1))
    renew = lambda: services.add_licence(  # noqa: E731
        doctor, by=doctor.user, number="TN-7", country="IN", expires_on=date(2040, 1, next(days))
    )
    with no_lock(monkeypatch):
        outcomes = together(*[renew] * CROWD)
    found = codes(outcomes)
    assert found.count("done") == 1, "one waits at a time, whatever its last day"
    # Who comes after the first has committed is refused by the rule, the others by the database.
    assert "conflict" in found
    assert set(found) <= {"conflict", "done", "licence.exists"}
    assert Licence.objects.filter(number="TN-7").count() == 1


# --- the daily job ---


@pytest.fixture
def endings(platform_admin):
    """Doctors whose licences have lapsed or are about to, and an affiliation that is over."""
    yesterday = timezone.now().date() - timedelta(days=1)
    doctors = [DoctorFactory(licence__expires_on=yesterday + timedelta(days=days)) for days in (0, 0, 20, 50)]
    AffiliationFactory(doctor=doctors[2], ends_on=yesterday - timedelta(days=2))
    return doctors


def test_two_workers_at_once_tell_nobody_twice(endings, platform_admin):
    outcomes = together(services.end_what_expired, services.end_what_expired)
    assert outcomes == [None, None]
    for doctor in endings:
        told = Message.objects.filter(recipient=doctor.user, channel="email", kind__startswith="hospitals.licence")
        assert told.count() == 1
    assert Message.objects.filter(recipient=platform_admin, channel="email").count() == 1
    assert Message.objects.filter(kind="hospitals.affiliation_ended", channel="email").count() == 1
    assert Affiliation.objects.get().status == AffiliationStatus.ENDED


def test_control_without_the_locks_the_admins_are_told_twice(endings, platform_admin, monkeypatch):
    read, barrier = expiry._due, Barrier(2)

    def due(model, today):
        rows = list(read(model, today).select_related(*(["doctor__user"] if model is Licence else ["hospital"])))
        barrier.wait(timeout=20)
        return SimpleNamespace(values=lambda _name: None, select_related=lambda *_names: rows)

    monkeypatch.setattr(expiry, "_due", due)
    monkeypatch.setattr(expiry, "_lock", lambda model, ids: None)
    assert together(services.end_what_expired, services.end_what_expired) == [None, None]
    assert Message.objects.filter(recipient=platform_admin, channel="email").count() == 2
    for doctor in endings:
        told = Message.objects.filter(recipient=doctor.user, channel="email", kind__startswith="hospitals.licence")
        assert told.count() == 1, "even then the outbox's key holds"


def test_the_job_deadlocks_with_nobody_who_decides_on_a_licence(endings, platform_admin):
    licence = Licence.objects.order_by("expires_on").first()

    def reject():
        services.verify_licence(licence, by=platform_admin, verification="rejected", reason="Revoked.")

    assert together(services.end_what_expired, reject, services.end_what_expired) == [None] * 3
    licence.refresh_from_db()
    assert licence.verification == Verification.REJECTED


@pytest.mark.parametrize(
    ("make", "owner", "text"),
    [
        (AffiliationFactory, "doctor", "department"),
        (lambda: Qualification.objects.create(doctor=DoctorFactory(), name_en="MD"), "doctor", "name"),
        (HospitalImageFactory, "hospital", "caption"),
        (SeasonFactory, "package", "name"),
    ],
)
def test_a_translation_waits_for_whoever_writes_the_page_that_the_row_is_part_of(translator, make, owner, text):
    """Else one would write over what the other has just written, or each would wait for the other."""
    row = make()

    def write():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            services.translate(row, by=translator, **{text: {"ar": "نص"}})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            whole = getattr(row, owner)
            type(whole).objects.lock(whole.pk)
            with pytest.raises(OperationalError, match="lock timeout"):
                pool.submit(write).result(timeout=20)
        pool.submit(write).result(timeout=20)
    assert getattr(type(row).objects.get(pk=row.pk), f"{text}_ar") == "نص"

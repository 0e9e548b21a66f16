"""Two people act on one record at the same instant: one wins, the other is told, nobody gets a 500.

Real connections and commits. The control runs the same race with the lock taken away: then both decide over the same
version, and only the database keeps the second from being written.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from apps.clinical import exceptions, rules, services
from apps.clinical.models import InsurancePolicy, MedicalRecord
from apps.common.querysets import ScopedQuerySet
from apps.notifications.models import Message
from tests.factories.clinical import OnboardedFactory, PolicyFactory
from tests.factories.consent import RecordFactory

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 4


def together(*acts):
    """Run the acts in threads of their own, begun at one instant; what each raised, or None where it succeeded."""
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(timeout=20)
            act()
        except Exception as error:  # noqa: BLE001  what it is, the test judges
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def no_lock(monkeypatch):
    """Nobody waits for another before deciding, and nobody writes before all have decided."""
    barrier, decide = Barrier(CROWD), rules.why_not_correct

    def decide_together(*args, **kwargs):
        refusal = decide(*args, **kwargs)
        barrier.wait(timeout=20)
        return refusal

    with monkeypatch.context() as patch:
        patch.setattr(ScopedQuerySet, "lock", lambda rows, pk: rows.get(pk=pk))
        patch.setattr(rules, "why_not_correct", decide_together)
        yield


@pytest.fixture
def record():
    return RecordFactory()


def corrections(record):
    by = record.patient.user
    return [
        lambda number=number: services.correct_record(
            record, by=by, version=1, reason="Wrong side", title=f"Correction {number}"
        )
        for number in range(CROWD)
    ]


def test_of_corrections_of_one_version_one_wins_and_the_others_are_told(record):
    ends = together(*corrections(record))

    assert sum(end is None for end in ends) == 1
    assert [type(end) for end in ends if end] == [exceptions.StaleRecord] * (CROWD - 1)
    assert list(MedicalRecord.objects.order_by("version").values_list("version", "status")) == [
        (1, "superseded"), (2, "current"),
    ]  # fmt: skip


def test_control_without_the_lock_all_of_them_decide_that_they_may(record, monkeypatch):
    with no_lock(monkeypatch):
        ends = together(*corrections(record))

    assert not any(isinstance(end, exceptions.StaleRecord) for end in ends)
    assert sum(isinstance(end, IntegrityError) for end in ends) == CROWD - 1


def test_a_record_corrected_and_marked_as_an_error_at_once_ends_in_one_of_both(record):
    by = record.patient.user
    ends = together(
        lambda: services.correct_record(record, by=by, version=1, reason="Wrong side", title="Right"),
        lambda: services.mark_record_as_error(record, by=by, reason="Of my sister"),
    )
    assert sum(end is None for end in ends) == 1
    assert isinstance(next(filter(None, ends)), exceptions.RecordNotCurrent)


def test_a_patient_is_onboarded_once():
    patient = OnboardedFactory(onboarded_at=None)
    given = {"details": {}, "lists": {"allergies": [{"substance": "Latex"}]}}

    ends = together(*[lambda: services.onboard_patient(patient, by=patient.user, **given)] * CROWD)

    assert [type(end) for end in ends if end] == [exceptions.AlreadyOnboarded] * (CROWD - 1)
    assert MedicalRecord.objects.count() == patient.allergies.count() == 1
    assert Message.objects.filter(kind="clinical.onboarding_complete").values("event").distinct().count() == 1


def test_a_policy_described_by_many_requests_at_once_is_one(coordinator):
    patient = OnboardedFactory()

    def ask():
        services.request_insurance_verification(patient, by=patient.user, insurer="Lagoon", number="LH-77-88")

    assert together(*[ask] * CROWD) == [None] * CROWD
    assert InsurancePolicy.objects.get().verification == "requested"
    assert Message.objects.filter(kind="clinical.insurance_to_verify").values("event").distinct().count() == 1


def test_an_insurers_answer_is_entered_once(coordinator):
    policy = PolicyFactory()
    services.request_insurance_verification(policy.patient, by=policy.patient.user, policy=policy)

    ends = together(
        lambda: services.decide_insurance(policy, verified=True, by=coordinator),
        lambda: services.decide_insurance(policy, verified=False, note="Unknown number", by=coordinator),
    )

    assert [type(end) for end in ends if end] == [exceptions.VerificationNotRequested]
    assert Message.objects.filter(kind="clinical.insurance_decided").values("event").distinct().count() == 1

"""Two at once, each with its own connection and real commits: a result is never stored twice, a correction is never
reviewed or acknowledged unseen, and an escalation is sent once.

The patient's lock comes first. Without it (the control) a review of the old version closes the new one unseen.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from apps.clinical import rules, services
from apps.clinical.models import LabResult
from apps.clinical.querysets import LabTestQuerySet, PatientQuerySet
from apps.common.exceptions import DomainError
from apps.notifications.models import Message
from tests.factories.laboratories import CRITICAL, NORMAL, with_result

GIVE_UP_SECONDS = 60

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Runs the calls in threads that start together; what each gives, or the code of its refusal."""
    start = threading.Barrier(len(calls))

    def run(call):
        try:
            start.wait(GIVE_UP_SECONDS)
            return call()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(run, call) for call in calls]
        return [future.result(GIVE_UP_SECONDS) for future in futures]


def test_of_two_results_at_once_one_is_stored(lab_test, hospital_admin):
    def report():
        return services.report_result(lab_test.pk, by=hospital_admin, values=[NORMAL]).version

    found = at_once(*[report] * 6)

    assert Counter(found) == {1: 1, "lab_test.result_exists": 5}
    assert LabResult.objects.count() == 1


def test_of_two_corrections_at_once_one_is_stored(lab_test, hospital_admin):
    with_result(lab_test, hospital_admin)

    def correct():
        return services.report_result(
            lab_test.pk, by=hospital_admin, values=[NORMAL], corrects_version=1, correction_reason="Typo"
        ).version

    assert Counter(at_once(*[correct] * 6)) == {2: 1, "lab_test.stale_result": 5}
    assert list(LabResult.objects.filter(is_current=True).values_list("version", flat=True)) == [2]


@pytest.mark.parametrize("round_", range(3))
def test_a_correction_is_not_acknowledged_by_who_saw_the_version_before(round_, lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin, values=[CRITICAL])

    def correct():
        return services.report_result(
            lab_test.pk, by=hospital_admin, values=[CRITICAL], corrects_version=1, correction_reason="Tubes mixed up"
        ).version

    def acknowledge():
        return services.acknowledge_result(lab_test.pk, by=doctor.user, version=1).version

    corrected, acknowledged = at_once(correct, acknowledge)

    assert corrected == 2
    first, second = LabResult.objects.order_by("version")
    assert second.acknowledged_at is None
    assert (first.acknowledged_at is not None) is (acknowledged == 1)
    assert acknowledged in {1, "lab_test.stale_result"}


def correct_and_review(lab_test, doctor, hospital_admin):
    def correct():
        return services.report_result(
            lab_test.pk, by=hospital_admin, values=[NORMAL], corrects_version=1, correction_reason="Tubes mixed up"
        ).version

    def review():
        return services.review_result(lab_test.pk, by=doctor.user, version=1).status

    found = at_once(correct, review)
    lab_test.refresh_from_db()
    return found


@pytest.mark.parametrize("round_", range(3))
def test_a_correction_is_not_closed_by_the_review_of_the_version_before(round_, lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin)

    corrected, reviewed = correct_and_review(lab_test, doctor, hospital_admin)

    assert corrected == 2
    assert reviewed in {"reviewed", "lab_test.stale_result"}
    assert lab_test.status == "result_ready", "the new version waits for its review"


def test_control_without_locks_the_new_version_is_closed_unseen(lab_test, doctor, hospital_admin, monkeypatch):
    """The review decides on the version before, the correction comes in between, and the review writes."""
    with_result(lab_test, hospital_admin)
    has_decided, is_corrected, decide = threading.Event(), threading.Event(), rules.why_not_review

    def decide_and_wait(*args, **kwargs):
        refusal = decide(*args, **kwargs)
        has_decided.set()
        assert is_corrected.wait(GIVE_UP_SECONDS)
        return refusal

    def correct():
        assert has_decided.wait(GIVE_UP_SECONDS)
        result = services.report_result(
            lab_test.pk, by=hospital_admin, values=[NORMAL], corrects_version=1, correction_reason="Tubes mixed up"
        )
        is_corrected.set()
        return result.version

    for queryset in (PatientQuerySet, LabTestQuerySet):
        monkeypatch.setattr(queryset, "lock", lambda rows, pk: rows.get(pk=pk))
    monkeypatch.setattr(rules, "why_not_review", decide_and_wait)

    at_once(correct, lambda: services.review_result(lab_test.pk, by=doctor.user, version=1).status)

    lab_test.refresh_from_db()
    assert (lab_test.status, LabResult.objects.get(is_current=True).version) == ("reviewed", 2)


def test_of_sweeps_at_once_one_tells_of_a_result(lab_test, doctor, hospital_admin):
    result = with_result(lab_test, hospital_admin, values=[CRITICAL])
    later = result.reported_at + timedelta(hours=1)

    found = at_once(*[lambda: services.escalate_results(later)] * 6)

    assert sum(found) == 1
    again = Message.objects.filter(kind="clinical.lab_result_to_acknowledge", event__endswith=":1:1")
    assert again.filter(recipient=doctor.user, channel="in_app").count() == 1

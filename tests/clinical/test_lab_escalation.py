"""A critical result that no doctor acknowledges is told of again, each step once."""

from datetime import timedelta

import pytest

from apps.clinical import services
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import HospitalStaffFactory
from tests.factories.laboratories import CRITICAL, told, with_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def critical(lab_test, hospital_admin):
    return with_result(lab_test, hospital_admin, values=[CRITICAL])


def after(result, **time):
    return result.reported_at + timedelta(**time)


def test_nobody_is_told_again_within_the_first_hour(critical):
    assert services.escalate_results(after(critical, minutes=59, seconds=59)) == 0


def test_after_an_hour_the_doctor_and_the_staff_are_told_once(critical, doctor, hospital_admin, coordinator):
    assert services.escalate_results(after(critical, hours=1)) == 1
    assert services.escalate_results(after(critical, hours=1, minutes=1)) == 0

    assert told(doctor.user).count("lab_result_to_acknowledge") == 2
    assert told(hospital_admin).count("lab_result_unacknowledged") == 1
    assert told(coordinator) == []


def test_after_four_hours_coordinators_are_told_once(critical, doctor, coordinator, hospital_admin):
    services.escalate_results(after(critical, hours=1))
    assert services.escalate_results(after(critical, hours=4)) == 1
    assert services.escalate_results(after(critical, days=3)) == 0

    assert told(coordinator) == ["lab_result_unacknowledged"]
    assert told(hospital_admin).count("lab_result_unacknowledged") == 2
    assert told(doctor.user).count("lab_result_to_acknowledge") == 3
    context = Message.objects.filter(recipient=coordinator).values_list("context", flat=True)[0]
    assert context == {"number": critical.lab_test.number, "doctor": str(doctor), "hours": 4}


def test_after_an_outage_the_steps_that_were_missed_are_told_as_one(critical, coordinator, hospital_admin):
    assert services.escalate_results(after(critical, hours=9)) == 1
    assert services.escalate_results(after(critical, hours=9)) == 0

    assert told(coordinator) == ["lab_result_unacknowledged"]
    assert told(hospital_admin).count("lab_result_unacknowledged") == 1


def test_who_has_left_is_not_called(critical, hospital):
    gone = HospitalStaffFactory(hospital=hospital, user__is_active=False).user
    away = UserFactory(role="coordinator", is_active=False)

    services.escalate_results(after(critical, hours=4))

    assert told(gone) == told(away) == []


def test_an_acknowledged_or_corrected_result_is_told_of_no_more(critical, lab_test, doctor, hospital_admin):
    with_result(lab_test, hospital_admin, corrects_version=1, correction_reason="Tubes were mixed up")
    assert services.escalate_results(after(critical, hours=5)) == 0

    third = with_result(lab_test, hospital_admin, values=[CRITICAL], corrects_version=2, correction_reason="Again")
    services.acknowledge_result(lab_test.pk, by=doctor.user, version=3)
    assert services.escalate_results(after(third, hours=5)) == 0

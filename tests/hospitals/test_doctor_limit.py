"""How many doctors the plan of a hospital allows."""

import threading

import pytest

from apps.hospitals import exceptions, services
from apps.hospitals.models import Affiliation
from apps.hospitals.querysets import HospitalQuerySet
from apps.hospitals.services import affiliations
from apps.hospitals.workflow import Verification
from tests.bookings.racing import GIVE_UP_SECONDS, at_once
from tests.factories.hospitals import AffiliationFactory, DoctorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(hospital):
    hospital.max_doctors = 2
    hospital.save()
    return hospital


def waiting(hospital, **doctor):
    return AffiliationFactory(hospital=hospital, doctor=DoctorFactory(**doctor), status="pending", is_primary=False)


def active(hospital):
    return Affiliation.objects.active().filter(hospital=hospital).count()


def test_no_more_doctors_join_than_the_plan_allows(limited, hospital_admin):
    for _number in range(2):
        services.activate_affiliation(waiting(limited), by=hospital_admin)
    third = waiting(limited)
    with pytest.raises(exceptions.DoctorLimitReached):
        services.activate_affiliation(third, by=hospital_admin)
    third.refresh_from_db()
    assert (third.status, active(limited)) == ("pending", 2)


def test_a_doctor_is_verified_although_there_is_no_room_and_waits_for_the_hospital(limited, platform_admin):
    AffiliationFactory.create_batch(2, hospital=limited)
    affiliation = waiting(limited, verification="pending")
    services.verify_doctor(affiliation.doctor, by=platform_admin, verification=Verification.APPROVED)
    affiliation.refresh_from_db()
    assert (affiliation.status, affiliation.hospital_agreed_at, active(limited)) == ("pending", None, 2)


@pytest.mark.django_db(transaction=True)
def test_of_four_who_join_at_once_two_do(limited, platform_admin):
    def join(affiliation):
        try:
            services.activate_affiliation(affiliation, by=platform_admin)
        except exceptions.DoctorLimitReached:
            return False
        return True

    rows = [waiting(limited) for _number in range(4)]
    assert sum(at_once(*[lambda row=row: join(row) for row in rows])) == active(limited) == 2


@pytest.mark.django_db(transaction=True)
def test_control_without_the_hospitals_lock_all_four_join(limited, platform_admin, monkeypatch):
    everyone, decide = threading.Barrier(4), affiliations.rules.why_no_room

    def decide_together(count, limit):
        everyone.wait(GIVE_UP_SECONDS)
        return decide(count, limit)

    monkeypatch.setattr(affiliations.rules, "why_no_room", decide_together)
    monkeypatch.setattr(HospitalQuerySet, "lock", lambda rows, pk: rows.get(pk=pk))
    rows = [waiting(limited) for _number in range(4)]
    at_once(*[lambda row=row: services.activate_affiliation(row, by=platform_admin) for row in rows])
    assert active(limited) == 4

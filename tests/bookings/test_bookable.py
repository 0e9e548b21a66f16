"""The directory says who takes appointments: a doctor with hours at a listed hospital where they practise."""

from datetime import time

import pytest
from django.utils import timezone

from apps.bookings import services, slots
from apps.bookings.models import WeeklyHours
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Affiliation, Doctor
from tests.factories.bookings import DoctorScheduleFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory

pytestmark = pytest.mark.django_db
MONDAY = [slots.Opening(0, time(9), time(12))]


def takes_appointments(doctor):
    return Doctor.objects.get(pk=doctor.pk).is_bookable


@pytest.fixture
def bookable(doctor, hospital):
    """The doctor, with hours at the hospital."""
    services.set_availability(doctor.pk, hospital.pk, by=doctor.user, weekly_hours=MONDAY)
    assert takes_appointments(doctor)
    return doctor


def test_a_doctor_who_comes_back_to_a_hospital_takes_appointments_in_the_old_hours(bookable, hospital, hospital_admin):
    hospital_services.end_affiliation(hospital, bookable, by=hospital_admin)
    assert not takes_appointments(bookable)
    again = hospital_services.add_affiliation(hospital, bookable, by=hospital_admin)
    assert not takes_appointments(bookable), "the doctor has not agreed yet"
    hospital_services.confirm_affiliation(again, by=bookable.user)
    assert takes_appointments(bookable)


def test_what_stays_counts_by_its_hours_when_one_of_two_affiliations_ends(
    bookable, hospital, other_hospital, hospital_admin
):
    stays = AffiliationFactory(doctor=bookable, hospital=other_hospital, is_primary=False)
    hospital_services.end_affiliation(hospital, bookable, by=hospital_admin)
    assert not takes_appointments(bookable), "there are no hours at the other hospital"
    services.set_availability(bookable.pk, stays.hospital_id, by=bookable.user, weekly_hours=MONDAY)
    assert takes_appointments(bookable)


def test_hours_at_a_second_hospital_keep_a_doctor_bookable_when_the_first_ends(
    bookable, hospital, other_hospital, hospital_admin
):
    second = AffiliationFactory(doctor=bookable, hospital=other_hospital, is_primary=False)
    DoctorScheduleFactory(affiliation=second)
    hospital_services.end_affiliation(hospital, bookable, by=hospital_admin)
    assert takes_appointments(bookable)


def test_a_hospital_off_the_list_takes_its_doctors_hours_with_it_and_brings_them_back(
    bookable, hospital, platform_admin
):
    hospital_services.deactivate_hospital(hospital, by=platform_admin)
    assert not takes_appointments(bookable)
    hospital_services.update_hospital(hospital, by=platform_admin, is_active=True)
    assert takes_appointments(bookable)
    hospital_services.update_hospital(hospital, by=platform_admin, is_active=False)
    assert not takes_appointments(bookable)


def test_a_hospital_that_loses_its_approval_takes_no_appointments(bookable, hospital, platform_admin):
    hospital_services.verify_hospital(hospital, by=platform_admin, verification="rejected", reason="No licence")
    assert not takes_appointments(bookable)
    hospital_services.verify_hospital(hospital, by=platform_admin, verification="approved")
    assert takes_appointments(bookable)


def test_another_hospitals_doctors_are_left_alone(bookable, other_doctor, other_hospital, platform_admin):
    hospital_services.deactivate_hospital(other_hospital, by=platform_admin)
    assert takes_appointments(bookable)


@pytest.mark.parametrize("is_first_approval", [True, False])
def test_hours_of_a_waiting_affiliation_count_once_it_takes_effect(hospital, platform_admin, is_first_approval):
    doctor = DoctorFactory(verification="pending" if is_first_approval else "approved")
    agreed_at = timezone.now()
    waiting = AffiliationFactory(doctor=doctor, hospital=hospital, status="pending", doctor_agreed_at=agreed_at)
    services.set_availability(doctor.pk, hospital.pk, by=doctor.user, weekly_hours=MONDAY)
    assert not takes_appointments(doctor)
    if is_first_approval:
        hospital_services.verify_doctor(doctor, by=platform_admin, verification="approved")
    else:
        hospital_services.activate_affiliation(waiting, by=platform_admin)
    assert takes_appointments(doctor)


def test_all_doctors_of_a_hospital_are_looked_at_in_a_fixed_number_of_queries(
    hospital, platform_admin, django_assert_num_queries
):
    for _number in range(3):
        DoctorScheduleFactory(affiliation=AffiliationFactory(hospital=hospital))
    everyone = list(Affiliation.objects.active().filter(hospital=hospital).values_list("doctor", flat=True))
    with django_assert_num_queries(5):  # in a savepoint: the lock, the hours, those who take appointments
        services.refresh_bookable(everyone)
    assert Doctor.objects.filter(is_bookable=True).count() == 3
    WeeklyHours.objects.all().delete()
    services.refresh_bookable(everyone)
    assert not Doctor.objects.filter(is_bookable=True).exists()

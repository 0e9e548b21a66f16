"""What bookings add to the directory's pages: the patients in a doctor's care, and a hospital's figures."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.bookings.models import Appointment
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

#: 23:00 of 9 November 2026 in Chennai.
LATE = datetime(2026, 11, 9, 17, 30, tzinfo=UTC)


@pytest.fixture
def met(doctor):
    """`met(patient, starts_at, status)` is an appointment of the doctor's."""

    def met(patient, starts_at, status="consultation_completed", affiliation=None):
        details = {"cancelled_by": "patient", "cancelled_at": starts_at} if status == "cancelled" else {}
        return AppointmentFactory(
            affiliation=affiliation or doctor.affiliations.get(), patient=patient, starts_at=starts_at, status=status,
            complaint="KANARI", **details,
        )  # fmt: skip

    return met


# --- patients in care ---


def in_care(client, doctor, **asked):
    response = client.get(f"/api/v1/doctors/{doctor.pk}/patients", asked)
    assert response.status_code == 200, response.json()
    return response.json()["data"]


def test_a_doctor_reads_who_is_in_care_when_last_and_when_next(api, doctor, met, patient):
    now = timezone.now()
    for days in (-30, -3, 4, 9):
        met(patient, now + timedelta(days=days))
    [row] = in_care(api(doctor.user), doctor)
    assert set(row) == {"id", "name", "country", "last_at", "next_at", "appointments"}
    assert row["name"] == patient.user.full_name
    assert row["appointments"] == 4
    assert row["last_at"][:10] == f"{now - timedelta(days=3):%Y-%m-%d}"
    assert row["next_at"][:10] == f"{now + timedelta(days=4):%Y-%m-%d}"


@pytest.mark.parametrize("status", ["rejected", "cancelled"])
def test_what_came_to_nothing_makes_no_relationship_of_care(api, doctor, met, patient, other_patient, status):
    now = timezone.now()
    met(patient, now - timedelta(days=2), status)
    met(other_patient, now - timedelta(days=3), status)
    met(other_patient, now - timedelta(days=1))
    [row] = in_care(api(doctor.user), doctor)
    assert (row["id"], row["appointments"]) == (str(other_patient.pk), 1)


def test_patients_of_others_are_not_among_them(api, doctor, other_doctor, met, patient, other_patient):
    met(patient, timezone.now())
    met(patient, timezone.now() + timedelta(days=1), affiliation=other_doctor.affiliations.get())
    met(other_patient, timezone.now(), affiliation=other_doctor.affiliations.get())
    [row] = in_care(api(doctor.user), doctor)
    assert (row["id"], row["appointments"]) == (str(patient.pk), 1)


def test_only_the_doctor_and_admins_ask(
    api, doctor, other_doctor, patient, hospital_admin, coordinator, platform_admin, met
):
    met(patient, timezone.now())
    path = f"/api/v1/doctors/{doctor.pk}/patients"
    assert api().get(path).status_code == 401
    for user in (patient.user, hospital_admin, coordinator):
        assert api(user).get(path).status_code == 403
    assert api(other_doctor.user).get(path).status_code == 404
    assert len(in_care(api(platform_admin), doctor)) == 1
    assert in_care(api(platform_admin), other_doctor) == []
    assert api(platform_admin).get(f"/api/v1/doctors/{patient.pk}/patients").status_code == 404


def test_patients_are_sorted_and_found_by_the_beginnings_of_their_names(api, doctor, met):
    now = timezone.now()
    for first, last, days in [("Amina", "Bello", -3), ("Chidi", "Adeyemi", -1), ("Amara", "Okafor", 2)]:
        patient = PatientFactory(user__first_name=first, user__last_name=last)
        met(patient, now + timedelta(days=days))

    def names(**asked):
        return [row["name"].split()[1] for row in in_care(api(doctor.user), doctor, **asked)]

    assert names() == ["Adeyemi", "Bello", "Okafor"], "who was there last; who never was comes at the end"
    assert names(sort_by="next", sort_order="desc")[0] == "Okafor"
    assert names(sort_by="name") == ["Adeyemi", "Bello", "Okafor"]
    assert names(search="am") == ["Bello", "Okafor"]
    assert names(search="ama oka") == ["Okafor"]
    assert names(search="mina") == []


def test_the_list_is_one_query_beside_the_callers(api, doctor, met, django_assert_num_queries):
    for number in range(6):
        met(PatientFactory(), timezone.now() + timedelta(days=number))
    client = api(doctor.user)
    with django_assert_num_queries(2):
        assert len(in_care(client, doctor)) == 6


# --- figures ---


def figures(client, hospital, **asked):
    response = client.get(f"/api/v1/hospitals/{hospital.pk}/analytics", asked)
    assert response.status_code == 200, response.json()
    return response.json()["data"]


@pytest.fixture
def november(met, patient, other_patient, doctor, hospital, other_doctor):
    """Five appointments from 9 to 11 November in Chennai, one before, one elsewhere."""
    met(patient, datetime(2026, 10, 1, 5, tzinfo=UTC))
    met(patient, LATE)
    met(patient, LATE + timedelta(hours=2), "no_show")
    met(other_patient, LATE + timedelta(hours=12), "cancelled")
    met(other_patient, LATE + timedelta(hours=24))
    second = AffiliationFactory(hospital=hospital)
    met(other_patient, LATE + timedelta(hours=36), "appointment_confirmed", affiliation=second)
    met(other_patient, LATE + timedelta(hours=48), affiliation=other_doctor.affiliations.get())
    return {"from": "2026-11-08", "to": "2026-11-11"}


def test_what_is_only_held_stands_in_no_figure_and_not_as_a_status_that_there_are_none_of(
    api, hospital, hospital_admin, november, met, patient, other_patient
):
    met(patient, LATE + timedelta(hours=4), "held")
    met(other_patient, LATE + timedelta(hours=5), "hold_lapsed")
    found = figures(api(hospital_admin), hospital, **november)
    assert found["appointments"] == 5
    assert not {"held", "hold_lapsed"} & {row["status"] for row in found["by_status"]}


def test_a_hospital_reads_its_figures_by_its_own_calendar(api, hospital, hospital_admin, november, doctor):
    found = figures(api(hospital_admin), hospital, **november)
    assert found["appointments"] == 5
    assert {row["status"]: row["appointments"] for row in found["by_status"] if row["appointments"]} == {
        "consultation_completed": 2, "no_show": 1, "cancelled": 1, "appointment_confirmed": 1,
    }  # fmt: skip
    assert [(row["date"], row["appointments"]) for row in found["days"]] == [
        ("2026-11-08", 0), ("2026-11-09", 1), ("2026-11-10", 3), ("2026-11-11", 1),
    ]  # fmt: skip
    assert found["busiest_hours"] == [
        {"hour": 23, "appointments": 2}, {"hour": 1, "appointments": 1}, {"hour": 11, "appointments": 1},
    ]  # fmt: skip
    assert (found["patients"], found["new_patients"]) == (2, 1)
    assert found["no_show_rate"] == pytest.approx(1 / 3, abs=0.0001)
    assert found["cancellation_rate"] == 0.2
    assert found["active_doctors"] == 2
    assert found["top_doctors"][0] | {"name": ""} == {
        "id": str(doctor.pk), "name": "", "appointments": 3, "completed": 2,
    }  # fmt: skip
    assert (found["offers"], found["rating"], found["rating_count"]) == (0, "0.00", 0)


def test_without_days_it_is_the_last_thirty_and_nothing_is_divided_by_nothing(api, hospital, platform_admin):
    found = figures(api(platform_admin), hospital)
    assert len(found["days"]) == 30
    assert (found["no_show_rate"], found["cancellation_rate"], found["busiest_hours"]) == (None, None, [])


@pytest.mark.parametrize(
    "wrong", [{"from": "2026-11-02", "to": "2026-11-01"}, {"from": "2025-01-01", "to": "2026-01-02"}, {"from": "x"}]
)
def test_a_period_is_in_order_and_a_year_at_most(api, hospital, platform_admin, wrong):
    response = api(platform_admin).get(f"/api/v1/hospitals/{hospital.pk}/analytics", wrong)
    assert response.status_code == 400
    assert set(response.json()["errors"]) <= {"from", "to"}


def test_a_leap_year_fits(api, hospital, platform_admin):
    assert len(figures(api(platform_admin), hospital, **{"from": "2024-01-01", "to": "2024-12-31"})["days"]) == 366


def test_only_the_hospitals_own_staff_and_admins_ask(
    api, hospital, other_hospital_admin, patient, doctor, coordinator, november
):
    path = f"/api/v1/hospitals/{hospital.pk}/analytics"
    assert api().get(path).status_code == 401
    for user in (patient.user, doctor.user, coordinator):
        assert api(user).get(path).status_code == 403
    assert api(other_hospital_admin).get(path).status_code == 404
    assert Appointment.objects.count() == 7


def test_the_figures_cost_the_same_number_of_queries_however_many_there_are(
    api, hospital, hospital_admin, met, django_assert_num_queries
):
    for number in range(12):
        met(PatientFactory(), LATE + timedelta(hours=number))
    client = api(hospital_admin)
    with django_assert_num_queries(5):  # the caller, the hospital, and three of its appointments
        assert figures(client, hospital, **{"from": "2026-11-01", "to": "2026-11-30"})["appointments"] == 12

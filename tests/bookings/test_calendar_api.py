"""GET /appointments/{id}/calendar: the file of one appointment, for the two who meet."""

import pytest

from apps.bookings import services
from apps.bookings.workflow import AppointmentStatus
from tests.factories.bookings import AppointmentFactory

from . import rfc5545

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(appointment, doctor):
    return services.move_appointment(appointment.pk, AppointmentStatus.CONFIRMED, by=doctor.user)


def url(appointment):
    return f"/api/v1/appointments/{appointment.pk}/calendar"


def event(response):
    [found] = rfc5545.read(response.content).named("VEVENT")
    return found


def test_it_is_a_file_to_be_saved_and_by_nobody_kept(api, agreed):
    response = api(agreed.patient.user).get(url(agreed), HTTP_ACCEPT="text/calendar")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{agreed.number}.ics"'
    assert response["Cache-Control"] == "no-store"
    assert rfc5545.offences(response.content) == []
    assert event(response).get("UID").startswith(str(agreed.pk))


def test_the_patient_reads_the_doctors_name_and_the_doctor_nobodys(api, agreed, doctor):
    patients = api(agreed.patient.user).get(url(agreed))
    doctors = api(doctor.user).get(url(agreed))
    assert doctor.user.last_name in event(patients).get("SUMMARY")
    for name in (agreed.patient.user.last_name, agreed.patient.user.email, doctor.user.last_name):
        assert name not in doctors.content.decode()
    assert agreed.patient.user.last_name not in patients.content.decode()


def test_what_the_patient_complains_of_is_in_no_file(api, book, doctor):
    appointment = book(complaint="Canary in the left knee")
    for reader in (appointment.patient.user, doctor.user):
        assert b"Canary" not in api(reader).get(url(appointment)).content


def test_it_costs_one_query_beside_those_of_the_token(api, agreed, django_assert_max_num_queries):
    client = api(agreed.patient.user)
    with django_assert_max_num_queries(2):
        client.get(url(agreed))


@pytest.mark.parametrize(
    ("language", "place"), [("ar", "الوقت بتوقيت المستشفى"), ("hi", "अस्पताल"), ("fr", "hôpital"), ("es", "hospital")]
)
def test_it_speaks_the_language_that_is_asked_for(api, agreed, language, place):
    response = api(agreed.patient.user).get(url(agreed), {"lang": language})
    assert rfc5545.offences(response.content) == []
    assert place in rfc5545.unescaped(event(response).get("DESCRIPTION"))


def test_a_request_is_tentative_and_one_that_was_moved_and_called_off_takes_itself_out(api, appointment, free, doctor):
    client = api(appointment.patient.user)
    assert event(client.get(url(appointment))).get("STATUS") == "TENTATIVE"
    services.move_appointment(appointment.pk, AppointmentStatus.CONFIRMED, by=doctor.user)
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[5].starts_at)
    assert event(client.get(url(appointment))).get("SEQUENCE") == "1"
    services.cancel_appointment(appointment.pk, by=doctor.user)
    last = client.get(url(appointment))
    assert (event(last).get("STATUS"), event(last).get("SEQUENCE")) == ("CANCELLED", "2")
    assert rfc5545.read(last.content).get("METHOD") == "CANCEL"


def test_it_is_there_for_the_two_parties_only(api, agreed, other_patient, other_doctor, hospital_admin, coordinator):
    assert api().get(url(agreed)).status_code == 401
    for stranger in (other_patient.user, other_doctor.user):
        response = api(stranger).get(url(agreed))
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    for staff in (hospital_admin, coordinator):
        assert api(staff).get(url(agreed)).status_code == 403


def test_a_doctor_finds_no_file_of_what_a_patient_only_holds(api, doctor, hospital, patient):
    held = AppointmentFactory(
        affiliation=None, doctor=doctor, hospital=hospital, patient=patient, status="held",
        held_until="2031-01-06T03:00:00Z",
    )  # fmt: skip
    assert api(doctor.user).get(url(held)).status_code == 404
    assert event(api(patient.user).get(url(held))).get("STATUS") == "TENTATIVE"

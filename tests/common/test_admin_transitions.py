"""Moves as buttons: who sees which, what is greyed and why, the page that asks, what a refusal leaves behind."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.roles import Role
from apps.bookings.workflow import AppointmentStatus as Status
from tests.factories.accounts import UserFactory
from tests.factories.bookings import AppointmentFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.admin_pages")]


@pytest.fixture
def appointment(doctor, hospital):
    return AppointmentFactory(affiliation=doctor.affiliations.get(hospital=hospital))


@pytest.fixture
def foreign_appointment(other_doctor, other_hospital):
    return AppointmentFactory(affiliation=other_doctor.affiliations.get(hospital=other_hospital))


@pytest.fixture
def staff(client, hospital_admin):
    client.force_login(hospital_admin)
    return client


def page_url(appointment):
    return reverse("admin:bookings_appointment_change", args=(appointment.pk,))


def move_url(appointment, status):
    return reverse("admin:bookings_appointment_move", args=(appointment.pk, status))


def moves(response):
    return {move.to: move for move in response.context["moves"]}


def unchanged(appointment):
    status = appointment.status
    appointment.refresh_from_db()
    return appointment.status == status and not appointment.events.exists()


def test_the_declared_moves_of_the_status_are_buttons(staff, appointment):
    found = moves(staff.get(page_url(appointment)))
    assert list(found) == [Status.CONFIRMED, Status.REJECTED, Status.CANCELLED]
    assert found[Status.CONFIRMED].verb == "Confirm"
    assert found[Status.REJECTED].is_danger


def test_a_refused_move_is_grey_and_says_why(staff, appointment):
    response = staff.get(page_url(appointment))
    assert moves(response)[Status.CANCELLED].reason == "It is too late to cancel."
    page = response.content.decode()
    assert move_url(appointment, Status.CONFIRMED) in page
    assert move_url(appointment, Status.CANCELLED) not in page
    assert "It is too late to cancel." in page


def test_who_may_only_look_sees_no_buttons(client, support_agent, appointment):
    client.force_login(support_agent)
    assert client.get(page_url(appointment)).context["moves"] == []


def test_moves_of_another_role_are_not_offered(client, platform_admin, hospital_admin, appointment):
    appointment.status = Status.IN_PROGRESS
    appointment.save()
    client.force_login(platform_admin)
    assert Status.PRESCRIBED in moves(client.get(page_url(appointment)))
    client.force_login(hospital_admin)
    assert Status.PRESCRIBED not in moves(client.get(page_url(appointment)))


def test_a_move_is_asked_about_before_it_is_made(staff, appointment):
    page = staff.get(move_url(appointment, Status.CONFIRMED)).content.decode()
    assert "The patient is told." in page
    assert appointment.number in page
    assert unchanged(appointment)


def test_a_confirmed_move_is_made_by_its_maker_with_the_note(staff, hospital_admin, appointment):
    response = staff.post(move_url(appointment, Status.CONFIRMED), {"seen": Status.REQUESTED, "note": " Room 4 "})
    assert response.status_code == 302
    event = appointment.events.get()
    assert (event.to_status, event.by, event.note) == (Status.CONFIRMED, hospital_admin, "Room 4")
    assert "Room 4" in staff.get(page_url(appointment)).content.decode()


def test_a_move_that_must_say_why_is_not_made_without(staff, appointment):
    response = staff.post(move_url(appointment, Status.REJECTED), {"seen": Status.REQUESTED, "note": "  "})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"note"}
    assert unchanged(appointment)


def test_a_move_from_a_status_that_has_changed_meanwhile_is_not_made(staff, appointment):
    appointment.status = Status.CONFIRMED
    appointment.save()
    response = staff.post(move_url(appointment, Status.NO_SHOW), {"seen": Status.REQUESTED}, follow=True)
    assert "Someone else has just changed the status" in response.content.decode()
    assert unchanged(appointment)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.REQUESTED, "nonsense"])
def test_an_impossible_move_is_refused_in_words_and_changes_nothing(staff, appointment, status):
    for response in (
        staff.get(move_url(appointment, status), follow=True),
        staff.post(move_url(appointment, status), {"seen": Status.REQUESTED}, follow=True),
    ):
        assert response.status_code == 200
        assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert unchanged(appointment)


def test_a_refusal_of_the_service_is_shown_and_changes_nothing(staff, appointment):
    data = {"seen": Status.REQUESTED, "note": "explode"}
    response = staff.post(move_url(appointment, Status.CONFIRMED), data, follow=True)
    assert "The service refuses." in response.content.decode()
    assert unchanged(appointment)


def test_who_may_only_look_makes_no_move(client, support_agent, appointment):
    client.force_login(support_agent)
    for response in (
        client.get(move_url(appointment, Status.CONFIRMED)),
        client.post(move_url(appointment, Status.CONFIRMED), {"seen": Status.REQUESTED}),
    ):
        assert response.status_code == 403
    assert unchanged(appointment)


def test_another_hospitals_appointment_does_not_exist(staff, foreign_appointment):
    data = {"seen": Status.REQUESTED}
    response = staff.post(move_url(foreign_appointment, Status.CONFIRMED), data)
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("admin:index")
    assert unchanged(foreign_appointment)


def test_a_move_needs_the_token_of_its_form(hospital_admin, appointment):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(hospital_admin)
    response = strict.post(move_url(appointment, Status.CONFIRMED), {"seen": Status.REQUESTED})
    assert response.status_code == 403
    assert unchanged(appointment)


def test_the_status_cannot_be_written_by_the_form(staff, appointment):
    prefix = "events"
    data = {"status": Status.COMPLETED, "complaint": "Headache"}
    data |= {f"{prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    assert staff.post(page_url(appointment), data).status_code == 302
    appointment.refresh_from_db()
    assert appointment.status == Status.REQUESTED
    assert appointment.complaint == "Headache"


def test_the_list_shows_the_status_as_a_label(staff, appointment):
    page = staff.get(reverse("admin:bookings_appointment_changelist")).content.decode()
    assert "Requested" in page


def test_a_doctor_works_in_the_app_and_not_here(client, doctor, appointment):
    client.force_login(doctor.user)
    assert client.get(page_url(appointment)).status_code == 302


def test_an_event_by_nobody_is_the_systems(staff, appointment):
    affiliation = AffiliationFactory(hospital=appointment.hospital)
    other = AppointmentFactory(affiliation=affiliation)
    other.events.create(to_status=Status.REQUESTED, by=None, at=other.created_at)
    boss = UserFactory(role=Role.ADMIN, first_name="Ada", last_name="Okafor")
    other.events.create(to_status=Status.CONFIRMED, by=boss, at=other.created_at)
    assert [event.by for event in staff.get(page_url(other)).context["events"]] == ["The system", "Ada Okafor"]

"""The work list of displaced appointments, and choosing for a patient on the phone."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Displacement
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db

LIST = "admin:bookings_displacement_changelist"


@pytest.fixture
def waiting(schedule, book, free):
    book(free[0], complaint="CANARY-COMPLAINT")
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[0].starts_at, ends_at=free[0].ends_at
    )
    return Displacement.objects.get()


def page_of(waiting):
    return reverse("admin:bookings_displacement_change", args=[waiting.pk])


def buttons(response):
    """The addresses of the page's offers: times first, then colleagues, then the refund."""
    links = re.findall(r'href="([^"]+/choose/[^"]+)"', response.content.decode())
    return sorted((link.replace("&amp;", "&") for link in links), key=lambda link: "choice=refund" in link)


def listed(client, **query):
    return [row.pk for row in client.get(reverse(LIST), query).context["cl"].result_list]


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def test_the_list_shows_who_waits_by_deadline_who_is_overdue_and_what_is_settled(
    desk, waiting, schedule, book, free, other_patient
):
    book(free[1], by=other_patient.user)
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[1].starts_at, ends_at=free[1].ends_at
    )
    sooner = Displacement.objects.exclude(pk=waiting.pk).get()
    Displacement.objects.filter(pk=sooner.pk).update(respond_by=timezone.now() - timedelta(hours=1))
    assert listed(desk) == [sooner.pk, waiting.pk]
    assert listed(desk, state="overdue") == [sooner.pk]
    assert listed(desk, state="settled") == []
    services.choose_refund(sooner.appointment_id, by=other_patient.user, now=timezone.now() - timedelta(hours=2))
    assert listed(desk) == [waiting.pk]
    assert listed(desk, state="settled") == [sooner.pk]


def test_hospital_staff_see_and_choose_at_their_own_hospital_only(
    client, waiting, hospital_admin, other_hospital_admin
):
    client.force_login(other_hospital_admin)
    assert listed(client) == []
    assert client.get(page_of(waiting)).status_code == 302
    client.force_login(hospital_admin)
    assert listed(client) == [waiting.pk]
    refund = buttons(client.get(page_of(waiting)))[-1]
    client.post(refund, {"seen": "open"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.settled_by) == (DisplacementStatus.REFUND, "hospital")


def test_the_page_offers_what_the_patient_is_offered_and_shows_nothing_medical(desk, waiting):
    page = desk.get(page_of(waiting))
    assert page.status_code == 200
    assert [re.search(r"choice=(\w+)", link)[1] for link in buttons(page)] == ["time", "time", "time", "refund"]
    assert "CANARY" not in page.content.decode()


def test_a_button_asks_first_and_then_moves_the_appointment(desk, waiting, free):
    button = buttons(desk.get(page_of(waiting)))[1]
    asked = desk.get(button)
    assert asked.status_code == 200
    assert "Move to this time" in asked.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == DisplacementStatus.OPEN
    desk.post(button, {"seen": "open"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.settled_by) == (DisplacementStatus.MOVED, "platform")
    assert waiting.appointment.starts_at == free[2].starts_at
    assert buttons(desk.get(page_of(waiting))) == []


def test_what_the_patient_chose_meanwhile_is_not_chosen_again(desk, waiting):
    button = buttons(desk.get(page_of(waiting)))[-1]
    services.choose_time(
        waiting.appointment_id, by=waiting.appointment.patient.user,
        starts_at=waiting.appointment.starts_at + timedelta(hours=1),
    )  # fmt: skip
    page = desk.post(button, {"seen": "open"}, follow=True)
    assert "This has been settled already" in page.content.decode()
    waiting.appointment.refresh_from_db()
    assert waiting.appointment.status == AppointmentStatus.REQUESTED


@pytest.mark.parametrize(
    "query",
    [
        "", "?choice=wait", "?choice=time", "?choice=time&starts_at=soon", "?choice=time&starts_at=2031-01-06",
        "?choice=time&starts_at=9999-12-31T23:59:59Z", "?choice=colleague&starts_at=2031-01-06T09:00:00Z",
        "?choice=colleague&starts_at=2031-01-06T09:00:00Z&doctor_id=x", "?choice=time&starts_at=2031-99-99T09:00:00Z",
    ],
)  # fmt: skip
def test_an_address_that_somebody_made_up_chooses_nothing(desk, waiting, query):
    address = reverse("admin:bookings_displacement_choose", args=[waiting.pk]) + query
    assert desk.post(address, {"seen": "open"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.status == DisplacementStatus.OPEN


def test_nothing_is_added_or_removed_by_hand(desk, waiting):
    assert desk.get(reverse("admin:bookings_displacement_add")).status_code == 403
    assert desk.post(reverse("admin:bookings_displacement_delete", args=[waiting.pk])).status_code == 403


def test_support_agents_and_translators_do_not_enter(client, waiting, support_agent, translator):
    for user in (support_agent, translator):
        client.force_login(user)
        assert client.get(reverse(LIST)).status_code == 403


def test_the_coordinators_message_leads_to_the_list_of_what_waits(desk, waiting):
    [told] = Message.objects.filter(kind="bookings.appointments_displaced", channel="email")
    page = desk.get(told.context["page"])
    assert [row.pk for row in page.context["cl"].result_list] == [waiting.pk]


def test_the_appointments_page_leads_to_it(desk, waiting):
    page = desk.get(reverse("admin:bookings_appointment_change", args=[waiting.appointment_id]))
    assert page_of(waiting) in page.content.decode()

"""The page behind the link: without signing in, in the patient's language, showing nothing medical."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.bookings import services
from apps.bookings.models import Appointment, Displacement
from apps.bookings.views.displacement import PUBLIC_LIMIT
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.common.models import AuditEntry
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db

RIGHT_TO_LEFT = {"ar"}


@pytest.fixture
def displaced(schedule, book, free):
    appointment = book(free[0], complaint="CANARY-COMPLAINT")
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[0].starts_at, ends_at=free[0].ends_at,
        reason="CANARY-REASON",
    )  # fmt: skip
    return appointment


@pytest.fixture
def link(displaced):
    """The address in the patient's e-mail, without the host."""
    letter = Message.objects.get(kind="bookings.appointment_displaced", channel="email")
    return letter.context["link"].removeprefix(settings.PUBLIC_URL)


def html(response):
    return response.content.decode()


def offered(page):
    """What the page's buttons would send."""
    return re.findall(r'name="choice" value="([^"]+)"', html(page))


def test_the_page_shows_appointment_deadline_and_offers_and_changes_nothing(client, link, displaced, free):
    before = list(Displacement.objects.values()), list(Appointment.objects.values()), AuditEntry.objects.count()
    page = client.get(link)
    assert page.status_code == 200
    assert displaced.number in html(page)
    assert offered(page) == [
        *[f"time {slot.starts_at.isoformat().replace('+00:00', 'Z')}" for slot in free[1:4]], "refund",
    ]  # fmt: skip
    after = list(Displacement.objects.values()), list(Appointment.objects.values()), AuditEntry.objects.count()
    assert after == before


def test_nothing_medical_and_no_name_of_the_patient_is_shown_and_nobody_keeps_the_address(client, link, displaced):
    page = client.get(link)
    assert "CANARY" not in html(page)
    assert displaced.patient.user.last_name not in html(page)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert not re.search(r'(src|href|action)="https?://', html(page))


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_it_speaks_the_patients_language_and_another_one_when_asked(client, link, displaced, language):
    type(displaced.patient.user).objects.filter(pk=displaced.patient.user_id).update(language=language)
    page = client.get(link)
    assert page["Content-Language"] == language
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html(page)
    assert '<html lang="fr" dir="ltr">' in html(client.get(link, {"lang": "fr"}))
    assert f'<html lang="{language}"' in html(client.get(link, {"lang": "xx"}))


def test_another_time_is_chosen_in_the_patients_name(client, link, displaced, free):
    choice = offered(client.get(link))[1]
    response = client.post(link, {"choice": choice})
    assert (response.status_code, response["Location"]) == (302, link)
    displaced.refresh_from_db()
    assert displaced.starts_at == free[2].starts_at
    assert displaced.events.latest("at").by == displaced.patient.user
    entry = AuditEntry.objects.filter(object_id=str(displaced.pk)).latest("at")
    assert entry.actor == displaced.patient.user
    page = client.get(link)
    assert "Your appointment has been moved" in html(page)
    assert offered(page) == []


def test_to_cancel_is_chosen_and_said(client, link, displaced):
    client.post(link, {"choice": "refund"})
    displaced.refresh_from_db()
    assert displaced.status == AppointmentStatus.CANCELLED
    assert "Your appointment has been cancelled" in html(client.get(link))


def test_chosen_twice_the_second_is_refused_and_the_first_holds(client, link, displaced):
    client.post(link, {"choice": "refund"})
    again = client.post(link, {"choice": "refund"})
    assert again.status_code == 409
    assert "This has been settled already" in html(again)


def test_the_link_of_a_time_that_was_settled_chooses_nothing_of_a_later_one(client, link, displaced, schedule, free):
    client.post(link, {"choice": offered(client.get(link))[1]})
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[2].starts_at, ends_at=free[2].ends_at
    )
    again = client.post(link, {"choice": "refund"})
    assert again.status_code == 409
    assert Displacement.objects.get(version=2).status == DisplacementStatus.OPEN
    displaced.refresh_from_db()
    assert displaced.status == AppointmentStatus.REQUESTED


def test_a_time_taken_meanwhile_is_said_with_what_is_free_now(client, link, book, free, other_patient):
    choice = offered(client.get(link))[0]
    book(free[1], by=other_patient.user)
    page = client.post(link, {"choice": choice})
    assert page.status_code == 409
    assert "This time has just been taken" in html(page)
    assert choice not in offered(page)
    assert len(offered(page)) == 4


@pytest.mark.parametrize(
    "choice", ["", "wait", "time", "time yesterday", "colleague 2031-01-06T09:00:00Z x", "time\x00"]
)
def test_what_the_page_does_not_offer_is_refused(client, link, choice):
    page = client.post(link, {"choice": choice})
    assert page.status_code == 400
    assert Displacement.objects.get().status == DisplacementStatus.OPEN


def test_after_the_deadline_a_coordinator_will_call(client, link):
    Displacement.objects.update(respond_by=timezone.now() - timedelta(seconds=1))
    page = client.get(link)
    assert "One of our coordinators will call you" in html(page)
    assert offered(page) == []
    assert client.post(link, {"choice": "refund"}).status_code == 409
    assert Displacement.objects.get().status == DisplacementStatus.OPEN


def test_what_was_settled_otherwise_is_said(client, link, displaced):
    services.cancel_appointment(displaced.pk, by=displaced.patient.user)
    page = client.get(link)
    assert "There is nothing to choose any more" in html(page)
    assert offered(page) == []


def test_the_form_needs_its_token(link):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"choice": "refund"}).status_code == 403
    page = strict.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html(page))[1]
    sent = strict.post(link, {"choice": "refund", "csrfmiddlewaretoken": token})
    assert sent.status_code == 302


def test_an_unknown_address_an_old_one_and_a_closed_account_open_nothing(client, link, displaced):
    assert client.get("/displaced/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    type(displaced.patient.user).objects.filter(pk=displaced.patient.user_id).update(is_active=False)
    page = client.get(link)
    assert page.status_code == 404
    assert displaced.number not in html(page)
    assert client.post(link, {"choice": "refund"}).status_code == 404


def test_a_machine_that_guesses_is_stopped(client):
    answers = [client.get(f"/displaced/guess-{n}/").status_code for n in range(PUBLIC_LIMIT.attempts + 1)]
    assert answers[-2:] == [404, 429]


def test_other_methods_are_not_known(client, link):
    assert client.delete(link).status_code == 405

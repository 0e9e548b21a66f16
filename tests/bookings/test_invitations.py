"""Mails about appointments carry them for the reader's calendar: to take in, to move, to take out again."""

import base64

import icalendar
import pytest
from django.urls import reverse

from apps.bookings import notifications, services
from apps.bookings.notifications import invitations
from apps.bookings.workflow import AppointmentStatus
from apps.notifications import services as messages
from apps.notifications.models import CaughtEmail, Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.hospitals import AffiliationFactory
from tests.notifications.mail_server import MailServer

from . import rfc5545

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _caught(settings):
    settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"


@pytest.fixture
def mails():
    """`mails(user)` sends what is due, and gives the calendar files of the mails that the person got, oldest first."""

    def mails(user):
        messages.deliver_due()
        caught = CaughtEmail.objects.filter(to=user.email).order_by("id")
        return [file for mail in caught for file in files_of(mail)]

    return mails


def files_of(mail):
    return [base64.b64decode(part["content"]) for part in mail.attachments if part["name"]]


def confirm(appointment):
    return services.move_appointment(appointment.pk, AppointmentStatus.CONFIRMED, by=appointment.doctor.user)


def told(raw):
    calendar = rfc5545.read(raw)
    [event] = calendar.named("VEVENT")
    return calendar.get("METHOD"), event.get("UID"), int(event.get("SEQUENCE")), event.get("STATUS")


def test_from_the_confirmation_to_the_end_calendars_follow_one_entry(api, appointment, free, mails):
    """The journey: invited, moved under the same id, and taken out again."""
    patient, doctor = appointment.patient.user, appointment.doctor.user
    page, uid = f"/api/v1/appointments/{appointment.pk}", f"{appointment.pk}@medivoy.example.com"
    assert mails(patient) == [], "nothing is agreed on yet"
    assert api(doctor).patch(f"{page}/status", {"status": "appointment_confirmed"}).status_code == 200
    assert [told(raw) for raw in mails(patient)] == [("REQUEST", uid, 0, "CONFIRMED")]
    assert api(patient).post(f"{page}/reschedule", {"starts_at": free[4].starts_at.isoformat()}).status_code == 200
    assert told(mails(patient)[-1]) == ("REQUEST", uid, 1, "CONFIRMED")
    assert api(doctor).delete(page).status_code == 204
    assert told(mails(patient)[-1]) == ("CANCEL", uid, 2, "CANCELLED")
    for raw in mails(patient):
        assert rfc5545.offences(raw) == []
    invited, moved, _ended = (icalendar.Calendar.from_ical(raw).walk("VEVENT")[0] for raw in mails(patient))
    assert (invited.start, moved.start) == (appointment.starts_at, free[4].starts_at)


@pytest.mark.parametrize("side", ["patient", "doctor"])
def test_whoever_cancels_has_it_taken_out_of_their_own_calendar_too(appointment, mails, side):
    confirm(appointment)
    people = {"patient": appointment.patient.user, "doctor": appointment.doctor.user}
    services.cancel_appointment(appointment.pk, by=people[side])
    assert [told(mails(person)[-1])[0] for person in people.values()] == ["CANCEL", "CANCEL"]
    noted = Message.objects.filter(kind="bookings.cancellation_noted")
    assert [(message.recipient, message.channel) for message in noted] == [(people[side], "email")]


def test_whoever_cancels_what_was_never_agreed_on_is_written_nothing(appointment):
    services.cancel_appointment(appointment.pk, by=appointment.patient.user)
    assert not Message.objects.filter(kind="bookings.cancellation_noted").exists()


def test_where_a_colleague_is_asked_instead_the_former_appointment_leaves_both_calendars(appointment, mails):
    """The new one comes when the colleague confirms it."""
    confirm(appointment)
    patient, doctor = appointment.patient.user, appointment.doctor.user
    mails(patient)
    services.cancel_appointment(appointment.pk, by=doctor)
    Message.objects.all().delete()
    CaughtEmail.objects.all().delete()
    instead = AppointmentFactory(affiliation=AffiliationFactory(), patient=appointment.patient, replaces=appointment)
    appointment.refresh_from_db()
    notifications.colleague_instead(instead, former=appointment)
    for person in (patient, doctor):
        assert [told(raw)[:2] for raw in mails(person)] == [("CANCEL", f"{appointment.pk}@medivoy.example.com")]
    confirm(instead)
    assert told(mails(patient)[-1])[:2] == ("REQUEST", f"{instead.pk}@medivoy.example.com")


def test_each_party_gets_a_file_of_their_own(appointment, mails):
    confirm(appointment)
    patient, doctor = appointment.patient.user, appointment.doctor.user
    [patients], [doctors] = mails(patient), mails(doctor)
    assert doctor.last_name in patients.decode()
    assert patient.email in patients.decode()
    for name in (patient.email, patient.last_name):
        assert name not in doctors.decode().replace("\r\n ", "")
    assert doctor.email in doctors.decode().replace("\r\n ", "")


def test_a_request_that_is_moved_or_declined_leaves_no_trace_in_calendars(appointment, free, mails):
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[4].starts_at)
    services.cancel_appointment(appointment.pk, by=appointment.doctor.user)
    assert mails(appointment.patient.user) == []
    assert CaughtEmail.objects.filter(to=appointment.patient.user.email).count() >= 2


def test_a_mail_that_was_late_carries_what_is_true_when_it_leaves(appointment, free, mails):
    """The confirmation waited for its worker while the appointment was moved and called off."""
    confirm(appointment)
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[4].starts_at)
    services.cancel_appointment(appointment.pk, by=appointment.doctor.user)
    found = {told(raw) for raw in mails(appointment.patient.user)}
    assert found == {("CANCEL", f"{appointment.pk}@medivoy.example.com", 2, "CANCELLED")}


def test_mail_programs_find_the_invitation_beside_the_text_and_as_a_file(appointment, settings):
    Message.objects.all().delete()
    confirm(appointment)
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        messages.deliver_due()
    received = next(mail for mail in server.accepted if mail["To"] == appointment.patient.user.email)
    assert received.get_content_type() == "multipart/mixed"
    said, file = received.iter_parts()
    assert [part.get_content_type() for part in said.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    offered = list(said.iter_parts())[-1]
    assert offered["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert rfc5545.offences(file.get_content()) == []
    assert offered.get_content().split() == file.get_content().decode().split()


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_file_is_in_its_readers_language(appointment, mails, language):
    user = appointment.patient.user
    user.language, user.time_zone = language, "Africa/Cairo"
    user.save()
    confirm(appointment)
    [raw] = mails(user)
    assert rfc5545.offences(raw) == []
    words = {"en": "Your time:", "ar": "الوقت بتوقيتك:", "hi": "आपका समय", "es": "Su hora", "fr": "Votre heure"}
    assert words[language] in icalendar.Calendar.from_ical(raw).walk("VEVENT")[0]["DESCRIPTION"]


def test_a_file_costs_one_query(appointment, django_assert_num_queries):
    confirm(appointment)
    message = Message.objects.select_related("recipient").filter(kind="bookings.appointment_confirmed").first()
    with django_assert_num_queries(1):
        assert len(invitations.invitation(message)) == 2


def test_whoever_is_neither_of_the_two_gets_none(appointment, coordinator):
    confirm(appointment)
    message = Message(recipient=coordinator, kind=notifications.appointments.CONFIRMED.name)
    message.context = {"appointment_id": str(appointment.pk)}
    assert invitations.invitation(message) == ()


def test_admins_save_the_file_from_the_demos_mailbox(appointment, mails, client, platform_admin, coordinator):
    confirm(appointment)
    [raw] = mails(appointment.patient.user)
    mail = CaughtEmail.objects.get(to=appointment.patient.user.email, attachments__contains=[{"name": "invite.ics"}])
    number = next(number for number, part in enumerate(mail.attachments) if part["name"])
    page = reverse("admin:notifications_caughtemail_change", args=[mail.pk])
    link = reverse("admin:notifications_caughtemail_attachment", args=[mail.pk, number])
    client.force_login(platform_admin)
    assert f'href="{link}"' in client.get(page).content.decode()
    response = client.get(link)
    assert response.content == raw
    assert response["Content-Disposition"] == 'attachment; filename="invite.ics"'
    assert response["Content-Type"] == "application/octet-stream"
    assert client.get(link.replace(f"attachments/{number}", "attachments/9")).status_code == 404
    client.force_login(coordinator)
    assert client.get(link).status_code in {403, 404}

"""What patients and doctors are told: in their language, with both times, and nothing medical."""

import pytest
from django.conf import settings
from django.utils import translation

from apps.bookings import services
from apps.bookings.notifications import appointments as notifications
from apps.notifications import rendering
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db

#: What becomes of an appointment. The other messages have tests of their own.
KINDS = [
    notifications.REQUESTED,
    notifications.REQUEST_RECEIVED,
    notifications.CONFIRMED,
    notifications.DECLINED,
    notifications.CANCELLED,
    notifications.RESCHEDULED,
]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def told(appointment, patient, doctor, free):
    """The appointment lives through everything; `told(kind)` are the messages of a kind, by channel and reader."""
    doctor.user.time_zone = "Asia/Kolkata"
    doctor.user.save()
    patient.user.time_zone = "Africa/Lagos"
    patient.user.save()
    for function in (
        notifications.appointment_confirmed,
        notifications.appointment_declined,
    ):
        function(appointment)
    services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[3].starts_at)
    services.cancel_appointment(appointment.pk, by=patient.user)

    def told(kind):
        return {
            (message.channel, message.recipient_id): message
            for message in Message.objects.filter(kind=kind.name).select_related("recipient")
        }

    return told


def test_what_becomes_of_an_appointment_cannot_be_muted_altogether():
    assert all(kind.transactional and kind.group == "appointments" for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_can_be_read_in_each_language(told, appointment, kind, language):
    messages = told(kind)
    assert messages
    for message in messages.values():
        message.recipient.language = language
        rendered = rendering.render(message)
        for text in filter(None, (rendered.subject, rendered.text, rendered.html)):
            assert "%(" not in text
            assert "{{" not in text
        assert appointment.number in rendered.subject
        assert "\n" not in rendered.subject
        if message.channel == "email":
            assert appointment.doctor.user.last_name in rendered.text
            assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in rendered.html


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_whoever_lives_elsewhere_reads_both_times(told, kind, patient, doctor):
    for (_channel, reader), message in told(kind).items():
        with translation.override("en"):
            text = rendering.render(message).text
        assert "UTC+05:30" in text
        assert ("UTC+01:00" in text) == (reader == patient.user_id)


def test_a_moved_appointment_shows_the_time_before(told, patient, free):
    message = told(notifications.RESCHEDULED)["email", patient.user_id]
    rendered = rendering.render(message)
    assert "Time before" in rendered.text
    assert "<s>" in rendered.html


def test_who_cancelled_is_said(told, doctor):
    assert "The patient cancelled it." in rendering.render(told(notifications.CANCELLED)["email", doctor.user_id]).text


def test_names_with_markup_are_shown_and_not_obeyed(appointment, patient):
    type(patient.user).objects.filter(pk=patient.user_id).update(last_name="<b>Okafor</b>")
    appointment.patient.user.refresh_from_db()
    notifications.appointment_confirmed(appointment)
    message = Message.objects.get(kind="bookings.appointment_confirmed", recipient=patient.user, channel="email")
    rendered = rendering.render(message)
    assert "<b>Okafor</b>" in rendered.text
    assert "<b>Okafor" not in rendered.html


def test_places_are_named_in_the_readers_language(hospital, book, patient, doctor):
    type(hospital).objects.filter(pk=hospital.pk).update(name_ar="مستشفى النور")
    type(patient.user).objects.filter(pk=patient.user_id).update(language="ar")
    patient.user.refresh_from_db()
    appointment = book()
    contexts = {
        message.recipient_id: message.context["hospital"] for message in Message.objects.filter(channel="email")
    }
    assert contexts == {patient.user_id: "مستشفى النور", doctor.user_id: hospital.name_en}
    assert appointment.hospital_id == hospital.pk

"""Refusals that say a number agree with it, in the reader's language when they are shown."""

import pytest
from django.utils import translation

from apps.bookings import exceptions
from apps.bookings.workflow import AppointmentStatus
from apps.notifications.models import Message


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (exceptions.CancellationTooLate(hours=1), "until 1 hour before"),
        (exceptions.CancellationTooLate(hours=2), "until 2 hours before"),
        (exceptions.RescheduleTooLate(hours=1), "until 1 hour before"),
        (exceptions.RescheduledTooOften(times=1), "moved 1 time."),
        (exceptions.RescheduledTooOften(times=3), "moved 3 times."),
        (exceptions.TooEarly(hours=1), "from 1 hour before"),
        (exceptions.TooEarly(hours=12), "from 12 hours before"),
    ],
)
def test_one_is_not_said_as_many(refusal, says):
    assert says in refusal.text


@pytest.mark.parametrize(
    ("language", "hours", "says"),
    [
        ("ar", 1, "ساعة واحدة"), ("ar", 2, "ساعتين"), ("ar", 3, "3 ساعات"), ("ar", 12, "12 ساعة"),
        ("hi", 2, "2 घंटे"), ("es", 1, "1 hora antes"), ("es", 2, "2 horas antes"), ("fr", 1, "1 heure avant"),
        ("fr", 2, "2 heures avant"),
    ],
)  # fmt: skip
def test_the_form_is_chosen_when_it_is_shown_not_when_it_is_raised(language, hours, says):
    refusal = exceptions.CancellationTooLate(hours=hours)
    with translation.override(language):
        assert says in refusal.text


def test_a_message_and_an_appointment_are_cancelled_in_words_that_agree():
    with translation.override("es"):
        assert str(AppointmentStatus.CANCELLED.label) == "Cancelada"
        assert str(Message.Status.CANCELLED.label) == "Cancelado"

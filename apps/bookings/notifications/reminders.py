"""What patients, and doctors of a consultation by video, are reminded of."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.bookings import rules, selectors
from apps.bookings.models import Appointment
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .appointments import EXAMPLE, GROUP, context_of

REMINDER = catalogue.register(
    Kind(
        name="bookings.appointment_reminder",
        group=GROUP,
        label=_("Reminders of appointments"),
        subject=_("Reminder: appointment %(number)s"),
        example=EXAMPLE | {"version": 1, "minutes_before": 1440, "is_patient": True},
        overtaken=selectors.overtaken_reminders,
    )
)


def appointments_coming(appointments: Sequence[Appointment], minutes_before: Mapping[UUID, int]) -> None:
    """Those whom it concerns are reminded, once for each agreed time of an appointment and each distance from it; whose
    account is closed is not. `minutes_before` says for each appointment which reminder this is."""
    letters = []
    for appointment in appointments:
        minutes = minutes_before[appointment.pk]
        people = {"patient": appointment.patient.user, "doctor": appointment.doctor.user}
        for side in sorted(rules.told_of_reminder(appointment.kind, minutes)):
            reader = people[side]
            if not reader.is_active:
                continue
            with translation.override(reader.language):
                context = context_of(appointment)
            context |= {
                "version": appointment.version, "minutes_before": minutes, "is_patient": side == "patient",
            }  # fmt: skip
            event = f"{REMINDER.name}:{appointment.pk}:{appointment.version}:{minutes}"
            letters.append(services.Letter(reader, event, context))
    if letters:
        services.notify_each(kind=REMINDER, letters=letters)

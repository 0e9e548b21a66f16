"""What patient and doctor are told of an appointment."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import AppointmentStatus
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Channel, Kind

from .invitations import invitation

GROUP = "appointments"
#: What a context holds; tests render every text with it.
EXAMPLE: dict[str, Any] = {
    "appointment_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60",
    "number": "AP-2031-000042",
    "patient": "Amina Bello",
    "doctor": "Asha Rao",
    "hospital": "Lotus Heart Centre",
    "city": "Chennai",
    "starts_at": "2031-01-06T03:30:00+00:00",
    "hospital_zone": "Asia/Kolkata",
    "is_teleconsult": True,
    "cancelled_by": "patient",
}

REQUESTED = catalogue.register(
    Kind(
        name="bookings.appointment_requested",
        group=GROUP,
        label=_("Appointment requested"),
        subject=_("Your appointment request %(number)s has been received"),
        transactional=True,
        example=EXAMPLE,
    )
)
REQUEST_RECEIVED = catalogue.register(
    Kind(
        name="bookings.request_received",
        group=GROUP,
        label=_("New appointment request"),
        subject=_("New appointment request %(number)s"),
        transactional=True,
        example=EXAMPLE,
    )
)
CONFIRMED = catalogue.register(
    Kind(
        name="bookings.appointment_confirmed",
        group=GROUP,
        label=_("Appointment confirmed"),
        subject=_("Appointment %(number)s is confirmed"),
        transactional=True,
        attachments=invitation,
        example=EXAMPLE,
    )
)
DECLINED = catalogue.register(
    Kind(
        name="bookings.appointment_declined",
        group=GROUP,
        label=_("Appointment declined"),
        subject=_("Appointment request %(number)s could not be accepted"),
        transactional=True,
        example=EXAMPLE,
    )
)
CANCELLED = catalogue.register(
    Kind(
        name="bookings.appointment_cancelled",
        group=GROUP,
        label=_("Appointment cancelled"),
        subject=_("Appointment %(number)s has been cancelled"),
        transactional=True,
        attachments=invitation,
        example=EXAMPLE,
    )
)
CANCELLATION_NOTED = catalogue.register(
    Kind(
        name="bookings.cancellation_noted",
        group=GROUP,
        label=_("Your own cancellations, for your calendar"),
        subject=_("Appointment %(number)s has been cancelled"),
        channels=(Channel.EMAIL,),
        attachments=invitation,
        example=EXAMPLE,
    )
)
RESCHEDULED = catalogue.register(
    Kind(
        name="bookings.appointment_rescheduled",
        group=GROUP,
        label=_("Appointment moved"),
        subject=_("Appointment %(number)s has been moved"),
        transactional=True,
        attachments=invitation,
        example=EXAMPLE | {"was_at": "2031-01-05T03:30:00+00:00"},
    )
)


def appointment_requested(appointment: Appointment) -> None:
    """The patient reads that the request has arrived, the doctor that there is one to answer."""
    tell(REQUESTED, appointment, {"patient"})
    tell(REQUEST_RECEIVED, appointment, {"doctor"})


def appointment_confirmed(appointment: Appointment) -> None:
    tell(CONFIRMED, appointment, {"patient", "doctor"})


def appointment_declined(appointment: Appointment) -> None:
    tell(DECLINED, appointment, {"patient"})


def appointment_cancelled(appointment: Appointment) -> None:
    """The other side is told; both are when the hospital or Medivoy cancelled. Whoever cancelled has it taken out of
    their calendar."""
    told = rules.told_of_cancelling(appointment.cancelled_by)
    tell(CANCELLED, appointment, told)
    note_cancellation(appointment, {"patient", "doctor"} - told)


def note_cancellation(appointment: Appointment, sides: Iterable[str]) -> None:
    """Those of `patient` and `doctor` on whose side it was called off: by e-mail, if a calendar may have it."""
    confirmed = AppointmentEvent.objects.filter(appointment=appointment, to_status=AppointmentStatus.CONFIRMED)
    if sides and confirmed.exists():
        tell(CANCELLATION_NOTED, appointment, sides)


def appointment_rescheduled(appointment: Appointment, *, before: datetime) -> None:
    """Both read the new time beside the one before (UTC)."""
    tell(RESCHEDULED, appointment, {"patient", "doctor"}, was_at=before.isoformat())


def tell(kind: Kind, appointment: Appointment, sides: Iterable[str], **more: Any) -> None:
    """Those of `patient` and `doctor` whom it concerns are told, once for each agreed time of the appointment."""
    people = {"patient": appointment.patient.user, "doctor": appointment.doctor.user}
    by_language: dict[str, list[User]] = {}
    for side in sorted(sides):
        by_language.setdefault(people[side].language, []).append(people[side])
    for language, recipients in by_language.items():
        with translation.override(language):
            services.notify_all(
                kind=kind,
                recipients=recipients,
                event=f"{kind.name}:{appointment.pk}:{appointment.version}",
                context=context_of(appointment) | more,
            )


def context_of(appointment: Appointment) -> dict[str, Any]:
    """Plain values, names of places in the language that is active now."""
    hospital = appointment.hospital
    return {
        "appointment_id": str(appointment.pk),
        "number": appointment.number,
        "patient": appointment.patient.user.full_name,
        "doctor": str(appointment.doctor),
        "hospital": hospital.name,
        "city": hospital.city,
        "starts_at": appointment.starts_at.isoformat(),
        "hospital_zone": hospital.time_zone,
        "is_teleconsult": appointment.kind == Appointment.Kind.TELECONSULT,
        "cancelled_by": appointment.cancelled_by,
    }

"""What bookings tells patients, doctors and coordinators: one function a message.

The context holds no complaint, no reason and no note: those may be medical and are read in the app only.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common import wall_time
from apps.hospitals.models import Doctor
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import rules
from .models import Appointment, Booking

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
        example=EXAMPLE | {"was_at": "2031-01-05T03:30:00+00:00"},
    )
)

BOOKING_REQUESTED = catalogue.register(
    Kind(
        name="bookings.booking_requested",
        group=GROUP,
        label=_("Treatment requested"),
        subject=_("Your request %(number)s has been received"),
        summary=_("%(hospital)s has your request %(number)s. You will hear from us."),
        transactional=True,
        example={"booking_id": EXAMPLE["appointment_id"], "number": "BK-7K3Q9F2M", "hospital": "Lotus Heart Centre"},
    )
)

UNLICENSED = catalogue.register(
    Kind(
        name="bookings.licence_does_not_cover",
        group=GROUP,
        label=_("Appointments without a licence"),
        subject=_("Appointments of %(doctor)s lie after the end of the licence"),
        summary=_("Appointments that are still to come: %(count)d. Please offer each patient another way."),
        transactional=True,
        example={
            "doctor": "Dr. Asha Rao",
            "count": 3,
            "last_day": "31 January 2031",
            "page": "/admin/bookings/appointment/?when=unlicensed",
        },
    )
)


def appointment_requested(appointment: Appointment) -> None:
    """The patient reads that the request has arrived, the doctor that there is one to answer."""
    _tell(REQUESTED, appointment, {"patient"})
    _tell(REQUEST_RECEIVED, appointment, {"doctor"})


def appointment_confirmed(appointment: Appointment) -> None:
    _tell(CONFIRMED, appointment, {"patient", "doctor"})


def appointment_declined(appointment: Appointment) -> None:
    _tell(DECLINED, appointment, {"patient"})


def appointment_cancelled(appointment: Appointment) -> None:
    """The other side is told; both are when the hospital or Medivoy cancelled."""
    _tell(CANCELLED, appointment, rules.told_of_cancelling(appointment.cancelled_by))


def appointment_rescheduled(appointment: Appointment, *, before: datetime) -> None:
    """Both read the new time beside the one before (UTC)."""
    _tell(RESCHEDULED, appointment, {"patient", "doctor"}, was_at=before.isoformat())


def booking_requested(booking: Booking) -> None:
    """The patient reads that the request has arrived; not for what, which is said in the app only."""
    reader = booking.patient.user
    with translation.override(reader.language):
        services.notify(
            kind=BOOKING_REQUESTED,
            recipient=reader,
            event=f"{BOOKING_REQUESTED.name}:{booking.pk}",
            context={"booking_id": str(booking.pk), "number": booking.number, "hospital": booking.hospital.name},
        )


def licence_does_not_cover(doctor: Doctor, count: int, coordinators: Sequence[User]) -> None:
    """Coordinators read how many appointments lie after the last day of a doctor's licence, and where to find them:
    once for each last day, whatever changes among the appointments."""
    last_day = doctor.licensed_until
    query = urlencode({"when": "unlicensed", "doctor__id__exact": str(doctor.pk)})
    page = f"{reverse('admin:bookings_appointment_changelist')}?{query}"
    letters = []
    for reader in coordinators:
        with translation.override(reader.language):
            context = {
                "doctor": str(doctor),
                "count": count,
                "last_day": wall_time.day(last_day, reader.language) if last_day else "",
                "page": page,
            }
        letters.append(services.Letter(reader, f"{UNLICENSED.name}:{doctor.pk}:{last_day}", context))
    services.notify_each(kind=UNLICENSED, letters=letters)


def _tell(kind: Kind, appointment: Appointment, sides: Iterable[str], **more: Any) -> None:
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
                context=_context(appointment) | more,
            )


def _context(appointment: Appointment) -> dict[str, Any]:
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

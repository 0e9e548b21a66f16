"""What patients and coordinators are told of appointments that leave, or a closure, stands in the way of."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import selectors
from apps.bookings.models import Appointment
from apps.hospitals.models import HospitalStaff
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import staff
from .appointments import EXAMPLE, GROUP, REQUEST_RECEIVED, context_of, note_cancellation, tell
from .invitations import withdrawal

DISPLACED = catalogue.register(
    Kind(
        name="bookings.appointment_displaced",
        group=GROUP,
        label=_("The doctor is away"),
        subject=_("Please choose: appointment %(number)s cannot take place as agreed"),
        transactional=True,
        secrets=("link",),
        overtaken=selectors.overtaken_displacements,
        example=EXAMPLE
        | {
            "link": "https://medivoy.example/displaced/x/",
            "respond_by": "2031-01-04T03:30:00+00:00",
            "is_urgent": True,
        },
    )
)
STANDS = catalogue.register(
    Kind(
        name="bookings.appointment_stands",
        group=GROUP,
        label=_("Appointment stands after all"),
        subject=_("Appointment %(number)s takes place after all"),
        transactional=True,
        example=EXAMPLE,
    )
)
COLLEAGUE = catalogue.register(
    Kind(
        name="bookings.colleague_instead",
        group=GROUP,
        label=_("Appointment with a colleague"),
        subject=_("Your appointment with a colleague: %(number)s"),
        transactional=True,
        attachments=withdrawal,
        example=EXAMPLE | {"was_at": "2031-01-05T03:30:00+00:00", "former_doctor": "Vikram Iyer"},
    )
)
_PAGE = "/admin/bookings/displacement/"
TO_SETTLE = catalogue.register(
    Kind(
        name="bookings.appointments_displaced",
        group=GROUP,
        label=_("Displaced appointments"),
        subject=_("Appointments that cannot take place: %(whose)s"),
        summary=_("Appointments: %(count)d. Their patients have been asked to choose. To be called now: %(urgent)d."),
        transactional=True,
        example={"whose": "Dr. Asha Rao", "count": 12, "urgent": 2, "page": _PAGE},
    )
)
OVERDUE = catalogue.register(
    Kind(
        name="bookings.displacements_overdue",
        group=GROUP,
        label=_("Patients who have not chosen"),
        subject=_("Patients have not chosen what becomes of their appointments"),
        summary=_("Appointments: %(count)d. Please call these patients."),
        transactional=True,
        example={"count": 3, "page": _PAGE},
    )
)

#: An appointment, and the link, the deadline and the urgency of its displacement.
Asked = tuple[Appointment, str, datetime, bool]

DECLINED_TOO = catalogue.register(
    Kind(
        name="bookings.colleague_declined",
        group=GROUP,
        label=_("A colleague has declined"),
        subject=_("A colleague has declined appointment %(number)s"),
        summary=_("%(doctor)s, %(hospital)s. Please call the patient."),
        transactional=True,
        example=EXAMPLE | {"page": "/admin/bookings/appointment/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/change/"},
    )
)


def appointments_displaced(asked: Sequence[Asked], *, now: datetime) -> None:
    """Each patient reads until when to choose what, and the link with which that is done without signing in."""
    letters = []
    for appointment, token, respond_by, is_urgent in asked:
        reader = appointment.patient.user
        with translation.override(reader.language):
            context = context_of(appointment) | {
                "link": f"{settings.PUBLIC_URL}{reverse('displaced', args=[token])}",
                "respond_by": respond_by.isoformat(),
                "is_urgent": is_urgent,
            }
        letters.append(services.Letter(reader, _event(DISPLACED, appointment, now), context))
    services.notify_each(kind=DISPLACED, letters=letters)


def appointments_to_settle(asked: Sequence[Asked], *, now: datetime) -> None:
    """The coordinators read how many there are in one message, the staff of each hospital how many of theirs."""
    hospitals = {appointment.hospital_id: appointment.hospital for appointment, *_rest in asked}
    doctors = {appointment.doctor_id: appointment.doctor for appointment, *_rest in asked}
    every = Counter(appointment.hospital_id for appointment, *_rest in asked)
    urgent = Counter(appointment.hospital_id for appointment, *_rest, is_urgent in asked if is_urgent)
    theirs: dict[User, set[UUID]] = {reader: set(hospitals) for reader in staff.coordinators()}
    links = HospitalStaff.objects.filter(hospital__in=hospitals, user__is_active=True).select_related("user")
    for link in links:
        theirs.setdefault(link.user, set()).add(link.hospital_id)
    whose = next(iter(doctors.values() if len(doctors) == 1 else hospitals.values()))
    staff.tell_each(
        TO_SETTLE,
        theirs,
        event=f"{TO_SETTLE.name}:{min(appointment.pk for appointment, *_rest in asked)}:{now.isoformat()}",
        context=lambda reader: {
            "whose": str(whose),
            "count": sum(every[hospital_id] for hospital_id in theirs[reader]),
            "urgent": sum(urgent[hospital_id] for hospital_id in theirs[reader]),
            "page": _open_page(),
        },
    )


def appointments_stand(appointments: Sequence[Appointment], *, now: datetime) -> None:
    """Each patient reads that the appointment takes place as agreed, and that there is nothing to choose any more."""
    letters = []
    for appointment in appointments:
        reader = appointment.patient.user
        with translation.override(reader.language):
            letters.append(services.Letter(reader, _event(STANDS, appointment, now), context_of(appointment)))
    services.notify_each(kind=STANDS, letters=letters)


def colleague_instead(appointment: Appointment, *, former: Appointment) -> None:
    """The patient reads with whom and when instead; the colleague that there is a request to answer."""
    more: dict[str, Any] = {"was_at": former.starts_at.isoformat(), "former_doctor": str(former.doctor)}
    tell(COLLEAGUE, appointment, {"patient"}, **more)
    note_cancellation(former, {"doctor"})
    tell(REQUEST_RECEIVED, appointment, {"doctor"})


def displacements_overdue(count: int, *, now: datetime) -> None:
    """The coordinators read, in one message, how many patients are to be called."""
    staff.tell_each(
        OVERDUE,
        staff.coordinators(),
        event=f"{OVERDUE.name}:{now.isoformat()}",
        context=lambda reader: {"count": count, "page": _open_page()},
    )


def colleague_declined(appointment: Appointment) -> None:
    """The coordinators read that whoever was to take a colleague's place will not: somebody has to call the patient,
    whose payment waits with the appointment that this one replaced."""
    staff.tell_each(
        DECLINED_TOO,
        staff.coordinators(),
        event=f"{DECLINED_TOO.name}:{appointment.pk}",
        context=lambda reader: context_of(appointment) | {"page": staff.page_of(appointment)},
    )


def _open_page() -> str:
    """The list shows what waits unless it is asked for something else."""
    return reverse("admin:bookings_displacement_changelist")


def _event(kind: Kind, appointment: Appointment, now: datetime) -> str:
    """Leave over one agreed time may come, go and come again."""
    return f"{kind.name}:{appointment.pk}:{appointment.version}:{now.isoformat()}"

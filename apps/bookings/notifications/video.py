"""What coordinators are told of consultations by video that have no room."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings.models import Appointment
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .appointments import EXAMPLE, GROUP, context_of

ROOMS_FAIL = catalogue.register(
    Kind(
        name="bookings.video_rooms_fail",
        group=GROUP,
        label=_("Video rooms that cannot be opened"),
        subject=_("The video room of appointment %(number)s cannot be opened"),
        summary=_("Consultations by video without a room: %(count)d. It is tried again every few minutes."),
        transactional=True,
        example=EXAMPLE | {"count": 3, "page": "/admin/bookings/appointment/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/"},
    )
)


def video_rooms_fail(appointment: Appointment, count: int, coordinators: Sequence[User], *, now: datetime) -> None:
    """Coordinators read whose consultation is the next without a room, and how many there are: once an hour, however
    many rooms a provider that is down keeps from opening."""
    page = reverse("admin:bookings_appointment_change", args=(appointment.pk,))
    letters = []
    for reader in coordinators:
        with translation.override(reader.language):
            context = context_of(appointment) | {"count": count, "page": page}
        letters.append(services.Letter(reader, f"{ROOMS_FAIL.name}:{now:%Y-%m-%dT%H}", context))
    services.notify_each(kind=ROOMS_FAIL, letters=letters)

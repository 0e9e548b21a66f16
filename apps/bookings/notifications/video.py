"""What coordinators are told of consultations by video that have no room."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Appointment
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from . import staff
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


def video_rooms_fail(appointment: Appointment, count: int, *, now: datetime) -> None:
    """Coordinators read whose consultation is the next without a room, and how many there are: once an hour, however
    many rooms a provider that is down keeps from opening."""
    staff.tell_each(
        ROOMS_FAIL,
        staff.coordinators(),
        event=f"{ROOMS_FAIL.name}:{now:%Y-%m-%dT%H}",
        context=lambda reader: context_of(appointment) | {"count": count, "page": staff.page_of(appointment)},
    )

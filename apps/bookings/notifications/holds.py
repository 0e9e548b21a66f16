"""What patients are told of a payment that came after their time was taken."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Appointment
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from .appointments import EXAMPLE, GROUP, tell

PAID_WITHOUT_TIME = catalogue.register(
    Kind(
        name="bookings.paid_without_time",
        group=GROUP,
        label=_("Paid after the time was taken"),
        subject=_("Please choose another time: %(number)s"),
        transactional=True,
        example=EXAMPLE | {"next_times": ["2031-01-06T04:00:00+00:00", "2031-01-06T04:30:00+00:00"]},
    )
)


def paid_without_time(appointment: Appointment, next_times: Sequence[datetime]) -> None:
    """The patient reads that the payment is kept, that the time is gone, and when the doctor is free next."""
    tell(PAID_WITHOUT_TIME, appointment, {"patient"}, next_times=[at.isoformat() for at in next_times])

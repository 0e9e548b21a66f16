"""What the patient is told of a treatment booking; not for what it is, which is said in the app only."""

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Booking
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .appointments import EXAMPLE, GROUP

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

"""What is told when the doctor did not come."""

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from . import staff
from .appointments import EXAMPLE, GROUP, context_of, tell

ABSENT = catalogue.register(
    Kind(
        name="bookings.doctor_absent",
        group=GROUP,
        label=_("The doctor did not come"),
        subject=_("Appointment %(number)s did not take place"),
        transactional=True,
        example=EXAMPLE,
    )
)
ABSENCE_REPORTED = catalogue.register(
    Kind(
        name="bookings.doctor_absence_reported",
        group=GROUP,
        label=_("A doctor did not come"),
        subject=_("A doctor did not come: %(number)s"),
        summary=_("%(doctor)s, %(hospital)s. Please call the patient."),
        transactional=True,
        example=EXAMPLE | {"page": "/admin/bookings/appointment/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/change/"},
    )
)


def doctor_did_not_come(appointment: Appointment, *, by: User) -> None:
    """The other side reads that the consultation did not take place, the coordinators that somebody has to call."""
    tell(ABSENT, appointment, rules.told_of_cancelling(rules.cancelled_by(by.role)))
    staff.tell_each(
        ABSENCE_REPORTED,
        staff.coordinators().exclude(pk=by.pk),
        event=f"{ABSENCE_REPORTED.name}:{appointment.pk}",
        context=lambda reader: context_of(appointment) | {"page": staff.page_of(appointment)},
    )

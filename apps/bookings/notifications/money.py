"""What patients are told of a fee that is to be paid."""

from django.utils.translation import gettext_lazy as _

from apps.billing.models import Bill
from apps.bookings.models import Appointment
from apps.common import wall_time
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from .appointments import EXAMPLE, GROUP, tell

FEE_DUE = catalogue.register(
    Kind(
        name="bookings.fee_due",
        group=GROUP,
        label=_("Fee of an appointment"),
        subject=_("What is to be paid for appointment %(number)s"),
        transactional=True,
        example=EXAMPLE | {"bill": "BL-7K3Q9F2M", "amount": "₹1,500.00", "due_on": "5 January 2031"},
    )
)


def fee_due(appointment: Appointment, bill: Bill) -> None:
    """The patient reads how much is due and until when, written as they write it."""
    language = appointment.patient.user.language
    due_on = wall_time.day(bill.due_on, language) if bill.due_on else ""
    tell(FEE_DUE, appointment, {"patient"}, bill=bill.number, amount=bill.balance.format(language), due_on=due_on)

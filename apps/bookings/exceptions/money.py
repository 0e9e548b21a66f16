"""What speaks against paying for an appointment."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NothingToPay(exceptions.Conflict):
    code = "booking.nothing_to_pay"
    message = _("Nothing is to be paid for this appointment.")


class NotPayable(exceptions.Conflict):
    """Of an appointment that is over, or was called off."""

    code = "booking.not_payable"
    message = _("This appointment can no longer be paid for (%(status)s).")


class AlreadyPaid(exceptions.Conflict):
    """Of money that staff entered for the appointment before it had a bill."""

    code = "booking.already_paid"
    message = _("This appointment has been paid for already.")

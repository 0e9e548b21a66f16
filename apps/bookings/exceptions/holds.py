"""What speaks against acting on a time that is only held."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class OnlyHeld(exceptions.Conflict):
    """Of a hold that somebody wants to change or move as if it were an appointment."""

    code = "booking.only_held"
    message = _("This time is only held. Please book it first, or let it go.")


class HoldLapsed(exceptions.Conflict):
    code = "booking.hold_lapsed"
    message = _("This time was held for you and no longer is. Please choose a time again.")

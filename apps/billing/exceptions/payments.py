"""What payments refuse, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NotReversible(exceptions.Conflict):
    """Only what staff entered is reversed, and only while nothing of it was given back."""

    code = "billing.not_reversible"
    message = _("Only a payment that staff entered can be reversed, while nothing of it was refunded.")


class AlreadyReversed(exceptions.Conflict):
    code = "billing.already_reversed"
    message = _("This payment has been reversed already.")

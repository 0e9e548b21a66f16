"""What billing refuses, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class AlreadyReversed(exceptions.Conflict):
    code = "billing.already_reversed"
    message = _("This payment has been reversed already.")


class NotReversible(exceptions.Conflict):
    code = "billing.not_reversible"
    message = _("A reversal cannot be reversed: enter the payment again.")

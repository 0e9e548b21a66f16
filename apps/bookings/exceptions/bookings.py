"""What speaks against a treatment booking."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class AlreadyRequested(exceptions.Conflict):
    code = "booking.already_requested"
    message = _("The hospital has been asked for this already, and the request is still open.")


class NotOffered(exceptions.Invalid):
    """Under `errors` stands which of hospital, treatment or package does not go with the others."""

    code = "booking.not_offered"
    message = _("This hospital does not offer what was asked for.")

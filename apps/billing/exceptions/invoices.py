"""What invoicing refuses, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NoIssuer(exceptions.Conflict):
    """Nobody stands there in whose name it could be issued."""

    code = "billing.no_issuer"
    message = _("Whoever issues this invoice has not been set up with a legal name and an address.")


class AlreadyInvoiced(exceptions.Conflict):
    code = "billing.already_invoiced"
    message = _("An invoice or receipt for this was issued already.")


class NothingToInvoice(exceptions.Conflict):
    """The bill was credited wholly, or no money of the payment is here."""

    code = "billing.nothing_to_invoice"
    message = _("There is nothing to issue an invoice or a receipt for.")


class NotCreditable(exceptions.Conflict):
    """A credit note is not corrected by another."""

    code = "billing.not_creditable"
    message = _("A credit note cannot be credited itself.")


class CreditTooHigh(exceptions.Conflict):
    """Never more is credited than the invoice says."""

    code = "billing.credit_too_high"
    message = _("No more can be credited than is left of this invoice.")

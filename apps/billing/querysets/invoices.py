"""Row scope of invoices."""

from .scopes import BilledQuerySet


class InvoiceQuerySet(BilledQuerySet):
    """The recipient sees their own, a hospital's staff their hospital's, coordinators and admins all."""

    of = "recipient"

"""Invoices: who issues them, how they are numbered, and the documents themselves, which never change."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.common import audit, money, wall_time
from apps.common.models import BaseModel
from apps.hospitals.models import Hospital

from .base import amount_field, amounts_fit, currency_field, never_negative
from .bills import Bill
from .payments import Payment

#: A counter goes up by one and never back, and whoever takes a number uses it: looked at when the transaction ends.
_ONE_AT_A_TIME = """
    IF NEW.last_number <> OLD.last_number + 1 OR NEW.issuer_id <> OLD.issuer_id OR NEW.kind <> OLD.kind
       OR NEW.year <> OLD.year OR NEW.prefix <> OLD.prefix THEN
        RAISE EXCEPTION 'a series of invoices is counted up by one, and nothing else of it changes';
    END IF;
    RETURN NEW;
"""
_BEGINS_WITH_ONE = """
    IF NEW.last_number <> 1 THEN
        RAISE EXCEPTION 'a series of invoices begins with one';
    END IF;
    RETURN NEW;
"""
_EACH_NUMBER_IS_USED = """
    IF NOT EXISTS (SELECT 1 FROM billing_invoice WHERE series_id = NEW.id AND sequence = NEW.last_number) THEN
        RAISE EXCEPTION 'number % of series % was taken and no invoice bears it', NEW.last_number, NEW.prefix;
    END IF;
    RETURN NULL;
"""
_NUMBERS_COME_FROM_THE_COUNTER = """
    IF NOT EXISTS (
        SELECT 1 FROM billing_invoiceseries s
        WHERE s.id = NEW.series_id AND s.last_number = NEW.sequence AND s.issuer_id = NEW.issuer_id
          AND s.kind = NEW.kind AND s.year = NEW.year
    ) THEN
        RAISE EXCEPTION 'an invoice bears the number that its series has just counted';
    END IF;
    RETURN NEW;
"""


def _no_truncate(what: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=f"RAISE EXCEPTION '{what} are never removed';",
    )


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", pgettext_lazy("invoice", "Invoice")
    ADVANCE_RECEIPT = "advance_receipt", pgettext_lazy("invoice", "Advance payment receipt")
    CREDIT_NOTE = "credit_note", pgettext_lazy("invoice", "Credit note")


class InvoiceIssuer(BaseModel):
    """In whose name invoices are issued: a hospital's, or (without one) Medivoy's own. What stands here is printed on
    what is issued from now on; what was issued keeps what stood here then."""

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False, help_text=_("None for Medivoy itself."),
    )  # fmt: skip
    legal_name = models.CharField(_("legal name"), max_length=200)
    address = models.TextField(_("address"), max_length=500)
    tax_number = models.CharField(_("tax number"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    series_prefix = models.CharField(
        _("prefix of its numbers"), max_length=8, unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]{1,7}$", _("Give 2 to 8 capital letters and digits."))],
        help_text=_("As in MV-2026-000123. A change holds from the next year on."),
    )  # fmt: skip
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[wall_time.validate_zone],
        help_text=_("Whose calendar says the day and the year of an invoice."),
    )  # fmt: skip
    footer = models.TextField(
        _("footer"), max_length=600, blank=True, help_text=_("Bank account and whatever the law wants at the end.")
    )

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("issuer of invoices")
        verbose_name_plural = _("issuers of invoices")
        ordering: ClassVar = ["legal_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hospital"], name="invoice_issuer_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=~models.Q(legal_name="") & ~models.Q(address=""), name="invoice_issuer_says_who_and_where"
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.legal_name


class InvoiceSeries(models.Model):
    """The counter of one issuer's invoices, receipts or credit notes of one year: `last_number` is the last given."""

    id = models.BigAutoField(primary_key=True)
    issuer = models.ForeignKey(
        InvoiceIssuer, verbose_name=_("issuer"), on_delete=models.PROTECT, related_name="series", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=InvoiceKind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    prefix = models.CharField(_("prefix"), max_length=20)
    last_number = models.PositiveIntegerField(_("last number"))

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of invoices")
        verbose_name_plural = _("series of invoices")
        ordering: ClassVar = ["-year", "prefix"]
        constraints: ClassVar = [
            # The only one, beside the key: `services.invoices` makes and counts a row in one statement, which settles
            # the race of two first invoices by this constraint and would fail by another.
            models.UniqueConstraint(fields=["issuer", "kind", "year"], name="invoice_series_once_a_year"),
            models.CheckConstraint(
                condition=models.Q(kind__in=InvoiceKind.values), name="invoice_series_kind_is_known"
            ),
        ]  # fmt: skip
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="one_at_a_time", when=pgtrigger.Before, operation=pgtrigger.Update, func=_ONE_AT_A_TIME
            ),
            pgtrigger.Trigger(
                name="begins_with_one", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BEGINS_WITH_ONE
            ),
            pgtrigger.Trigger(
                name="each_number_is_used", when=pgtrigger.After, operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred, func=_EACH_NUMBER_IS_USED,
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            _no_truncate("series of invoices"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"


class Invoice(BaseModel):
    """An invoice, an advance payment's receipt or a credit note, as it was issued: never changed, never removed.

    What is wrong is corrected by a credit note (`corrects`). `document` is all that is printed, frozen: names and
    addresses, lines, taxes by rate, what was paid by then. Sums of a credit note are positive too.
    """

    issuer = models.ForeignKey(
        InvoiceIssuer, verbose_name=_("issuer"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    series = models.ForeignKey(
        InvoiceSeries, verbose_name=_("series"), on_delete=models.PROTECT, related_name="invoices", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=InvoiceKind.choices)
    number = models.CharField(_("number"), max_length=40, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number within the series"))
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="receipts"
    )
    corrects = models.ForeignKey(
        "self", verbose_name=_("corrects"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="credit_notes",
    )  # fmt: skip
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.PROTECT, related_name="invoices",
        db_index=False,
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    issued_at = models.DateTimeField(_("issued at"))
    #: The day in the issuer's zone, whose year numbers it.
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5)
    currency = currency_field()
    net = amount_field(pgettext_lazy("bill", "net"))
    discount = amount_field(_("discount"), default=0)
    tax = amount_field(_("tax"), default=0)
    total = amount_field(_("total"))
    document = models.JSONField(_("document"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("issued by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip

    objects = querysets.InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-issued_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "sequence"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["bill"], name="invoice_once_for_a_bill", condition=models.Q(kind="invoice")
            ),
            models.UniqueConstraint(
                fields=["payment"], name="receipt_once_for_a_payment", condition=models.Q(kind="advance_receipt")
            ),
            models.CheckConstraint(
                condition=models.Q(kind="invoice", bill__isnull=False, payment=None, corrects=None)
                | models.Q(kind="advance_receipt", payment__isnull=False, corrects=None)
                | models.Q(kind="credit_note", corrects__isnull=False),
                name="invoice_kind_says_what_for",
            ),
            never_negative("invoice_sums_are_not_negative", "net", "discount", "tax", "total"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="invoice_total_is_net_and_tax"
            ),
            *amounts_fit("invoice", "net", "discount", "tax", "total"),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["-issued_at", "-id"], name="invoice_latest"),
            models.Index(fields=["recipient", "-issued_at", "-id"], name="invoice_by_recipient"),
            models.Index(fields=["hospital", "-issued_at", "-id"], name="invoice_by_hospital"),
            models.Index(fields=["issuer", "-issued_at", "-id"], name="invoice_by_issuer"),
            models.Index(fields=["kind", "-issued_at", "-id"], name="invoice_by_kind"),
            models.Index(fields=["issued_on"], name="invoice_by_day"),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["document", "reason"]),
            pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="counted", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NUMBERS_COME_FROM_THE_COUNTER
            ),
            _no_truncate("invoices"),
        ]

    def __str__(self) -> str:
        return self.number

    def figure(self, column: str) -> money.Money:
        return money.Money(getattr(self, column), self.currency)


class InvoiceSending(models.Model):
    """An invoice was sent to somebody, by whom (none: by itself when it was issued). Append-only."""

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="sendings")
    at = models.DateTimeField(_("at"))
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sending of an invoice")
        verbose_name_plural = _("sendings of invoices")
        ordering: ClassVar = ["-at", "-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class InvoicingNews(models.Model):
    """Money has moved for this bill, or this payment without one: the job looks whether an invoice, a receipt or a
    credit note is due, and removes the row. Written with the ledger's entry, so that none is missed."""

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    look_at = models.DateTimeField(_("to be looked at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.CharField(_("why it failed"), max_length=60, blank=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("news for invoicing")
        verbose_name_plural = _("news for invoicing")
        ordering: ClassVar = ["look_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(bill__isnull=False) | models.Q(payment__isnull=False),
                name="invoicing_news_is_of_something",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["look_at", "id"], name="invoicing_news_due")]

    def __str__(self) -> str:
        return str(self.bill or self.payment)

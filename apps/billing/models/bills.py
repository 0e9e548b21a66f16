"""What somebody owes: bills, their lines, and when how much of them is due."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import BILL, OWING, BillStatus, Canceller
from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Hospital

from .base import amount_field, amounts_fit, currency_field, never_negative


def new_bill_number() -> str:
    """A bill's number as people read it out: random, so that nobody guesses another's."""
    return f"BL-{ids.random_code(8)}"


class Bill(Movable, BaseModel):
    """What a person owes for one thing, which billing knows by `subject_type`, `subject_id` and `subject_label` only;
    `purpose` tells several bills of one subject apart (a change order).

    Lines and sums never change: what is owed less is `credited`. `paid` (what came in and was not given back or lost)
    is written from the ledger by `services.ledger.settle_bill` and nobody else, and so is the status.
    """

    workflow = BILL

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_bill_number, editable=False)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to be paid by"), on_delete=models.PROTECT, related_name="bills",
        db_index=False,
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=12, choices=BillStatus.choices, default=BillStatus.OPEN)
    subject_type = models.CharField(_("for (kind)"), max_length=30)
    subject_id = models.UUIDField(_("for"))
    subject_label = models.CharField(_("for what"), max_length=60)
    purpose = models.CharField(_("purpose"), max_length=40, blank=True)
    currency = currency_field()
    net = amount_field(pgettext_lazy("bill", "net"))
    discount = amount_field(_("discount"), default=0)
    tax = amount_field(_("tax"), default=0)
    total = amount_field(_("total"))
    credited = amount_field(_("credited"), default=0)
    paid = amount_field(_("paid"), default=0)
    #: The first day on which an unpaid part is due; None when nothing is owed.
    due_on = models.DateField(_("due on"), null=True, blank=True)
    #: When what was sold begins: what a cancellation gives back steps down towards it.
    begins_at = models.DateTimeField(_("begins at"), null=True, blank=True)
    #: The cancellation terms as they were at purchase: [{"actor", "hours_before", "percent"}], and their version.
    terms = models.JSONField(_("cancellation terms"), default=list, blank=True)
    terms_version = models.CharField(_("version of the terms"), max_length=60, blank=True)
    #: What was sold does not take place, by whose doing, and what is kept of the money was decided.
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_as = models.CharField(_("cancelled by"), max_length=16, choices=Canceller.choices, blank=True)
    #: The rate at which the payer was shown the price in their own currency, frozen: 1 `currency` is `shown_rate`.
    shown_currency = models.CharField(_("shown in"), max_length=3, blank=True)
    shown_rate = models.DecimalField(_("at the rate"), max_digits=18, decimal_places=8, null=True, blank=True)
    rate_on = models.DateField(_("rate of"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=20, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("opened by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.BilledQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=BillStatus.values), name="bill_status_is_known"),
            never_negative("bill_sums_are_not_negative", "net", "discount", "tax", "total", "credited"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="bill_total_is_net_and_tax"
            ),
            models.CheckConstraint(
                condition=models.Q(credited__lte=models.F("total")), name="bill_credited_is_at_most_its_total"
            ),
            models.CheckConstraint(
                condition=models.Q(shown_currency="", shown_rate=None, rate_on=None)
                | ~models.Q(shown_currency="") & models.Q(shown_rate__gt=0, rate_on__isnull=False),
                name="bill_rate_says_its_day",
            ),
            models.UniqueConstraint(
                fields=["subject_id", "subject_type", "purpose"], name="bill_once_for_a_purpose",
                condition=~models.Q(status="cancelled"),
            ),
            *amounts_fit("bill", "net", "discount", "tax", "total", "credited", "paid"),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["payer", "-created_at", "-id"], name="bill_by_payer"),
            models.Index(fields=["hospital", "-created_at", "-id"], name="bill_by_hospital"),
            models.Index(fields=["-created_at", "-id"], name="bill_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="bill_by_status"),
            models.Index(fields=["subject_id"], name="bill_by_subject"),
            models.Index(fields=["due_on", "id"], name="bill_due", condition=models.Q(status__in=OWING)),
        ]
        triggers: ClassVar = [audit.tracked(ignored=["paid", "status", "due_on"])]

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status, to_status, by, at, note) -> None:  # type: ignore[no-untyped-def]
        BillEvent.objects.create(bill=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note)

    def figure(self, column: str) -> money.Money:
        return money.Money(getattr(self, column), self.currency)

    @property
    def balance(self) -> money.Money:
        """What is owed yet; below zero when too much was paid."""
        return self.figure("total") - self.figure("credited") - self.figure("paid")


class BillEvent(MoveEvent):
    """One move of a bill."""

    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(_("from"), max_length=12, choices=BillStatus.choices)
    to_status = models.CharField(_("to"), max_length=12, choices=BillStatus.choices)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a bill")
        verbose_name_plural = _("moves of bills")


class BillLine(BaseModel):
    """One thing on a bill, with its own tax as it was when the bill was opened. Never changed.

    `net` is without tax and after `discount`: total = net + tax, whichever way the price was given.
    """

    class TaxMode(models.TextChoices):
        EXEMPT = "exempt", pgettext_lazy("tax", "Exempt")
        EXCLUSIVE = "exclusive", pgettext_lazy("tax", "Added to the price")
        INCLUSIVE = "inclusive", pgettext_lazy("tax", "Within the price")

    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=200)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2, default=1)
    currency = currency_field()
    unit_price = amount_field(_("price of one"))
    discount = amount_field(_("discount"), default=0)
    tax_mode = models.CharField(_("tax"), max_length=10, choices=TaxMode.choices, default=TaxMode.EXEMPT)
    tax_name = models.CharField(_("name of the tax"), max_length=40, blank=True)
    tax_percent = models.DecimalField(_("tax rate in percent"), max_digits=6, decimal_places=3, default=0)
    net = amount_field(pgettext_lazy("bill", "net"))
    tax = amount_field(_("tax"), default=0)
    total = amount_field(_("total"))

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a bill")
        verbose_name_plural = _("lines of bills")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "position"], name="bill_line_position_once"),
            never_negative("bill_line_sums_are_not_negative", "unit_price", "discount", "net", "tax", "total"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net") + models.F("tax")), name="bill_line_total_is_net_and_tax"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="bill_line_quantity_is_positive"),
            models.CheckConstraint(
                condition=models.Q(tax_mode="exempt", tax_percent=0, tax=0)
                | models.Q(tax_mode__in=["exclusive", "inclusive"], tax_percent__gte=0, tax_percent__lte=100),
                name="bill_line_tax_is_explained",
            ),
            *amounts_fit("bill_line", "unit_price", "discount", "net", "tax", "total"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.description


class Instalment(BaseModel):
    """A part of a bill that is due on a day (of the payer's calendar). `paid` follows from the bill's: what comes in
    fills the earliest first."""

    class Kind(models.TextChoices):
        WHOLE = "whole", pgettext_lazy("instalment", "Whole amount")
        DEPOSIT = "deposit", pgettext_lazy("instalment", "Deposit")
        BALANCE = "balance", pgettext_lazy("instalment", "Balance")
        PART = "part", pgettext_lazy("instalment", "Instalment")

    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="instalments", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.WHOLE)
    due_on = models.DateField(_("due on"))
    currency = currency_field()
    amount = amount_field(_("amount"))
    #: What is still owed of it: nothing once it was paid or credited. Written from the ledger.
    owed = amount_field(_("still owed"))

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "position"], name="instalment_position_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="instalment_is_positive"),
            models.CheckConstraint(
                condition=models.Q(owed__gte=0, owed__lte=models.F("amount")), name="instalment_owed_is_within_it"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["whole", "deposit", "balance", "part"]), name="instalment_kind_is_known"
            ),
            *amounts_fit("instalment", "amount", "owed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], name="instalment_due", condition=models.Q(owed__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_on}"


class DueReminder(BaseModel):
    """An instalment's payer was reminded so many days before it is due (after: negative). Once each."""

    instalment = models.ForeignKey(
        Instalment, verbose_name=_("instalment"), on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    days_before = models.SmallIntegerField(_("days before"))
    at = models.DateTimeField(_("at"))

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of a payment")
        verbose_name_plural = _("reminders of payments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instalment", "days_before"], name="due_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.days_before}"

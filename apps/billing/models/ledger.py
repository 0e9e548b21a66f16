"""The ledger: every fact about money, once, for good. Every figure that is shown anywhere is a sum of its rows."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.common import ids, money
from apps.hospitals.models import Hospital

from .base import amount_field, amounts_fit, currency_field
from .bills import Bill
from .payments import Payment
from .refunds import Dispute, Refund


class Account(models.TextChoices):
    """Where money, or the right to it, can be."""

    RECEIVABLE = "receivable", pgettext_lazy("account", "Owed by payers")
    CREDIT = "credit", pgettext_lazy("account", "Payers' money without a bill")
    SALES = "sales", pgettext_lazy("account", "Sold")
    GATEWAY = "gateway", pgettext_lazy("account", "With the gateways, in bank and till")
    WITHHELD = "withheld", pgettext_lazy("account", "Withheld by disputes")
    HOSPITAL = "hospital", pgettext_lazy("account", "Owed to hospitals")
    COMMISSION = "commission", pgettext_lazy("account", "Commission")


class LedgerKind(models.TextChoices):
    BILLED = "billed", pgettext_lazy("ledger", "Billed")
    CREDITED = "credited", pgettext_lazy("ledger", "Credited")
    CAPTURED = "captured", pgettext_lazy("ledger", "Paid in")
    REVERSED = "reversed", pgettext_lazy("ledger", "Entry reversed")
    REFUNDED = "refunded", pgettext_lazy("ledger", "Refunded")
    REFUND_RETURNED = "refund_returned", pgettext_lazy("ledger", "Refund came back")
    DISPUTED = "disputed", pgettext_lazy("ledger", "Withheld by a dispute")
    DISPUTE_WON = "dispute_won", pgettext_lazy("ledger", "Dispute won")
    DISPUTE_LOST = "dispute_lost", pgettext_lazy("ledger", "Dispute lost")
    COMMISSION = "commission", pgettext_lazy("ledger", "Commission")
    COMMISSION_BACK = "commission_back", pgettext_lazy("ledger", "Commission given back")
    SETTLED = "settled", pgettext_lazy("ledger", "Due to the hospital")
    PAID_OUT = "paid_out", pgettext_lazy("ledger", "Paid to the hospital")


class LedgerEntry(models.Model):
    """`amount` goes from the account `credit` to the account `debit`: one row is both sides, so that the books balance
    by construction. `key` says which fact it is, so that no fact is entered twice. Append-only."""

    id = models.UUIDField(_("id"), primary_key=True, default=ids.uuid7, editable=False)
    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=16, choices=LedgerKind.choices)
    key = models.CharField(_("key"), max_length=160, unique=True)
    amount = amount_field(_("amount"))
    currency = currency_field()
    debit = models.CharField(_("to"), max_length=10, choices=Account.choices)
    credit = models.CharField(_("from"), max_length=10, choices=Account.choices)
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    dispute = models.ForeignKey(
        Dispute, verbose_name=_("dispute"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="ledger_amount_is_positive"),
            models.CheckConstraint(condition=models.Q(kind__in=LedgerKind.values), name="ledger_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(debit__in=Account.values, credit__in=Account.values)
                & ~models.Q(debit=models.F("credit")),
                name="ledger_goes_from_one_account_to_another",
            ),
            *amounts_fit("ledger", "amount"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="ledger_latest"),
            models.Index(fields=["kind", "-at"], name="ledger_by_kind"),
            models.Index(fields=["hospital", "-at"], name="ledger_by_hospital"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the ledger is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)

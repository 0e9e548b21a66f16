"""Money that goes back: refunds, disputes, and what a person has to look at."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import DISPUTE, REFUND, DisputeStatus, RefundStatus
from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent

from .base import amount_field, amounts_fit, currency_field
from .bills import Bill
from .payments import GatewayCode, Payment


def new_refund_number() -> str:
    return f"RF-{ids.random_code(8)}"


class Refund(Movable, BaseModel):
    """A part of a payment, or all of it, that is given back. Its id is the key of the call to the gateway."""

    class Cause(models.TextChoices):
        STAFF = "staff", pgettext_lazy("refund", "Asked for by staff")
        CANCELLATION = "cancellation", pgettext_lazy("refund", "Something was cancelled")
        OVERPAYMENT = "overpayment", pgettext_lazy("refund", "Too much was paid")
        EXTERNAL = "external", pgettext_lazy("refund", "Made at the gateway's own page")

    workflow = REFUND

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_refund_number, editable=False)
    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds")
    gateway = models.CharField(_("gateway"), max_length=10, choices=GatewayCode.choices)
    amount = amount_field(_("amount"))
    currency = currency_field()
    status = models.CharField(_("status"), max_length=10, choices=RefundStatus.choices, default="requested")
    cause = models.CharField(_("cause"), max_length=12, choices=Cause.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    gateway_reference = models.CharField(_("reference at the gateway"), max_length=120, blank=True)
    failure_code = models.CharField(_("why it failed"), max_length=60, blank=True)
    #: How staff paid out what no gateway gives back.
    reference = models.CharField(_("reference"), max_length=140, blank=True, help_text=_("As on the bank statement."))
    paid_out_on = models.DateField(_("paid out on"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_is_positive"),
            models.CheckConstraint(condition=models.Q(status__in=RefundStatus.values), name="refund_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(cause__in=["staff", "cancellation", "overpayment", "external"]),
                name="refund_cause_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(gateway="offline", status="succeeded") | models.Q(paid_out_on__isnull=False),
                name="refund_paid_out_says_when",
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"], name="refund_once_at_a_gateway",
                condition=~models.Q(gateway_reference=""),
            ),
            *amounts_fit("refund", "amount"),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="refund_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="refund_by_status"),
            models.Index(
                fields=["next_attempt_at"], name="refund_to_send", condition=models.Q(next_attempt_at__isnull=False)
            ),
        ]
        triggers: ClassVar = [audit.tracked(masked=["reference"], ignored=["attempts", "next_attempt_at"])]

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: Any, note: str) -> None:
        RefundEvent.objects.create(refund=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note)

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)


class RefundEvent(MoveEvent):
    """One move of a refund."""

    refund = models.ForeignKey(Refund, verbose_name=_("refund"), on_delete=models.PROTECT, related_name="events")
    from_status = models.CharField(_("from"), max_length=10, choices=RefundStatus.choices)
    to_status = models.CharField(_("to"), max_length=10, choices=RefundStatus.choices)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a refund")
        verbose_name_plural = _("moves of refunds")


class Dispute(Movable, BaseModel):
    """A payer's bank takes a payment back (chargeback) until it is decided who is right."""

    workflow = DISPUTE

    payment = models.ForeignKey(Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="disputes")
    gateway = models.CharField(_("gateway"), max_length=10, choices=GatewayCode.choices)
    gateway_reference = models.CharField(_("reference at the gateway"), max_length=120)
    amount = amount_field(_("amount"))
    currency = currency_field()
    status = models.CharField(_("status"), max_length=6, choices=DisputeStatus.choices, default="open")
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    evidence_due_at = models.DateTimeField(_("evidence wanted until"), null=True, blank=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="dispute_is_positive"),
            models.CheckConstraint(condition=models.Q(status__in=DisputeStatus.values), name="dispute_status_is_known"),
            models.UniqueConstraint(fields=["gateway", "gateway_reference"], name="dispute_once_at_a_gateway"),
            *amounts_fit("dispute", "amount"),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "-created_at", "-id"], name="dispute_by_status")]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.gateway_reference

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: Any, note: str) -> None:
        """The ledger's entries are its history, and the audit trail."""

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)


class MoneyTask(BaseModel):
    """Something about money that a person has to look at, once for the same `key`. Open until somebody says what they
    did about it."""

    class Kind(models.TextChoices):
        OVERPAYMENT = "overpayment", _("More was paid than is owed")
        LATE_PAYMENT = "late_payment", _("Paid for something that was cancelled")
        EXTERNAL_REFUND = "external_refund", _("Refunded at the gateway's own page")
        REFUND_FAILED = "refund_failed", _("A refund has failed")
        DISPUTE = "dispute", _("A payment is disputed")
        MISMATCH = "mismatch", _("The gateway contradicts our books")
        UNKNOWN = "unknown", _("The gateway has not said what happened")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=120, unique=True, editable=False)
    bill = models.ForeignKey(Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT)
    payment = models.ForeignKey(Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT)
    refund = models.ForeignKey(Refund, verbose_name=_("refund"), null=True, blank=True, on_delete=models.PROTECT)
    dispute = models.ForeignKey(Dispute, verbose_name=_("dispute"), null=True, blank=True, on_delete=models.PROTECT)
    amount = amount_field(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    opened_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("until"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("done by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    outcome = models.CharField(_("what was done"), max_length=300, blank=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("task about money")
        verbose_name_plural = _("tasks about money")
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_at=None, outcome="") | models.Q(done_at__isnull=False) & ~models.Q(outcome=""),
                name="money_task_done_says_what",
            ),
            models.CheckConstraint(
                condition=models.Q(amount=None) | ~models.Q(currency=""), name="money_task_amount_has_a_currency"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="money_task_open", condition=models.Q(done_at=None)),
            models.Index(fields=["-opened_at", "-id"], name="money_task_latest"),
            models.Index(fields=["kind", "-opened_at", "-id"], name="money_task_by_kind"),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.get_kind_display()

"""Money that a person pays: payments, what happened to each, and leave to charge again."""

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import NEWS, PAYMENT, PaymentStage, PaymentStatus, Source
from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.common.workflow import MoveEvent
from apps.hospitals.models import Hospital
from apps.media.models import StoredFile

from .base import amount_field, amounts_fit, currency_field, never_negative
from .bills import Bill


def new_number() -> str:
    """A payment's number as people read it out: random, so that nobody guesses another's."""
    return f"PY-{ids.random_code(8)}"


class GatewayCode(models.TextChoices):
    """How the rows and the API call a gateway; the code's class is in `gateways`."""

    STRIPE = "stripe", pgettext_lazy("gateway", "Stripe")
    RAZORPAY = "razorpay", pgettext_lazy("gateway", "Razorpay")
    SANDBOX = "sandbox", pgettext_lazy("gateway", "Test gateway")
    OFFLINE = "offline", pgettext_lazy("gateway", "Outside any gateway")


class Mandate(BaseModel):
    """A payer's leave to charge them later without their presence, as a gateway keeps it."""

    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("of"), on_delete=models.PROTECT, related_name="mandates"
    )
    gateway = models.CharField(_("gateway"), max_length=10, choices=GatewayCode.choices)
    customer = models.CharField(_("customer at the gateway"), max_length=120)
    method = models.CharField(_("method at the gateway"), max_length=120)
    label = models.CharField(_("method"), max_length=60, help_text=_("As the payer recognises it."))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = querysets.BilledQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave to charge")
        verbose_name_plural = _("leave to charge")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "customer", "method"], name="mandate_once_at_a_gateway"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["customer", "method"])]

    def __str__(self) -> str:
        return self.label


class Payment(BaseModel):
    """Money that a person pays or means to pay: through a gateway, or as staff saw it arrive.

    The row is there before any gateway is called, and its id is the key of that call. What was captured, refunded,
    withheld by a dispute or lost in one, and with them the status, is written from the ledger by
    `services.ledger.settle_payment` and nobody else. Billing knows the payer, not what was sold: the subject is the
    bill's, or of a payment without one its own.
    """

    class Method(models.TextChoices):
        """How money that staff enter has come."""

        BANK_TRANSFER = "bank_transfer", _("Bank transfer")
        CASH = "cash", _("Cash")
        CARD = "card_terminal", _("Card, at the hospital's terminal")

    workflow = PAYMENT

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("paid by"), on_delete=models.PROTECT, related_name="payments",
        db_index=False,
    )  # fmt: skip
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    gateway = models.CharField(_("gateway"), max_length=10, choices=GatewayCode.choices, default=GatewayCode.OFFLINE)
    #: One of Method for what staff enter; for a gateway's payment its own word for it (card, upi).
    method = models.CharField(_("how"), max_length=20, blank=True)
    amount = amount_field(_("amount"), validators=[MinValueValidator(0)])
    currency = currency_field()
    status = models.CharField(_("status"), max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.PENDING)
    stage = models.CharField(_("at the gateway"), max_length=10, choices=PaymentStage.choices, default="open")
    captured = amount_field(_("captured"), default=0)
    refunded = amount_field(_("refunded"), default=0)
    refunding = amount_field(_("being refunded"), default=0)
    withheld = amount_field(_("withheld by a dispute"), default=0)
    lost = amount_field(_("lost in a dispute"), default=0)
    failure_code = models.CharField(_("why it failed"), max_length=60, blank=True)
    checkout_reference = models.CharField(_("page at the gateway"), max_length=120, blank=True)
    checkout_url = models.URLField(_("address of the page"), max_length=1000, blank=True)
    checkout_expires_at = models.DateTimeField(_("page closes at"), null=True, blank=True)
    #: Where our return page sends the payer on to. Kept, so that the same call can be made again word for word.
    return_url = models.URLField(_("back to"), max_length=500, blank=True)
    gateway_reference = models.CharField(_("reference at the gateway"), max_length=120, blank=True)
    #: A call had no answer: whether the gateway has acted is not known until the sweep has asked.
    is_unknown = models.BooleanField(_("outcome unknown"), default=False)
    #: When the sweep asks the gateway next; None when there is nothing to ask any more.
    look_up_at = models.DateTimeField(_("to be asked at"), null=True, blank=True)
    look_ups = models.PositiveSmallIntegerField(_("times asked"), default=0)
    keeps_method = models.BooleanField(_("asks to charge again"), default=False)
    mandate = models.ForeignKey(
        Mandate, verbose_name=_("charged by leave"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    received_on = models.DateField(_("received on"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=140, blank=True, help_text=_("As on the bank statement."))
    proof = models.ForeignKey(
        StoredFile, verbose_name=_("proof"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    subject_type = models.CharField(_("for (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("for"), null=True, blank=True)
    subject_label = models.CharField(_("for what"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    reversed_at = models.DateTimeField(_("reversed at"), null=True, blank=True)
    reversal_reason = models.CharField(_("why it was reversed"), max_length=300, blank=True)

    objects = querysets.BilledQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_is_positive"),
            money.fits("payment_fits_its_currency"),
            *amounts_fit("payment", "captured", "refunded", "refunding", "withheld", "lost"),
            never_negative(
                "payment_sums_are_not_negative", "captured", "refunded", "refunding", "withheld", "lost"
            ),
            models.CheckConstraint(
                condition=models.Q(captured__lte=models.F("amount")), name="payment_captured_is_at_most_its_amount"
            ),
            # What was given back at the gateway's own page while another refund was under way may exceed it for good
            # reason; what we have asked for ourselves never does (`services.refunds` under the lock).
            models.CheckConstraint(
                condition=models.Q(captured__gte=models.F("refunded") + models.F("refunding")),
                name="payment_refunded_is_at_most_captured",
            ),
            models.CheckConstraint(condition=models.Q(status__in=PaymentStatus.values), name="payment_status_is_known"),
            models.CheckConstraint(condition=models.Q(stage__in=PaymentStage.values), name="payment_stage_is_known"),
            models.CheckConstraint(
                condition=models.Q(gateway__in=GatewayCode.values), name="payment_gateway_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(gateway="offline")
                | models.Q(
                    method__in=["bank_transfer", "cash", "card_terminal"],
                    received_on__isnull=False, recorded_by__isnull=False,
                ),
                name="payment_entered_says_how_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(reversed_at=None, reversal_reason="")
                | models.Q(reversed_at__isnull=False) & ~models.Q(reversal_reason=""),
                name="payment_reversal_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["gateway", "checkout_reference"], name="payment_page_once_at_a_gateway",
                condition=~models.Q(checkout_reference=""),
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"], name="payment_once_at_a_gateway",
                condition=~models.Q(gateway_reference=""),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["payer", "-created_at", "-id"], name="payment_by_payer"),
            models.Index(fields=["hospital", "-created_at", "-id"], name="payment_by_hospital"),
            models.Index(fields=["-created_at", "-id"], name="payment_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="payment_by_status"),
            models.Index(fields=["gateway", "-created_at", "-id"], name="payment_by_gateway"),
            models.Index(
                fields=["subject_id"], name="payment_by_subject", condition=models.Q(subject_id__isnull=False)
            ),
            models.Index(
                fields=["look_up_at"], name="payment_to_ask_about", condition=models.Q(look_up_at__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["reference", "checkout_url"], ignored=["look_up_at", "look_ups"]),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    def stand_at(self, status: str, *, code: str, source: str, by: Any, at: datetime, note: str = "") -> None:
        """Save the row in the status that its ledger says, and an event of what happened (`code`), be it a move or
        not. Raises MoveNotAllowed."""
        before = self.status
        if status != before and (refusal := self.workflow.why_not_move(before, status)):
            raise refusal
        self.status = status
        self.save()
        PaymentEvent.objects.create(
            payment=self, from_status=before, to_status=status, source=source, code=code, by=by, at=at, note=note
        )

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)

    def figure(self, column: str) -> money.Money:
        return money.Money(getattr(self, column), self.currency)

    @property
    def refundable(self) -> money.Money:
        """What may be given back yet: captured, and neither refunded, on its way back, withheld nor lost."""
        gone = (self.figure(column) for column in ("refunded", "refunding", "withheld", "lost"))
        return self.figure("captured") - money.Money.total(gone, self.currency)


class PaymentEvent(MoveEvent):
    """One thing that happened to a payment, told by whom: moves of its status, and news that moved nothing."""

    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="events", db_index=False
    )
    from_status = models.CharField(_("from"), max_length=20, choices=PaymentStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=20, choices=PaymentStatus.choices)
    source = models.CharField(_("known from"), max_length=10, choices=Source.choices)
    #: A stable word for what happened: created, page_opened, unknown, declined, expired, captured, ...
    code = models.CharField(_("what"), max_length=40)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("event of a payment")
        verbose_name_plural = _("events of payments")
        indexes: ClassVar = [models.Index(fields=["payment", "at", "id"], name="payment_event_by_payment")]

    @property
    def happened(self) -> str:
        """In words what the code says."""
        return str(NEWS.get(self.code, self.code))

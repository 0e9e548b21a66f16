"""Payments received outside any gateway, entered by staff."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.media.models import StoredFile

from . import querysets
from .workflow import PaymentStatus


def new_number() -> str:
    """A payment's number as people read it out: random, so that nobody guesses another's."""
    return f"PY-{ids.random_code(8)}"


class Payment(BaseModel):
    """Money that a person has paid, as a coordinator or admin saw it arrive. Append-only: a wrong one is reversed by a
    second row, which names it.

    Billing knows the payer, not what was sold: `subject_type`, `subject_id` and `subject_label` say that softly.
    """

    class Method(models.TextChoices):
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")
        CASH = "cash", _("Cash")
        CARD = "card_terminal", _("Card, at the hospital's terminal")

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("paid by"), on_delete=models.PROTECT, related_name="payments",
        db_index=False,
    )  # fmt: skip
    amount = models.DecimalField(
        _("amount"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, validators=[money.validate_currency])
    method = models.CharField(_("how"), max_length=20, choices=Method.choices)
    received_on = models.DateField(_("received on"))
    reference = models.CharField(_("reference"), max_length=140, blank=True, help_text=_("As on the bank statement."))
    proof = models.ForeignKey(
        StoredFile, verbose_name=_("proof"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    subject_type = models.CharField(_("for (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("for"), null=True, blank=True)
    subject_label = models.CharField(_("for what"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    reverses = models.OneToOneField(
        "self", verbose_name=_("reverses"), null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    reversal_reason = models.CharField(_("why it was reversed"), max_length=300, blank=True)

    objects = querysets.PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_is_positive"),
            money.fits("payment_fits_its_currency"),
            models.CheckConstraint(
                condition=models.Q(method__in=["bank_transfer", "cash", "card_terminal"]),
                name="payment_method_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(reverses=None, reversal_reason="")
                | models.Q(reverses__isnull=False) & ~models.Q(reversal_reason=""),
                name="payment_reversal_has_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payer", "-created_at", "-id"], name="payment_by_payer"),
            models.Index(fields=["-created_at", "-id"], name="payment_latest"),
            models.Index(
                fields=["subject_id"], name="payment_by_subject", condition=models.Q(subject_id__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["reference"]),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status(self) -> str:
        """Received, reversed by another row, or such a row itself."""
        if self.reverses_id is not None:
            return PaymentStatus.REVERSAL
        return PaymentStatus.REVERSED if hasattr(self, "reversed_by") else PaymentStatus.RECEIVED

    @property
    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)

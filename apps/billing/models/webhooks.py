"""What gateways and providers have sent us, once each."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.billing import querysets
from apps.billing.workflow import WebhookStatus
from apps.common import audit
from apps.common.models import BaseModel

from .payments import Payment


class WebhookEvent(BaseModel):
    """One webhook whose signature was right, as it came (`body`, which is emptied when it is kept no longer), and what
    became of it. A gateway sends it as often as it likes: it is one row."""

    class Sender(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        RAZORPAY = "razorpay", "Razorpay"
        SANDBOX = "sandbox", _("Test gateway")
        TWILIO = "twilio", "Twilio"

    sender = models.CharField(_("from"), max_length=10, choices=Sender.choices)
    event_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=60)
    body = models.TextField(_("body"), blank=True)
    occurred_at = models.DateTimeField(_("happened at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))
    status = models.CharField(_("status"), max_length=12, choices=WebhookStatus.choices, default="received")
    reason = models.CharField(_("why"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    times_sent = models.PositiveIntegerField(_("times received"), default=1)
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, blank=True, on_delete=models.PROTECT, related_name="webhooks"
    )

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "event_id"], name="webhook_once"),
            models.CheckConstraint(condition=models.Q(status__in=WebhookStatus.values), name="webhook_status_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at", "-id"], name="webhook_latest"),
            models.Index(fields=["status", "-received_at", "-id"], name="webhook_by_status"),
            models.Index(fields=["sender", "-received_at", "-id"], name="webhook_by_sender"),
            models.Index(
                fields=["next_attempt_at"], name="webhook_to_apply", condition=models.Q(next_attempt_at__isnull=False)
            ),
        ]
        triggers: ClassVar = [audit.tracked(masked=["body"], ignored=["attempts", "next_attempt_at", "times_sent"])]

    def __str__(self) -> str:
        return f"{self.sender} {self.event_id}"

"""The outbox, what people wish to be told, and the mail that the demo catches."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.models import BaseModel

from . import catalogue, querysets
from .catalogue import Channel


class Message(BaseModel):
    """One message to one person over one channel: written in the business transaction, delivered by a worker.

    `event` names what happened (`appointment.confirmed:<id>:<version>`): once per (event, person, channel).
    `context` holds plain values for the text, frozen when it happened; nothing medical.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")
        CANCELLED = "cancelled", pgettext_lazy("message", "Cancelled")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.CASCADE, related_name="messages"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    kind = models.CharField(_("kind"), max_length=60)
    event = models.CharField(_("event"), max_length=150)
    context = models.JSONField(_("context"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    provider_reference = models.CharField(_("provider's reference"), max_length=200, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("removed by the reader at"), null=True, blank=True)

    objects = querysets.MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"], name="message_once_per_event_person_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "sending", "sent", "dead", "cancelled"]),
                name="message_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sending", claimed_until__isnull=False)
                | ~models.Q(status="sending") & models.Q(claimed_until=None),
                name="message_claimed_while_sending",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sent", sent_at__isnull=False)
                | ~models.Q(status="sent") & models.Q(sent_at=None),
                name="message_sent_at_some_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="message_due", condition=models.Q(status__in=["pending", "sending"])),
            models.Index(fields=["recipient", "channel", "-created_at"], name="message_by_recipient"),
            models.Index(fields=["status", "-id"], name="message_by_status"),
            models.Index(fields=["kind", "-id"], name="message_by_kind"),
            models.Index(
                fields=["recipient"],
                name="message_unread",
                condition=models.Q(channel="in_app", read_at=None, hidden_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{catalogue.label_of(self.kind)} ({self.get_channel_display()})"


class Preference(BaseModel):
    """A person's wish for one kind of message over one channel; where there is no row the catalogue's default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="preferences"
    )
    kind = models.CharField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    is_wanted = models.BooleanField(_("wanted"))

    objects = querysets.PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="preference_once_per_user_kind_channel")
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.channel}: {self.is_wanted}"


class CaughtEmail(BaseModel):
    """An e-mail that the catching backend kept instead of sending: in the demo, so that it can be read in the admin.

    Each of `attachments` has `name` (none for another way to say the text), `type`, and `content` in base64.
    """

    message_id = models.CharField(_("message id"), max_length=200, unique=True)
    to = models.CharField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    attachments = models.JSONField(_("attachments"), default=list)

    objects = querysets.CaughtEmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("caught e-mail")
        verbose_name_plural = _("caught e-mails")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["-created_at"], name="caught_email_latest")]

    def __str__(self) -> str:
        return self.subject

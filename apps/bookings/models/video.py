"""Rooms in which patient and doctor meet by video: one for each agreed time of an appointment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets
from apps.common import audit, encryption
from apps.common.models import BaseModel

from .appointments import Appointment


class VideoRoom(BaseModel):
    """A room at a provider, for one version of an appointment. It is closed there when the appointment is moved or
    called off, and when it is long over. `room` is the provider's own name of it, with its password: whoever knows it
    might come in, so it lies encrypted, is shown to the two parties only, and only while they may join."""

    class Provider(models.TextChoices):
        NEXTCLOUD = "nextcloud", "Nextcloud Talk"
        JITSI = "jitsi", "Jitsi Meet"

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("appointment"), on_delete=models.CASCADE, related_name="video_rooms", db_index=False
    )
    version = models.PositiveIntegerField(_("version of the appointment"))
    provider = models.CharField(_("provider"), max_length=10, choices=Provider.choices)
    room = encryption.EncryptedTextField(_("room"), max_length=100, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("to be opened or closed at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = querysets.OfAppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("video room")
        verbose_name_plural = _("video rooms")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appointment", "version"], name="video_room_once_a_version"),
            models.CheckConstraint(condition=models.Q(provider__in=["nextcloud", "jitsi"]), name="video_room_provider"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="video_room_due", condition=models.Q(due_at__isnull=False))
        ]
        triggers: ClassVar = [audit.tracked(masked=["room"])]

    def __str__(self) -> str:
        return f"{self.appointment} ({self.version})"

"""Which reminders of an appointment have been decided on."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.querysets import ScopedQuerySet

from .appointments import Appointment


class AppointmentReminder(models.Model):
    """The reminder of one agreed time (its `version`), so many minutes before the start, was sent or was passed over.
    Once: the primary key of the sweep."""

    id = models.BigAutoField(primary_key=True)
    appointment = models.ForeignKey(
        Appointment, verbose_name=_("appointment"), on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    version = models.PositiveIntegerField(_("version of the appointment"))
    minutes_before = models.PositiveIntegerField(_("minutes before the start"))
    decided_at = models.DateTimeField(_("decided at"))
    is_sent = models.BooleanField(_("sent"))

    #: Nobody's to see: the base scope denies everyone.
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment reminder")
        verbose_name_plural = _("appointment reminders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment", "version", "minutes_before"], name="appointment_reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} ({self.version}) {self.minutes_before}"

"""Appointments that their doctor's leave, or a closure, has made impossible, and what became of each."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets
from apps.bookings.workflow import DisplacementStatus
from apps.common import audit
from apps.common.models import BaseModel

from .appointments import Appointment
from .calendars import TimeOff
from .closures import Closure


class Displacement(BaseModel):
    """One agreed time of an appointment (its `version`) that cannot be kept. The patient chooses until `respond_by`, by
    a link or in the app; what is left then is the coordinators', who are told once (`escalated_at`). The link's token
    is kept as its hash."""

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("appointment"), on_delete=models.CASCADE, related_name="displacements",
        db_index=False,
    )  # fmt: skip
    version = models.PositiveIntegerField(_("version of the appointment"))
    time_off = models.ForeignKey(
        TimeOff, verbose_name=_("leave"), null=True, blank=True, on_delete=models.SET_NULL, related_name="displaced"
    )
    closure = models.ForeignKey(
        Closure, verbose_name=_("closure"), null=True, blank=True, on_delete=models.SET_NULL, related_name="displaced"
    )
    status = models.CharField(
        _("status"), max_length=10, choices=DisplacementStatus.choices, default=DisplacementStatus.OPEN
    )
    respond_by = models.DateTimeField(_("the patient chooses until"))
    token_hash = models.CharField(_("link"), max_length=64, unique=True, editable=False)
    escalated_at = models.DateTimeField(_("coordinators asked to call at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.CharField(_("settled by"), max_length=10, blank=True, choices=Appointment.CancelledBy.choices)

    objects = querysets.OfAppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("displaced appointment")
        verbose_name_plural = _("displaced appointments")
        ordering: ClassVar = ["respond_by", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appointment", "version"], name="displacement_once_a_version"),
            models.CheckConstraint(
                condition=models.Q(status__in=DisplacementStatus.values), name="displacement_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", settled_at=None)
                | ~models.Q(status="open") & models.Q(settled_at__isnull=False),
                name="displacement_says_when_it_was_settled",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "respond_by"], name="displacement_by_status")]
        triggers: ClassVar = [audit.tracked(masked=["token_hash"])]

    def __str__(self) -> str:
        return f"{self.appointment} ({self.version})"

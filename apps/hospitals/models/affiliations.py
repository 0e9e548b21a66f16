"""Who practises where."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import audit, texts
from apps.common.models import TranslatedModel
from apps.common.workflow import Movable
from apps.hospitals import querysets, workflow
from apps.hospitals.workflow import AffiliationStatus

from . import derived
from .doctors import Doctor
from .hospitals import Hospital


class Affiliation(Movable, TranslatedModel):
    """A doctor practises at a hospital, from and until a local day. It waits until both have agreed to it and the
    doctor is verified; a platform admin's word stands for both."""

    workflow = workflow.AFFILIATION
    part_of = "doctor"

    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="affiliations")
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="affiliations"
    )
    department = models.CharField(_("department"), max_length=120, blank=True)
    position = models.CharField(_("position"), max_length=120, blank=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=AffiliationStatus.choices, default=AffiliationStatus.PENDING
    )

    doctor_agreed_at = models.DateTimeField(_("agreed by the doctor at"), null=True, blank=True, editable=False)
    hospital_agreed_at = models.DateTimeField(_("agreed by the hospital at"), null=True, blank=True, editable=False)

    objects = querysets.AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering: ClassVar = ["-is_primary", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["doctor", "hospital"],
                condition=~models.Q(status__in=["ended", "rejected"]),
                name="affiliation_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=models.Q(is_primary=True, status="active"), name="affiliation_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AffiliationStatus.values), name="affiliation_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="affiliation_ends_after_it_starts",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["hospital", "status"], name="affiliation_by_hospital")]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status"]),
            texts.kept("department", "position"),
            derived.affiliation_changed(),
        ]

    def __str__(self) -> str:
        return f"{self.doctor} · {self.hospital}"

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        """The audit trail's entry of the changed row says who, when and from what to what; nothing else is kept."""

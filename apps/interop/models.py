"""What people ask of their data: a copy of it, or that it goes; and what stands against its going."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.clinical.models import Patient
from apps.common import audit, encryption
from apps.common.models import BaseModel
from apps.common.workflow import Movable
from apps.media.models import StoredFile

from . import querysets, workflow
from .workflow import ClosureStatus, ExportStatus


class DataExport(BaseModel):
    """A copy of everything about one patient: asked for, made by a worker, fetched, gone after a week."""

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="data_exports", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+"
    )
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    status = models.CharField(_("status"), max_length=10, choices=ExportStatus.choices, default=ExportStatus.PENDING)
    done = models.PositiveIntegerField(_("parts done"), default=0)
    total = models.PositiveIntegerField(_("parts in all"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(_("a worker's own until"), null=True, blank=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("file"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ready_at = models.DateTimeField(_("ready at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)

    objects = querysets.DataExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=ExportStatus.values), name="data_export_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="ready", file__isnull=False, expires_at__isnull=False)
                | ~models.Q(status="ready") & models.Q(file=None),
                name="data_export_is_there_while_ready",
            ),
            models.UniqueConstraint(
                fields=["patient"], name="data_export_one_at_a_time", condition=models.Q(status="pending")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-created_at"], name="data_export_by_patient"),
            models.Index(fields=["created_at"], name="data_export_to_make", condition=models.Q(status="pending")),
            models.Index(fields=["expires_at"], name="data_export_to_expire", condition=models.Q(status="ready")),
            models.Index(fields=["-created_at", "-id"], name="data_export_latest"),
        ]
        triggers: ClassVar = [audit.tracked(ignored=["claimed_until", "done", "total", "attempts"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class Closure(Movable, BaseModel):
    """A patient closes the account: nobody can sign in from then on, and from `erase_at` on a job erases what may be.

    What law or a dispute has kept stays until `keep_until`, without a name on it; then the job comes again.
    `report` says how many rows of each kind were erased, emptied and kept.
    """

    workflow = workflow.CLOSURE

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="closures", db_index=False
    )
    status = models.CharField(_("status"), max_length=10, choices=ClosureStatus.choices, default=ClosureStatus.WAITING)
    erase_at = models.DateTimeField(_("to be erased from"))
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reopened by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    reopening_note = models.CharField(_("why it was reopened"), max_length=500, blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    keep_until = models.DateField(_("the rest is kept until"), null=True, blank=True)
    done = models.PositiveSmallIntegerField(_("parts done"), default=0)
    total = models.PositiveSmallIntegerField(_("parts in all"), default=0)
    claimed_until = models.DateTimeField(_("a worker's own until"), null=True, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)

    objects = querysets.ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("account closure")
        verbose_name_plural = _("account closures")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=ClosureStatus.values), name="closure_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(status="reopened", reopened_at__isnull=False)
                | ~models.Q(status="reopened") & models.Q(reopened_at=None),
                name="closure_reopened_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="retained") | models.Q(keep_until__isnull=False),
                name="closure_retained_says_until_when",
            ),
            models.UniqueConstraint(
                fields=["patient"], name="closure_one_of_a_patient", condition=~models.Q(status="reopened")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["erase_at"], name="closure_to_erase", condition=models.Q(status="waiting")),
            models.Index(fields=["keep_until"], name="closure_to_finish", condition=models.Q(status="retained")),
            models.Index(fields=["patient", "-created_at"], name="closure_by_patient"),
            models.Index(fields=["-created_at", "-id"], name="closure_latest"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["reopening_note"], ignored=["claimed_until", "done", "total"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        """The audit trail's entry of the changed row says who, when and from what to what; nothing else is kept."""


class LegalHold(BaseModel):
    """Nothing of this patient is erased while a dispute, a complaint or an authority needs it."""

    patient = models.ForeignKey(Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField(_("reason"), max_length=1000)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("placed by"), on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("lifted by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure hold")
        verbose_name_plural = _("erasure holds")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(lifted_at=None, lifted_by=None)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="legal_hold_lifting_says_who",
            ),
            models.UniqueConstraint(
                fields=["patient"], name="legal_hold_one_of_a_patient", condition=models.Q(lifted_at=None)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="legal_hold_latest")]
        triggers: ClassVar = [audit.tracked(masked=["reason"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class SealedIdentity(BaseModel):
    """Who the patient of a kept record was, encrypted: the law has the record kept, and a record of nobody is none."""

    patient = models.OneToOneField(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="sealed_identity"
    )
    identity = encryption.EncryptedTextField(_("identity"), max_length=1000)

    objects = querysets.SealedIdentityQuerySet.as_manager()

    class Meta:
        verbose_name = _("sealed identity")
        verbose_name_plural = _("sealed identities")
        triggers: ClassVar = [audit.tracked(masked=["identity"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"

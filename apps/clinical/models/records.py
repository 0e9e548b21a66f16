"""Medical records: what was found, in versions that are never overwritten, with the files that belong to it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical import querysets
from apps.common import audit, ids
from apps.common.models import BaseModel
from apps.media.models import StoredFile

from .patients import OfPatient, Patient


class RecordType(models.TextChoices):
    """The kinds of record, as the patient shares them."""

    XRAY = "xray", _("X-ray")
    MRI = "mri", _("MRI")
    CT_SCAN = "ct_scan", _("CT scan")
    LAB_REPORT = "lab_report", _("Laboratory report")
    PRESCRIPTION = "prescription", _("Prescription")
    DISCHARGE_SUMMARY = "discharge_summary", _("Discharge summary")
    OTHER = "other", pgettext_lazy("record", "Other")


#: What may still change in a version that is written: whether it is shared, and how it ended.
_MAY_CHANGE = "'is_shared', 'status', 'ended_at', 'ended_by_id', 'error_reason', 'updated_at'"


class MedicalRecord(OfPatient):
    """One version of a record. A correction is a new version of the same `series`; the one before stays, as does one
    that was entered in error.

    `recorded_on` is the day of the examination, on the calendar where it was made. `measurements` are figures with
    their unit in the name, such as `{"height_cm": "172.0", "weight_kg": "81.5", "bmi": "27.5"}`.
    """

    class Status(models.TextChoices):
        CURRENT = "current", pgettext_lazy("record", "Current")
        SUPERSEDED = "superseded", pgettext_lazy("record", "Replaced by a newer version")
        ERROR = "entered_in_error", pgettext_lazy("record", "Entered in error")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="medical_records", db_index=False
    )
    type = models.CharField(_("type"), max_length=20, choices=RecordType.choices)
    title = models.CharField(_("title"), max_length=200)
    recorded_on = models.DateField(_("day of the examination"))
    description = models.TextField(_("description"), max_length=10_000, blank=True)
    measurements = models.JSONField(_("measurements"), default=dict, blank=True)
    language = models.CharField(
        _("language"), max_length=5, blank=True, help_text=_("The language that the papers are in, such as en.")
    )
    is_shared = models.BooleanField(
        _("may be shared"), default=True, help_text=_("Otherwise no consent opens it to anyone.")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    #: What it came from, as bookings names it: an appointment, later a treatment booking. Clinical knows neither.
    subject_type = models.CharField(_("belongs to (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("belongs to"), null=True, blank=True)
    series = models.UUIDField(_("series"), default=ids.uuid7, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.CURRENT)
    correction_reason = models.CharField(_("why it was corrected"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("replaced or marked at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("replaced or marked by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    error_reason = models.CharField(_("why it is an error"), max_length=500, blank=True)

    objects = querysets.MedicalRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("medical record")
        verbose_name_plural = _("medical records")
        ordering: ClassVar = ["-recorded_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(type__in=RecordType.values), name="medical_record_type_is_known"),
            models.CheckConstraint(
                condition=models.Q(status="current", ended_at=None)
                | models.Q(status__in=["superseded", "entered_in_error"], ended_at__isnull=False),
                name="medical_record_end_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="entered_in_error") | ~models.Q(error_reason=""),
                name="medical_record_error_has_a_reason",
            ),
            models.UniqueConstraint(fields=["series", "version"], name="medical_record_version_once"),
            models.UniqueConstraint(
                fields=["series"], name="medical_record_one_is_current", condition=models.Q(status="current")
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-recorded_on", "-id"], name="record_by_patient"),
            models.Index(
                fields=["patient", "type", "-recorded_on"], name="record_by_type",
                condition=models.Q(status="current"),
            ),
            models.Index(fields=["-recorded_on", "-id"], name="record_latest"),
            models.Index(
                fields=["type", "-recorded_on", "-id"], name="record_latest_of_type",
                condition=models.Q(status="current"),
            ),
            models.Index(
                fields=["status", "-recorded_on", "-id"], name="record_ended", condition=~models.Q(status="current")
            ),
            models.Index(fields=["uploaded_by", "-id"], name="record_by_uploader"),
            models.Index(fields=["subject_id"], name="record_by_subject", condition=models.Q(subject_id__isnull=False)),
        ]  # fmt: skip
        triggers: ClassVar = [
            audit.tracked(
                masked=[
                    "type", "title", "recorded_on", "description", "measurements", "correction_reason", "error_reason"
                ]
            ),
            pgtrigger.Trigger(
                name="versions_stay",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF (to_jsonb(NEW) - ARRAY[{_MAY_CHANGE}]) <> (to_jsonb(OLD) - ARRAY[{_MAY_CHANGE}]) THEN
                        RAISE EXCEPTION 'a version of a record never changes: write the next one';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class RecordFile(BaseModel):
    """A file of a version of a record. The same file may belong to several versions, and is stored once."""

    record = models.ForeignKey(
        MedicalRecord, verbose_name=_("record"), on_delete=models.CASCADE, related_name="files", db_index=False
    )
    file = models.ForeignKey(StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = querysets.RecordFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a record")
        verbose_name_plural = _("files of records")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "file"], name="record_file_once"),
        ]
        triggers: ClassVar = [
            audit.tracked(),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.pk)

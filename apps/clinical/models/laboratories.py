"""Laboratories, the tests they make, and the results: as files and as values, in versions."""

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from apps.clinical import querysets, workflow
from apps.clinical.workflow import LabTestStatus
from apps.common import audit, ids, texts
from apps.common.models import BaseModel, TranslatedModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Doctor, Hospital
from apps.media.models import StoredFile

from .patients import OfPatient, Patient


def new_number() -> str:
    """A test's number as people read it out and write on tubes: random, so that nobody guesses another's."""
    return f"LT-{ids.random_code(8)}"


class Laboratory(TranslatedModel):
    """Where samples are examined: part of a hospital, or working for it. Its staff is the hospital's."""

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="laboratories"
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    country = CountryField(_("country"))
    city = models.CharField(_("city"), max_length=120)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = querysets.LaboratoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("laboratory")
        verbose_name_plural = _("laboratories")
        ordering: ClassVar = ["name_en", "id"]
        indexes: ClassVar = [
            models.Index(fields=["name_en", "id"], name="laboratory_listed", condition=models.Q(is_active=True)),
            models.Index(fields=["country", "name_en", "id"], name="laboratory_by_country",
                         condition=models.Q(is_active=True)),
            texts.status_index("laboratory_text_status"),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked(ignored=["text_status"]), texts.kept("name", "city", "description")]

    def __str__(self) -> str:
        return self.name


class LabTest(Movable, OfPatient):
    """A doctor asks a laboratory to examine a patient's sample. The patient sees the result once it is released."""

    class Priority(models.TextChoices):
        ROUTINE = "routine", pgettext_lazy("laboratory test", "Routine")
        URGENT = "urgent", pgettext_lazy("laboratory test", "Urgent")

    workflow = workflow.LAB_TEST

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="lab_tests", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("requested by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    laboratory = models.ForeignKey(
        Laboratory, verbose_name=_("laboratory"), on_delete=models.PROTECT, related_name="tests", db_index=False
    )
    subject_type = models.CharField(_("belongs to (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("belongs to"), null=True, blank=True)
    name = models.CharField(_("what is to be examined"), max_length=200)
    code = models.CharField(_("LOINC code"), max_length=20, blank=True)
    instructions = models.TextField(_("instructions"), max_length=2000, blank=True)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority.choices, default=Priority.ROUTINE)
    status = models.CharField(
        _("status"), max_length=15, choices=LabTestStatus.choices, default=LabTestStatus.REQUESTED
    )
    scheduled_at = models.DateTimeField(_("scheduled for"), null=True, blank=True)
    sampled_at = models.DateTimeField(_("sample taken at"), null=True, blank=True)
    released_at = models.DateTimeField(_("released to the patient at"), null=True, blank=True)
    cancellation_reason = models.CharField(_("reason for cancelling"), max_length=500, blank=True)

    objects = querysets.LabTestQuerySet.as_manager()

    class Meta:
        verbose_name = _("laboratory test")
        verbose_name_plural = _("laboratory tests")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=LabTestStatus.values), name="lab_test_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=["routine", "urgent"]), name="lab_test_priority_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None) | models.Q(status__in=["result_ready", "reviewed"]),
                name="lab_test_only_results_are_released",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-created_at", "-id"], name="lab_test_by_patient"),
            models.Index(fields=["doctor", "-created_at", "-id"], name="lab_test_by_doctor"),
            models.Index(fields=["laboratory", "-created_at", "-id"], name="lab_test_by_laboratory"),
            models.Index(fields=["status", "-created_at", "-id"], name="lab_test_by_status"),
            models.Index(fields=["-created_at", "-id"], name="lab_test_latest"),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["name", "code", "instructions", "cancellation_reason"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        LabTestEvent.objects.create(
            lab_test=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )


class LabResult(BaseModel):
    """One version of what a test found. A correction is a new version with its reason; the one before stays.

    A critical value needs somebody who treats the patient to say that they have seen it (`acknowledged_at`).
    """

    part_of: ClassVar[str | None] = "lab_test"

    lab_test = models.ForeignKey(
        LabTest, verbose_name=_("laboratory test"), on_delete=models.PROTECT, related_name="results", db_index=False
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("current"), default=True)
    file = models.ForeignKey(
        StoredFile, verbose_name=_("report"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(_("comment of the laboratory"), max_length=4000, blank=True)
    correction_reason = models.CharField(_("why it was corrected"), max_length=500, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )
    reported_at = models.DateTimeField(_("reported at"))
    is_critical = models.BooleanField(_("critical"), default=False)
    acknowledged_at = models.DateTimeField(_("critical value acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("acknowledged by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    #: How often others were told that nobody has acknowledged it: see `rules.ESCALATIONS`.
    escalation_step = models.PositiveSmallIntegerField(_("times escalated"), default=0, editable=False)

    objects = querysets.LabResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("laboratory result")
        verbose_name_plural = _("laboratory results")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lab_test", "version"], name="lab_result_version_once"),
            models.UniqueConstraint(
                fields=["lab_test"], name="lab_result_one_is_current", condition=models.Q(is_current=True)
            ),
            models.CheckConstraint(
                condition=models.Q(version=1) | ~models.Q(correction_reason=""),
                name="lab_result_correction_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by=None)
                | models.Q(is_critical=True, acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="lab_result_acknowledgement_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["reported_at"], name="lab_result_to_acknowledge",
                condition=models.Q(is_current=True, is_critical=True, acknowledged_at=None),
            ),
        ]  # fmt: skip
        triggers: ClassVar = [
            audit.tracked(masked=["comment", "correction_reason", "is_critical"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.version}"


class LabValue(BaseModel):
    """One measured value of a result, with the range that the laboratory holds for normal. A value that is no number
    (“positive”, “< 0.5”) stands in `text`."""

    class Flag(models.TextChoices):
        NONE = "", pgettext_lazy("laboratory value", "No range given")
        NORMAL = "normal", pgettext_lazy("laboratory value", "Normal")
        LOW = "low", pgettext_lazy("laboratory value", "Low")
        HIGH = "high", pgettext_lazy("laboratory value", "High")
        CRITICAL_LOW = "critical_low", pgettext_lazy("laboratory value", "Critically low")
        CRITICAL_HIGH = "critical_high", pgettext_lazy("laboratory value", "Critically high")
        ABNORMAL = "abnormal", pgettext_lazy("laboratory value", "Abnormal")

    MAX_DIGITS, DECIMAL_PLACES = 16, 6

    result = models.ForeignKey(
        LabResult, verbose_name=_("result"), on_delete=models.CASCADE, related_name="values", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("what was measured"), max_length=200)
    code = models.CharField(_("LOINC code"), max_length=20, blank=True)
    number = models.DecimalField(
        _("value"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    text = models.CharField(_("value in words"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    low = models.DecimalField(
        _("normal from"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    high = models.DecimalField(
        _("normal to"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    critical_low = models.DecimalField(
        _("critical below"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    critical_high = models.DecimalField(
        _("critical above"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    flag = models.CharField(_("flag"), max_length=15, choices=Flag.choices, blank=True)

    objects = querysets.LabValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("laboratory value")
        verbose_name_plural = _("laboratory values")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["result", "position"], name="lab_value_has_a_place"),
            models.CheckConstraint(
                condition=models.Q(number__isnull=False) | ~models.Q(text=""), name="lab_value_has_a_value"
            ),
            models.CheckConstraint(
                condition=models.Q(low=None) | models.Q(high=None) | models.Q(low__lte=models.F("high")),
                name="lab_value_range_is_ordered",
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(
                masked=[
                    "name", "code", "number", "text", "unit", "low", "high", "critical_low", "critical_high", "flag"
                ]
            ),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.position)


class LabTestEvent(MoveEvent):
    """One move of a test: from which status to which, by whom, when."""

    lab_test = models.ForeignKey(
        LabTest, verbose_name=_("laboratory test"), on_delete=models.PROTECT, related_name="events"
    )
    from_status = models.CharField(_("from"), max_length=15, choices=LabTestStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=15, choices=LabTestStatus.choices)

    objects = querysets.LabTestEventQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a laboratory test")
        verbose_name_plural = _("moves of laboratory tests")

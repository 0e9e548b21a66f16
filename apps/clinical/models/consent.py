"""Consent: what the patient was asked and agreed to, who cares for whom, and the emergency that needs no consent."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical import querysets
from apps.common import audit
from apps.common.models import BaseModel
from apps.hospitals.models import Doctor, Hospital

from .patients import Guardian, OfPatient, Patient
from .records import RecordType


class Scope(models.TextChoices):
    """What a grant can open: the types of record, and the medical information of the patient's page."""

    PROFILE = "profile", _("Medical information: allergies, conditions, medicines")
    XRAY = RecordType.XRAY.value, RecordType.XRAY.label
    MRI = RecordType.MRI.value, RecordType.MRI.label
    CT_SCAN = RecordType.CT_SCAN.value, RecordType.CT_SCAN.label
    LAB_REPORT = RecordType.LAB_REPORT.value, RecordType.LAB_REPORT.label
    PRESCRIPTION = RecordType.PRESCRIPTION.value, RecordType.PRESCRIPTION.label
    DISCHARGE_SUMMARY = RecordType.DISCHARGE_SUMMARY.value, RecordType.DISCHARGE_SUMMARY.label
    OTHER = RecordType.OTHER.value, RecordType.OTHER.label


class ConsentText(BaseModel):
    """A version of what patients are asked to agree to, in five languages. Once published it never changes: what was
    agreed to must be found again, word for word."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    body_en = models.TextField(_("text in English"))
    body_ar = models.TextField(_("text in Arabic"))
    body_hi = models.TextField(_("text in Hindi"))
    body_es = models.TextField(_("text in Spanish"))
    body_fr = models.TextField(_("text in French"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects = querysets.ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering: ClassVar = ["-version"]
        triggers: ClassVar = [
            audit.tracked(),
            pgtrigger.Protect(
                name="published_is_final",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.version}"

    def body(self, language: str) -> str:
        text: str = getattr(self, f"body_{language}", "") or self.body_en
        return text


class ConsentGrant(OfPatient):
    """The patient lets a doctor, a hospital, a coordinator, or Medivoy's coordinators see records of some types, for a
    period, or for as long as the care of one appointment or booking lasts (`subject`). Revoked, never deleted.

    A doctor sees by a grant to themself or to the hospital where they care for the patient; sight also needs that care
    (`CareRelationship`). Coordinators need a grant only.
    """

    class Grantee(models.TextChoices):
        DOCTOR = "doctor", pgettext_lazy("consent", "A doctor")
        HOSPITAL = "hospital", pgettext_lazy("consent", "A hospital")
        COORDINATOR = "coordinator", pgettext_lazy("consent", "One coordinator")
        COORDINATION = "coordination", pgettext_lazy("consent", "Medivoy's coordinators")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="grants", db_index=False
    )
    grantee = models.CharField(_("given to"), max_length=12, choices=Grantee.choices)
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("coordinator"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), verbose_name=_("what it opens"))
    subject_type = models.CharField(_("for the care of (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("for the care of"), null=True, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    text = models.ForeignKey(ConsentText, verbose_name=_("consent text"), on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language it was read in"), max_length=5, choices=settings.LANGUAGES)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("given by"), on_delete=models.PROTECT, related_name="+"
    )
    guardian = models.ForeignKey(
        Guardian, verbose_name=_("guardian who consented"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    given_at = models.DateTimeField(_("given at"))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("revoked by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.ConsentGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering: ClassVar = ["-given_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(grantee="doctor", doctor__isnull=False, hospital=None, coordinator=None)
                | models.Q(grantee="hospital", hospital__isnull=False, doctor=None, coordinator=None)
                | models.Q(grantee="coordinator", coordinator__isnull=False, doctor=None, hospital=None)
                | models.Q(grantee="coordination", coordinator=None, doctor=None, hospital=None),
                name="consent_has_one_grantee",
            ),
            models.CheckConstraint(condition=~models.Q(scopes=[]), name="consent_opens_something"),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=Scope.values), name="consent_scopes_are_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="consent_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=False) | models.Q(subject_id__isnull=False),
                name="consent_is_for_a_period_or_for_care",
            ),
            models.CheckConstraint(
                condition=models.Q(subject_id=None, subject_type="")
                | models.Q(subject_id__isnull=False) & ~models.Q(subject_type=""),
                name="consent_subject_is_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, revoked_by=None)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="consent_revocation_says_who",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-given_at"], name="consent_by_patient"),
            models.Index(fields=["patient", "grantee"], name="consent_live", condition=models.Q(revoked_at=None)),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["scopes"]),
            # What was agreed to stays: only its end can be brought forward.
            pgtrigger.Trigger(
                name="only_its_end_changes",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (to_jsonb(NEW) - ARRAY['revoked_at', 'revoked_by_id', 'updated_at'])
                       <> (to_jsonb(OLD) - ARRAY['revoked_at', 'revoked_by_id', 'updated_at'])
                       OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
                        RAISE EXCEPTION 'a consent never changes: revoke it and give another';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.reference}"

    @property
    def reference(self) -> str:
        """What people call it by: the end of its id."""
        return self.pk.hex[-6:].upper()


class CareRelationship(OfPatient):
    """A doctor of a hospital cares for a patient because of one appointment or booking (`subject`), from when it was
    asked for until it has been over for a while. Written by bookings through `clinical.services`."""

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="care_relationships", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject_type = models.CharField(_("because of (kind)"), max_length=30)
    subject_id = models.UUIDField(_("because of"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = querysets.CareRelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("care relationship")
        verbose_name_plural = _("care relationships")
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_type", "subject_id"], name="care_once_per_subject"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "doctor", "hospital"], name="care_by_patient"),
            models.Index(fields=["doctor", "patient"], name="care_by_doctor"),
            models.Index(fields=["hospital", "patient"], name="care_by_hospital"),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class EmergencyAccess(BaseModel):
    """A doctor opened one patient's records without consent, for two hours, read only (“break-glass”). The patient and
    the privacy reviewers were told; a reviewer says afterwards whether it was right."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", pgettext_lazy("emergency access", "Justified")
        NOT_JUSTIFIED = "not_justified", pgettext_lazy("emergency access", "Not justified")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="emergency_accesses"
    )
    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), max_length=1000)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    verdict = models.CharField(_("verdict"), max_length=15, choices=Verdict.choices, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reviewed by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    review_note = models.TextField(_("note of the reviewer"), max_length=1000, blank=True)

    objects = querysets.EmergencyAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="emergency_access_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="", reviewed_at=None, reviewed_by=None)
                | models.Q(
                    verdict__in=["justified", "not_justified"], reviewed_at__isnull=False, reviewed_by__isnull=False
                ),
                name="emergency_access_review_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["doctor", "patient", "ends_at"], name="emergency_by_doctor"),
            models.Index(fields=["starts_at"], name="emergency_to_review", condition=models.Q(verdict="")),
            models.Index(fields=["-starts_at", "-id"], name="emergency_latest"),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["reason", "review_note"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"

"""Prescriptions: what a doctor orders, unchangeable once signed."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical import querysets, workflow
from apps.clinical.workflow import PrescriptionStatus
from apps.common import audit, ids
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Doctor, Hospital

from .patients import OfPatient, Patient


def new_number() -> str:
    """A prescription's number as people read it out: random, so that nobody guesses another's."""
    return f"RX-{ids.random_code(8)}"


def new_token() -> str:
    """What the public verification page is found by: 128 random bits."""
    return secrets.token_urlsafe(16)


#: What may still change in a signed prescription.
_AFTER_SIGNING = (
    "status", "dispensed_at", "dispensed_by_id", "voided_at", "void_reason", "updated_at",
)  # fmt: skip


class Prescription(Movable, OfPatient):
    """What one doctor orders for one patient. Until it is signed a draft; from then on only its end changes: dispensed,
    or void and replaced by another."""

    class AllergyCheck(models.TextChoices):
        NOT_RUN = "not_run", pgettext_lazy("allergy check", "Could not run")
        CLEAR = "clear", pgettext_lazy("allergy check", "No match in the patient's list")
        WARNING = "warning", pgettext_lazy("allergy check", "Warns")

    workflow = workflow.PRESCRIPTION

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    token = models.CharField(_("verification token"), max_length=22, unique=True, default=new_token, editable=False)
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="prescriptions", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="prescriptions", db_index=False
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    #: What it was written in, as bookings names it: an appointment.
    subject_type = models.CharField(_("belongs to (kind)"), max_length=30, blank=True)
    subject_id = models.UUIDField(_("belongs to"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    instructions = models.TextField(_("instructions"), max_length=4000, blank=True)
    valid_until = models.DateField(_("valid until"))
    status = models.CharField(
        _("status"), max_length=10, choices=PrescriptionStatus.choices, default=PrescriptionStatus.DRAFT
    )
    allergy_check = models.CharField(
        _("allergy check"), max_length=10, choices=AllergyCheck.choices, default=AllergyCheck.NOT_RUN
    )
    #: What the check found or why it could not run, as codes and the substances' own words.
    allergy_findings = models.JSONField(_("what the check found"), default=list, blank=True)
    acknowledgement = models.CharField(_("why it was signed despite the warning"), max_length=500, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    dispensed_at = models.DateTimeField(_("dispensed at"), null=True, blank=True)
    dispensed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("marked as dispensed by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)
    void_reason = models.CharField(_("why it is void"), max_length=500, blank=True)
    replaces = models.OneToOneField(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    #: Names, licence and letterhead as they were when it was signed: what the PDF and the public page say, whoever
    #: moves or marries later.
    signed_as = models.JSONField(_("as it was signed"), default=dict, blank=True, editable=False)

    objects = querysets.PrescriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=PrescriptionStatus.values), name="prescription_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", signed_at=None)
                | models.Q(status="void")
                | models.Q(status__in=["signed", "dispensed"], signed_at__isnull=False),
                name="prescription_signature_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status="void", voided_at__isnull=False)
                | ~models.Q(status="void") & models.Q(voided_at=None),
                name="prescription_void_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status="dispensed", dispensed_at__isnull=False)
                | ~models.Q(status="dispensed") & models.Q(dispensed_at=None),
                name="prescription_dispensing_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-created_at", "-id"], name="prescription_by_patient"),
            models.Index(fields=["doctor", "-created_at", "-id"], name="prescription_by_doctor"),
            models.Index(fields=["hospital", "-created_at", "-id"], name="prescription_by_hospital"),
            models.Index(fields=["-created_at", "-id"], name="prescription_latest"),
            models.Index(
                fields=["subject_id"], name="prescription_by_subject", condition=models.Q(subject_id__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(
                masked=[
                    "instructions", "allergy_check", "allergy_findings", "acknowledgement", "void_reason", "token",
                    "signed_as",
                ]
            ),
            pgtrigger.Trigger(
                name="signed_is_final",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
                func=f"""
                    IF (to_jsonb(NEW) - ARRAY[{", ".join(f"'{name}'" for name in _AFTER_SIGNING)}])
                       <> (to_jsonb(OLD) - ARRAY[{", ".join(f"'{name}'" for name in _AFTER_SIGNING)}]) THEN
                        RAISE EXCEPTION 'a signed prescription never changes: declare it void and write another';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        PrescriptionEvent.objects.create(
            prescription=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )


class PrescribedMedication(BaseModel):
    """One medicine of a prescription, in the words that the pharmacist reads."""

    part_of: ClassVar[str | None] = "prescription"

    prescription = models.ForeignKey(
        Prescription, verbose_name=_("prescription"), on_delete=models.CASCADE, related_name="medications",
        db_index=False,
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("medicine"), max_length=200)
    form = models.CharField(_("form"), max_length=60, blank=True, help_text=_("Tablet, syrup, drops …"))
    dosage = models.CharField(_("dosage"), max_length=100)
    frequency = models.CharField(_("frequency"), max_length=100)
    duration = models.CharField(_("duration"), max_length=100)
    quantity = models.CharField(_("quantity"), max_length=60, blank=True)
    notes = models.CharField(_("notes"), max_length=500, blank=True)

    objects = querysets.PrescribedMedicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("prescribed medicine")
        verbose_name_plural = _("prescribed medicines")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prescription", "position"], name="prescribed_medication_has_a_place"),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["name", "form", "dosage", "frequency", "duration", "quantity", "notes"]),
            pgtrigger.Trigger(
                name="signed_is_final",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT FROM clinical_prescription AS whole
                                WHERE whole.signed_at IS NOT NULL
                                  AND whole.id IN (
                                      CASE TG_OP WHEN 'INSERT' THEN NEW.prescription_id ELSE OLD.prescription_id END,
                                      CASE TG_OP WHEN 'DELETE' THEN OLD.prescription_id ELSE NEW.prescription_id END
                                  )) THEN
                        RAISE EXCEPTION 'a signed prescription never changes: declare it void and write another';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.position)


class PrescriptionEvent(MoveEvent):
    """One move of a prescription: from which status to which, by whom, when."""

    prescription = models.ForeignKey(
        Prescription, verbose_name=_("prescription"), on_delete=models.PROTECT, related_name="events"
    )
    from_status = models.CharField(_("from"), max_length=10, choices=PrescriptionStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=PrescriptionStatus.choices)

    objects = querysets.PrescriptionEventQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a prescription")
        verbose_name_plural = _("moves of prescriptions")

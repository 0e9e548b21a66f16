"""The log of who read what of whose record, sealed batch by batch in a chain of digests."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical import querysets

from .patients import Patient


class ReadSeal(models.Model):
    """The digest (SHA-256, hex) of a batch of entries and of the seal before it: one changed byte is found, and so is a
    missing entry. Made by a job, as a chain with a lock for each entry would make readers wait for one another."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    first_entry = models.PositiveBigIntegerField(_("first entry"))
    last_entry = models.PositiveBigIntegerField(_("last entry"))
    entry_count = models.PositiveIntegerField(_("number of entries"))
    digest = models.CharField(_("digest"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"))

    objects = querysets.ReadSealQuerySet.as_manager()

    class Meta:
        verbose_name = _("seal of the read log")
        verbose_name_plural = _("seals of the read log")
        ordering: ClassVar = ["-number"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the read log is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ReadEntry(models.Model):
    """One person read one thing of one patient: who, what, on what ground, from where, when. Append-only; the one
    change the database lets through is the number of the seal, once."""

    class Act(models.TextChoices):
        LISTED = "listed", pgettext_lazy("reading", "Seen in a list")
        OPENED = "opened", pgettext_lazy("reading", "Opened")
        DOWNLOADED = "downloaded", pgettext_lazy("reading", "Downloaded")
        PRINTED = "printed", pgettext_lazy("reading", "Printed")
        EXPORTED = "exported", pgettext_lazy("reading", "Exported")

    class Ground(models.TextChoices):
        OWN = "own", pgettext_lazy("reading", "The patient's own")
        CONSENT = "consent", pgettext_lazy("reading", "By consent")
        CARE = "care", pgettext_lazy("reading", "In the patient's care")
        AUTHOR = "author", pgettext_lazy("reading", "Wrote it")
        EMERGENCY = "emergency", pgettext_lazy("reading", "Emergency access")
        ADMINISTRATION = "administration", pgettext_lazy("reading", "Administration")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.DO_NOTHING, db_constraint=False, related_name="+",
        db_index=False,
    )  # fmt: skip
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("read by"), null=True, on_delete=models.DO_NOTHING,
        db_constraint=False, related_name="+", db_index=False,
    )  # fmt: skip
    reader_role = models.CharField(_("role"), max_length=20, blank=True)
    object_type = models.CharField(_("what"), max_length=30)
    object_id = models.UUIDField(_("id"), null=True)
    act = models.CharField(_("act"), max_length=10, choices=Act.choices)
    ground = models.CharField(_("ground"), max_length=15, choices=Ground.choices)
    ground_id = models.UUIDField(_("consent, or emergency"), null=True)
    place = models.CharField(_("where in Medivoy"), max_length=10, help_text=_("api, admin, or job."))
    address = models.CharField(_("address"), max_length=45, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)
    request_id = models.CharField(_("request id"), max_length=64, blank=True)
    seal = models.ForeignKey(
        ReadSeal, verbose_name=_("seal"), null=True, on_delete=models.PROTECT, related_name="entries", db_index=False
    )

    objects = querysets.ReadEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("read log")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["patient", "-id"], name="reading_by_patient"),
            models.Index(fields=["reader", "-id"], name="reading_by_reader"),
            models.Index(fields=["object_id", "-id"], name="reading_by_object"),
            models.Index(fields=["-at"], name="reading_by_time"),
            models.Index(fields=["id"], name="reading_unsealed", condition=models.Q(seal=None)),
            models.Index(fields=["seal", "id"], name="reading_by_seal"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="append_only",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.seal_id IS NOT NULL OR NEW.seal_id IS NULL
                       OR (to_jsonb(NEW) - 'seal_id') <> (to_jsonb(OLD) - 'seal_id') THEN
                        RAISE EXCEPTION 'the read log is append-only';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the read log is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

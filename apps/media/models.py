"""Files, and what is left to delete of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import audit
from apps.common.models import BaseModel
from apps.common.querysets import ScopedQuerySet

from . import querysets


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")


class StoredFile(BaseModel):
    """One uploaded file. The object lies in the storage named by `visibility`, under a random `key`.

    Others refer to it by `ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")` and take only `ready()`
    rows: what a row refers to cannot be removed, and what no row refers to is cleaned up after a day.
    """

    class Purpose(models.TextChoices):
        IMAGE = "image", _("Image")
        DOCUMENT = "document", _("Document")
        MEDICAL_RECORD = "medical_record", _("Medical record")
        GENERATED = "generated", _("Made by the system")

    class Status(models.TextChoices):
        PENDING = "pending", _("Being stored")
        READY = "ready", _("Stored")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,  # a gallery outlives the account of whoever uploaded it
        related_name="+",
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    key = models.CharField(_("key"), max_length=100, unique=True, editable=False)
    original_name = models.CharField(_("original name"), max_length=150, blank=True)
    content_type = models.CharField(_("content type"), max_length=100)
    extension = models.CharField(_("extension"), max_length=10)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("In bytes."))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True, help_text=_("In pixels."))
    height = models.PositiveIntegerField(_("height"), null=True, blank=True, help_text=_("In pixels."))
    #: Smaller WebP versions of an image, in the same storage: {"small": {"key", "width", "height"}, ...}.
    variants = models.JSONField(_("smaller versions"), default=dict, blank=True)
    is_kept = models.BooleanField(
        _("kept"), default=False, help_text=_("Kept although nothing uses it; other unused files go after a day.")
    )

    objects = querysets.StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=["image", "document", "medical_record", "generated"]),
                name="stored_file_purpose_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility="private")
                | models.Q(visibility="public", purpose__in=["image", "generated"]),
                name="stored_file_papers_are_private",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "ready"]), name="stored_file_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="stored_file_by_owner"),
            models.Index(fields=["purpose", "-created_at"], name="stored_file_by_purpose"),
            models.Index(fields=["sha256"], name="stored_file_by_digest"),
            models.Index(fields=["created_at"], name="stored_file_by_age"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["original_name"])]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.pk.hex[-6:]}"

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def keys(self) -> list[str]:
        """Every object of this file: itself and its smaller versions."""
        return [self.key, *(variant["key"] for variant in self.variants.values())]


class DiscardedFile(BaseModel):
    """The objects of a file whose row is gone; they are deleted next, and then this row.

    The foreign keys of other apps so have the last word on what may go, and no object goes before they have spoken.
    """

    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices)
    keys = models.JSONField(_("keys"), default=list)

    #: Nobody's to see: the base scope denies everyone.
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("discarded file")
        verbose_name_plural = _("discarded files")

    def __str__(self) -> str:
        return str(self.pk)

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


class Scan(models.TextChoices):
    """What a scanner for viruses has said of a file. Only the first three may be fetched and used."""

    NOT_NEEDED = "not_needed", _("Written anew, needs none")
    NOT_SET_UP = "not_set_up", _("Not scanned: no scanner is set up")
    CLEAN = "clean", _("Nothing found")
    WAITING = "waiting", _("Waits for the scanner")
    INFECTED = "infected", _("Infected, in quarantine")


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
    scan = models.CharField(_("scan"), max_length=10, choices=Scan.choices, default=Scan.NOT_SET_UP)
    scanned_at = models.DateTimeField(_("scanned at"), null=True, blank=True)
    threat = models.CharField(_("found"), max_length=100, blank=True, help_text=_("As the scanner calls it."))
    #: When a worker is to look at it; while one does, until when it is that worker's own. Null: nothing is to be done.
    scan_due_at = models.DateTimeField(_("to be scanned at"), null=True, blank=True, editable=False)
    scan_problem = models.CharField(_("why it could not be scanned"), max_length=20, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, help_text=_("Of what was infected."))

    #: Whether any row refers to it; asked for by `with_use()`, and taken to be so where nobody has asked.
    is_used: bool = True

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
            models.CheckConstraint(
                condition=models.Q(scan__in=["not_needed", "not_set_up", "clean", "waiting", "infected"]),
                name="stored_file_scan_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="stored_file_by_owner"),
            models.Index(fields=["purpose", "-created_at"], name="stored_file_by_purpose"),
            models.Index(fields=["sha256"], name="stored_file_by_digest"),
            models.Index(fields=["created_at"], name="stored_file_by_age"),
            models.Index(
                fields=["scan_due_at"],
                condition=models.Q(scan_due_at__isnull=False),
                name="stored_file_by_scan_due",
            ),
        ]
        triggers: ClassVar = [audit.tracked(masked=["original_name"], ignored=["scan_due_at"])]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.pk.hex[-6:]}"

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_fit(self) -> bool:
        """May be fetched and used: nothing is still to be looked for in it, and nothing was found."""
        return self.scan not in {Scan.WAITING, Scan.INFECTED}

    @property
    def keys(self) -> list[str]:
        """Every object of this file: itself and its smaller versions."""
        return [self.key, *(variant["key"] for variant in self.variants.values())]


class UploadSession(BaseModel):
    """A large file on its way in, in parts, over hours and broken lines.

    The row is there before anything lies in the store, and names it: what nobody finishes is found and cleared away.
    The file that becomes of it has the session's id, so that one session can never become two files.
    """

    class Status(models.TextChoices):
        UPLOADING = "uploading", _("Being uploaded")
        CHECKING = "checking", _("Being checked")
        STORED = "stored", _("Stored")
        REFUSED = "refused", _("Refused")
        ABORTED = "aborted", _("Given up")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.SET_NULL,  # what lies in the store is still to be cleared away
        related_name="+",
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=StoredFile.Purpose.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.UPLOADING)
    key = models.CharField(_("key"), max_length=100, unique=True, editable=False)
    #: What the store calls the parts; empty before they are begun, and once they are gone.
    parts_id = models.CharField(_("parts"), max_length=1024, blank=True, editable=False)
    original_name = models.CharField(_("original name"), max_length=150, blank=True)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("In bytes."))
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    part_size = models.PositiveIntegerField(_("size of a part"), help_text=_("In bytes."))
    expires_at = models.DateTimeField(_("expires at"))
    #: When a worker is to check it; while one does, until when it is that worker's own.
    due_at = models.DateTimeField(_("to be checked at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    #: Why it was refused: {"code", "message": {"en": "...", ...}}.
    refusal = models.JSONField(_("why it was refused"), null=True, blank=True)

    objects = querysets.UploadSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload in parts")
        verbose_name_plural = _("uploads in parts")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=["uploading", "checking", "stored", "refused", "aborted"]),
                name="upload_session_status_is_known",
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0, part_size__gt=0), name="upload_session_has_parts"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="upload_session_by_owner"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="upload_session_by_due"),
            models.Index(fields=["created_at"], name="upload_session_by_age"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["original_name", "parts_id"], ignored=["due_at", "attempts"])]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.pk.hex[-6:]}"

    @property
    def count(self) -> int:
        """How many parts it has; all but the last are of `part_size`."""
        return -(-self.size // self.part_size)

    def size_of(self, number: int) -> int:
        """Of the part of that number, which counts from 1."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


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

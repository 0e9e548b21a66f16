"""Files: stored, published, kept, removed, cleaned up after (see the package for the order of things)."""

import secrets
from datetime import datetime
from typing import IO, Any
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, ProtectedError, Sum
from django.utils import timezone

from apps.common.exceptions import DomainError
from apps.media import contents, exceptions, rules, scanning, storage
from apps.media.models import DiscardedFile, Scan, StoredFile, UploadSession, Visibility

log = structlog.get_logger(__name__)

Purpose, Status = StoredFile.Purpose, StoredFile.Status

#: Files that one run of the clean-up takes; the next run takes the next.
BATCH = 1000


# --- Storing ---------------------------------------------------------------------------------------------------------


def store_image(upload: Any, *, by: Any, visibility: str = Visibility.PUBLIC, is_kept: bool = False) -> StoredFile:
    """A picture for public pages (or private, if so said) is stored, written anew, with its smaller versions.

    `upload` is an open binary file with `name` and `size`. Not to be called inside a transaction. Raises what
    `deposit` raises.
    """
    return publish(deposit(upload, purpose=Purpose.IMAGE, by=by, visibility=visibility, is_kept=is_kept))


def store_document(upload: Any, *, by: Any, is_kept: bool = False) -> StoredFile:
    """A paper (PDF, or a photo of it, written anew) is stored, private. As `store_image`."""
    return publish(deposit(upload, purpose=Purpose.DOCUMENT, by=by, is_kept=is_kept))


def store_medical_record(upload: Any, *, by: Any) -> StoredFile:
    """A medical record (PDF, JPEG, PNG, DICOM) is stored byte for byte, private. As `store_image`."""
    return publish(deposit(upload, purpose=Purpose.MEDICAL_RECORD, by=by))


def store_generated(content: bytes, *, name: str, by: Any = None) -> StoredFile:
    """A picture of our own making is stored, public, as any other. As `store_image`."""
    return publish(deposit(ContentFile(content, name=name), purpose=Purpose.GENERATED, by=by))


def store_archive(body: IO[bytes]) -> StoredFile:
    """A ZIP of our own making is stored, private, however large. It holds what patients' records hold, so nobody sees
    it in the library either. Not to be called inside a transaction. Raises StorageUnavailable."""
    prepared = contents.finished(body, content_type="application/zip", extension=".zip")
    file = _begin(
        prepared, purpose=Purpose.MEDICAL_RECORD, by=None, visibility=Visibility.PRIVATE, name="", is_kept=False
    )
    StoredFile.objects.filter(pk=file.pk).update(scan=Scan.NOT_NEEDED, scan_due_at=None)
    storage.put(file.visibility, file.key, prepared.body, content_type=file.content_type)
    return publish(file)


def deposit(upload: Any, *, purpose: str, by: Any, visibility: str | None = None, is_kept: bool = False) -> StoredFile:
    """The objects are stored, and nobody can see them before `publish`.

    Raises TypeNotAccepted, FileTooLarge, EmptyFile, UnreadableFile, TooManyPixels, ActiveContent, EncryptedFile,
    TooManyUploads, StorageUnavailable.
    """
    now = timezone.now()
    refusal = rules.why_too_large(upload.size, purpose=purpose) or why_too_much(by, now)
    if refusal:
        raise refusal
    prepared = contents.prepare(upload, purpose=purpose)
    if visibility is None:
        visibility = Visibility.PUBLIC if purpose in {Purpose.IMAGE, Purpose.GENERATED} else Visibility.PRIVATE
    file = _begin(prepared, purpose=purpose, by=by, visibility=visibility, name=upload.name or "", is_kept=is_kept)
    for name, variant in prepared.variants.items():
        storage.put(file.visibility, file.variants[name]["key"], variant.body, content_type="image/webp")
    storage.put(file.visibility, file.key, prepared.body, content_type=file.content_type)
    return file


def why_too_much(by: Any, now: datetime) -> DomainError | None:
    """Of what a person sent within the hour; uploads in parts count from their beginning."""
    if by is None:
        return None
    since = now - rules.PER_HOUR
    sums = {"files": Count("*"), "total_bytes": Sum("size", default=0)}
    stored = StoredFile.objects.uploaded_since(since, by=by).order_by().aggregate(**sums)
    begun = UploadSession.objects.begun_since(since, by=by).order_by().aggregate(**sums)
    return rules.why_not_upload(**{name: stored[name] + begun[name] for name in sums})


def random_stem() -> str:
    """What an object's key begins with: it says nothing, and nobody guesses it."""
    stem = secrets.token_hex(16)
    return f"{stem[:2]}/{stem}"


def scan_state(purpose: str, now: datetime) -> dict[str, Any]:
    """What the scanner has to do with a new file."""
    if not rules.needs_scan(purpose):
        return {"scan": Scan.NOT_NEEDED}
    return {"scan": Scan.WAITING, "scan_due_at": now} if scanning.is_set_up() else {"scan": Scan.NOT_SET_UP}


@transaction.atomic(durable=True)  # committed before any object lies anywhere: an object without a row is never found
def _begin(
    prepared: contents.Prepared, *, purpose: str, by: Any, visibility: str, name: str, is_kept: bool
) -> StoredFile:
    key = random_stem()
    return StoredFile.objects.create(
        owner=by,
        purpose=purpose,
        visibility=visibility,
        key=f"{key}{prepared.extension}",
        original_name=rules.clean_name(name),
        content_type=prepared.content_type,
        extension=prepared.extension,
        size=prepared.size,
        sha256=prepared.sha256,
        width=prepared.width,
        height=prepared.height,
        variants={
            variant: {"key": f"{key}-{variant}.webp", "width": made.width, "height": made.height}
            for variant, made in prepared.variants.items()
        },
        is_kept=is_kept,
        **scan_state(purpose, timezone.now()),
    )


@transaction.atomic
def publish(file: StoredFile) -> StoredFile:
    """The deposited file is there for whoever may see it. Raises StorageUnavailable if it was cleaned up meanwhile."""
    now = timezone.now()
    if not StoredFile.objects.filter(pk=file.pk, status=Status.PENDING).update(status=Status.READY, updated_at=now):
        raise exceptions.StorageUnavailable(retry_after=1)
    file.refresh_from_db(fields=["status", "updated_at"])
    return file


# --- Removing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def remove_file(file: StoredFile, *, by: Any) -> None:
    """The file is gone; its objects follow within a minute. Raises Forbidden, FileInUse, DoesNotExist."""
    file = StoredFile.objects.lock(file.pk)
    refusal = rules.why_not_remove(file, by=by)
    if refusal:
        raise refusal
    _discard(file)


@transaction.atomic
def keep_file(file: StoredFile, *, is_kept: bool, by: Any) -> StoredFile:
    """The file stays although nothing uses it, or no longer does. Raises Forbidden."""
    file = StoredFile.objects.lock(file.pk)
    refusal = rules.why_not_remove(file, by=by)
    if refusal:
        raise refusal
    file.is_kept = is_kept
    file.save(update_fields=["is_kept", "updated_at"])
    return file


def take_back(file: StoredFile) -> None:
    """A deposit that is not wanted after all leaves nothing behind."""
    with transaction.atomic():
        _discard(file)


def _discard(file: StoredFile) -> None:
    """The row gives way to a note of its objects. Raises FileInUse if any row refers to it, also one written just now.

    The constraints are asked at once: they would otherwise speak only when the transaction ends. A row that is being
    written meanwhile, and is not seen yet, is refused by the same constraints when its own transaction ends.
    """
    try:
        with transaction.atomic():
            DiscardedFile.objects.create(visibility=file.visibility, keys=file.keys)
            StoredFile.objects.filter(pk=file.pk).delete()
            connection.check_constraints()
    except (ProtectedError, IntegrityError) as error:
        raise exceptions.FileInUse() from error


def erase_discarded() -> int:
    """The objects of removed files are deleted; how many files that were. A store that cannot be reached keeps no
    object in the other one. Raises StorageUnavailable, with the rest still written down for the next time."""
    erased = 0
    failure: exceptions.StorageUnavailable | None = None
    for visibility in Visibility.values:
        try:
            for note in DiscardedFile.objects.filter(visibility=visibility).order_by("created_at")[:BATCH]:
                storage.delete(note.visibility, note.keys)
                note.delete()
                erased += 1
        except exceptions.StorageUnavailable as error:
            failure = error
    if failure:
        raise failure
    return erased


def clean_up(now: datetime) -> dict[str, int]:
    """Uploads that broke off an hour ago and files unused for a day are gone; how many of each, and how many were taken
    into use meanwhile. Their objects follow, and those of files found infected a month ago."""
    counts = {"never_ended": 0, "unused": 0, "kept": 0}
    for pk in list(_abandoned(now).order_by("created_at").values_list("pk", flat=True)[:BATCH]):
        counts[_forget(pk, now)] += 1
    counts["quarantined"] = _erase_quarantined(now)
    log.info("media_cleaned_up", **counts)
    return counts


def _abandoned(now: datetime) -> Any:
    return StoredFile.objects.abandoned(pending_before=now - rules.PENDING_FOR, unused_before=now - rules.UNUSED_FOR)


@transaction.atomic
def _forget(pk: UUID, now: datetime) -> str:
    """Looks again, with the row locked: it may have been taken into use, or be another run's already."""
    file = _abandoned(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if file is None:
        return "kept"
    try:
        _discard(file)
    except exceptions.FileInUse:
        return "kept"
    return "never_ended" if file.status == Status.PENDING else "unused"


def _erase_quarantined(now: datetime) -> int:
    """What was infected leaves the quarantine; a file that something refers to keeps its row, which says so."""
    old = StoredFile.objects.quarantined(before=now - rules.QUARANTINED_FOR)
    pks = list(old.order_by("scanned_at").values_list("pk", flat=True)[:BATCH])
    for pk in pks:
        with transaction.atomic():
            file = old.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if file is not None:
                DiscardedFile.objects.create(visibility=file.visibility, keys=file.keys)
                StoredFile.objects.filter(pk=pk).update(erased_at=now, variants={}, updated_at=now)
    return len(pks)

"""Reads of medical records: plain rows with their files, one query a page."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.clinical import exceptions
from apps.clinical.models import MedicalRecord, ReadEntry, RecordFile
from apps.common.exceptions import Invalid, NotFound
from apps.media.models import StoredFile

ROW = (
    "id", "patient_id", "patient__user__first_name", "patient__user__last_name", "type", "title", "recorded_on",
    "description", "measurements", "language", "is_shared", "uploaded_by_id", "uploaded_by__role",
    "uploaded_by__first_name", "uploaded_by__last_name", "subject_type", "subject_id", "series", "version", "status",
    "correction_reason", "error_reason", "ended_at", "created_at",
)  # fmt: skip
FILE = ("content_type", "size", "sha256", "scan")


def record_rows(records: QuerySet) -> QuerySet[Any, dict[str, Any]]:
    """Plain rows with all that an answer shows, and on what ground if `records` say that; one query."""
    files = RecordFile.objects.filter(record=OuterRef("pk")).order_by("position")
    shown = JSONObject(id=F("file_id"), **{name: F(f"file__{name}") for name in FILE})
    current = MedicalRecord.objects.current().filter(series=OuterRef("series")).order_by()
    return records.values(
        *ROW,
        "ground",
        "ground_id",
        file_list=ArraySubquery(files.values(shown=shown)),
        current_id=Subquery(current.values("pk")[:1]),
    )


def record_row(record_id: UUID, *, reader: User) -> dict[str, Any]:
    """One version of a record that the reader has sight of. Raises NotFound."""
    found = MedicalRecord.objects.visible_to(reader).with_ground(reader).filter(pk=record_id)
    row = record_rows(found).first()
    if row is None:
        raise NotFound()
    return row


def written_record(record_id: UUID, *, writer: User) -> dict[str, Any]:
    """What this person has just written, on the ground on which they see it; where no consent opens it to them, because
    they wrote it and know what it says. Raises NotFound."""
    try:
        return record_row(record_id, reader=writer)
    except NotFound:
        return _as_its_author(record_id, writer)


def _as_its_author(record_id: UUID, writer: User) -> dict[str, Any]:
    ground = {"ground": Value(ReadEntry.Ground.AUTHOR), "ground_id": Value(None, output_field=UUIDField())}
    row = record_rows(MedicalRecord.objects.filter(pk=record_id, uploaded_by=writer).annotate(**ground)).first()
    if row is None:
        raise NotFound()
    return row


def record_to_keep(record_id: UUID, *, by: User) -> MedicalRecord:
    """A version that this person may correct as far as its sight goes: an emergency does not open it for that. Raises
    NotFound."""
    record = MedicalRecord.objects.open_for_writing(by).filter(pk=record_id).first()
    if record is None:
        raise NotFound()
    return record


def record_versions(record_id: UUID, *, reader: User) -> list[dict[str, Any]]:
    """The versions of a record of which the reader has sight, the newest first. Raises NotFound."""
    seen = MedicalRecord.objects.visible_to(reader)
    series = seen.filter(pk=record_id).order_by().values("series")
    rows = record_rows(seen.with_ground(reader).filter(series__in=series).order_by("-version"))
    found = list(rows)
    if not found:
        raise NotFound()
    return found


def record_file(record: MedicalRecord, file_id: UUID | None) -> StoredFile:
    """A file of the record; where it has one only, that one need not be named. Raises NoFile, Invalid."""
    files = [row.file for row in RecordFile.objects.filter(record=record).select_related("file").order_by("position")]
    if file_id is None and len(files) > 1:
        raise Invalid(errors={"file": [_("Say which of the files.")]})
    found = next((file for file in files if file_id is None or file.pk == file_id), None)
    if found is None:
        raise exceptions.NoFile()
    return found

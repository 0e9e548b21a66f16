"""What the copy of a person's data is made of: data.json, fhir.json, the files, and a page that explains them.

Written row by row and piece by piece, so that it takes as much memory for 500 MB of files as for none.
"""

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import translation

from apps.accounts.models import User
from apps.clinical.models import Guardian, LabResult, Patient, RecordFile
from apps.common.api import renderers
from apps.interop import fhir, retention
from apps.interop.models import DataExport
from apps.interop.retention import Kept
from apps.media import storage
from apps.media.models import StoredFile

Progress = Callable[[int, int], None]

#: Columns that are our own devices: indexes, tokens of links, statuses of texts.
HIDDEN = frozenset({"number_index", "token", "text_status", "updated_at", "claimed_until", "key", "parts_id"})
_ROWS = 200


def write(body: IO[bytes], export: DataExport, *, now: datetime, progress: Progress) -> None:
    """The archive lies in `body`. `progress` is told how many parts of how many are done, the first time at once."""
    patient = export.patient
    files = list(files_of(patient).order_by("pk"))
    kinds = retention.exported()
    total = len(files) + len(kinds) + 1
    progress(0, total)
    with translation.override(export.language), zipfile.ZipFile(body, "w", allowZip64=True) as archive:
        stored: dict[UUID, str] = {}
        for number, file in enumerate(files, start=1):
            if _add(archive, file):
                stored[file.pk] = path_of(file)
            progress(number, total)
        bundle = fhir.bundle_of(patient, now=now, address_of=lambda file: stored.get(file.pk))
        archive.writestr("fhir.json", fhir.dumps(bundle), zipfile.ZIP_DEFLATED)
        progress(len(files) + 1, total)
        with archive.open(_deflated("data.json"), "w", force_zip64=True) as data:
            for done, piece in _pieces(patient, kinds, stored, now):
                data.write(piece)
                if done:
                    progress(len(files) + 1 + done, total)
        archive.writestr("README.txt", _explanation(export, files, stored, now), zipfile.ZIP_DEFLATED)


def path_of(file: StoredFile) -> str:
    """Where a file lies in the archive: by its id, as names that people give files may be anything."""
    return str(PurePosixPath("files") / f"{file.pk}{file.extension}")


def files_of(patient: Patient) -> models.QuerySet[StoredFile]:
    """What the patient uploaded, and the files of their record; not those of a result that is not released."""
    of_record = RecordFile.objects.filter(file=OuterRef("pk"), record__patient=patient)
    of_result = LabResult.objects.filter(
        file=OuterRef("pk"), lab_test__patient=patient, lab_test__released_at__isnull=False
    )
    of_guardian = Guardian.objects.filter(document=OuterRef("pk"), patient=patient)
    linked = Q(Exists(of_record)) | Q(Exists(of_result)) | Q(Exists(of_guardian))
    return StoredFile.objects.ready().filter(linked | Q(owner=patient.user_id))


def _deflated(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _add(archive: zipfile.ZipFile, file: StoredFile) -> bool:
    """As it is: medical images and PDFs are packed already. False for one whose object is not there."""
    pieces = storage.chunks(file.visibility, file.key)
    try:
        first = next(pieces, b"")
    except FileNotFoundError:
        return False
    with archive.open(path_of(file), "w", force_zip64=True) as entry:
        entry.write(first)
        for piece in pieces:
            entry.write(piece)
    return True


# --- data.json -------------------------------------------------------------------------------------------------------


def _pieces(patient: Patient, kinds: list[Kept], stored: dict[UUID, str], now: datetime) -> Iterator[tuple[int, bytes]]:
    """The document in pieces, each with the number of kinds that are done by then, or 0 within one."""
    yield 0, b'{"made_at":' + renderers.dumps(now) + b',"kinds":{'
    for number, kept in enumerate(kinds, start=1):
        yield 0, (b"," if number > 1 else b"") + renderers.dumps(kept.label) + b":["
        for index, row in enumerate(_rows(kept, patient, stored)):
            yield 0, (b",\n" if index else b"\n") + renderers.dumps(row)
        yield number, b"]"
    left_out = {kept.label: kept.left_out for kept in retention.TABLE if kept.left_out}
    yield 0, b'},"left_out":' + renderers.dumps(left_out) + b"}"


def _rows(kept: Kept, patient: Patient, stored: dict[UUID, str]) -> Iterator[dict[str, Any]]:
    fields = _fields(kept)
    links = [field.name for field in fields if isinstance(field, models.ForeignKey)]
    rows = kept.rows(patient).filter(kept.only).select_related(*links).order_by("pk")
    for row in rows.iterator(chunk_size=_ROWS):
        yield {field.name: _shown(row, field, patient, stored) for field in fields}


def _fields(kept: Kept) -> list[Any]:
    own = kept.patient or kept.user
    fields = [field for field in kept.model._meta.concrete_fields if field.name not in HIDDEN and field.name != own]
    return fields if kept.columns is None else [field for field in fields if field.name in {"id", *kept.columns}]


def _shown(row: Any, field: Any, patient: Patient, stored: dict[UUID, str]) -> Any:
    """The value; of another person only in what role they acted, of a doctor or hospital the public name."""
    if not isinstance(field, models.ForeignKey):
        value = getattr(row, field.attname)
        return str(value) if value is not None and not isinstance(value, _PLAIN) else value
    if getattr(row, field.attname) is None:
        return None
    other = getattr(row, field.name)
    if isinstance(other, User):
        return "you" if other.pk == patient.user_id else str(other.get_role_display())
    if isinstance(other, StoredFile):
        return {"id": other.pk, "path": stored.get(other.pk)}
    if other._meta.label in _NAMED:
        return {"id": other.pk, "name": str(other)}
    return {"id": other.pk}


_PLAIN = (str, int, float, bool, dict, list, UUID, datetime)
_NAMED = frozenset(
    {"hospitals.Doctor", "hospitals.Hospital", "hospitals.Treatment", "hospitals.Package", "clinical.Laboratory"}
)


def _explanation(export: DataExport, files: list[StoredFile], stored: dict[UUID, str], now: datetime) -> str:
    context = {"made_on": now.date(), "files": len(stored), "missing": len(files) - len(stored)}
    return render_to_string("interop/readme.txt", context)

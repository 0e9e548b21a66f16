"""A copy of everything about one patient: asked for, made by a worker, fetched by a short-lived link, gone in a week.

Making one may be broken off at any point: the claim runs out, and another worker begins again. What was stored by then
is used by nothing and cleared away.
"""

import tempfile
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.clinical import services as clinical_services
from apps.clinical.models import LabTest, MedicalRecord, Patient, Prescription, ReadEntry
from apps.common.exceptions import Forbidden, raise_if
from apps.interop import notifications, rules
from apps.interop.models import DataExport
from apps.interop.workflow import ExportStatus
from apps.media import links
from apps.media import services as media_services

from . import archive

log = structlog.get_logger(__name__)

#: What of an export is a reading of the record: as everywhere, the page, the records, prescriptions and tests.
_READ = (Patient, MedicalRecord, Prescription, LabTest)
_AGAIN_AFTER = timedelta(minutes=1)


@transaction.atomic
def ask_for_export(patient: Patient, *, by: User) -> DataExport:
    """A copy will be made; the one that is being made where there is one. For the patient, and for a platform admin on
    their behalf. Raises Forbidden, ExportedToday."""
    now = timezone.now()
    if not by.is_platform_admin and patient.user_id != by.pk:
        raise Forbidden()
    patient = Patient.objects.lock(patient.pk)
    rows = DataExport.objects.filter(patient=patient)
    pending = rows.filter(status=ExportStatus.PENDING).first()
    if pending is not None:
        return pending
    made = rows.filter(status__in=[ExportStatus.READY, ExportStatus.EXPIRED]).order_by("-created_at")
    raise_if(rules.why_not_export(made.values_list("created_at", flat=True).first(), now=now))
    return DataExport.objects.create(patient=patient, asked_by=by, language=patient.user.language)


def link_to(export: DataExport, *, by: User) -> str | None:
    """A short-lived address of the copy, for the patient and for whoever asked for it; None while there is none."""
    if export.status != ExportStatus.READY or export.file is None:
        return None
    return links.file_url(export.file) if by.pk in {export.patient.user_id, export.asked_by_id} else None


def log_exported(patient: Patient, *, reader: User, place: str) -> int:
    """The log of readings says that `reader` exported each part of the record; how many entries that makes."""
    count = 0
    for model in _READ:
        path = "pk" if model is Patient else "patient"
        rows: Any = model._default_manager.visible_to(reader).filter(**{path: patient.pk})  # type: ignore[attr-defined]
        columns = ["id", "ground", "ground_id", *(["patient_id"] if model is not Patient else [])]
        count += clinical_services.log_readings(
            rows.with_ground(reader).order_by().values(*columns),
            reader=reader,
            act=ReadEntry.Act.EXPORTED,
            place=place,
            model=model,
        )
    return count


# --- Making ----------------------------------------------------------------------------------------------------------


def make_exports(now: datetime) -> int:
    """Every copy that is asked for and that no worker is at is made; how many. One that fails stops no other."""
    made = 0
    while (export := _claim(now)) is not None:
        made += _make(export)
    return made


@transaction.atomic
def _claim(now: datetime) -> DataExport | None:
    rows = DataExport.objects.to_make(now).select_for_update(skip_locked=True, of=("self",))
    export = rows.select_related("patient__user", "asked_by").first()
    if export is not None:
        export.claimed_until = now + rules.CLAIMED_FOR
        export.attempts += 1
        export.save(update_fields=["claimed_until", "attempts", "updated_at"])
    return export


def _make(export: DataExport) -> bool:
    if export.attempts > rules.MAX_ATTEMPTS:
        _give_up(export)
        return False
    now = timezone.now()
    try:
        log_exported(export.patient, reader=export.asked_by, place="job")
        with tempfile.TemporaryFile() as body:
            archive.write(body, export, now=now, progress=lambda done, total: _advance(export, done, total))
            file = media_services.store_archive(body)
        _ready(export, file, timezone.now())
    except Exception as error:  # noqa: BLE001  whatever is wrong with one must not stop the others
        log.error("export_failed", export_id=str(export.pk), error=type(error).__name__, attempts=export.attempts)
        if export.attempts >= rules.MAX_ATTEMPTS:
            _give_up(export)
        else:
            DataExport.objects.filter(pk=export.pk).update(claimed_until=timezone.now() + _AGAIN_AFTER)
        return False
    log.info("export_made", export_id=str(export.pk), size=file.size)
    return True


def _advance(export: DataExport, done: int, total: int) -> None:
    """Progress for whoever waits, and the claim renewed: a worker that hangs loses it."""
    DataExport.objects.filter(pk=export.pk).update(
        done=done, total=total, claimed_until=timezone.now() + rules.CLAIMED_FOR
    )


@transaction.atomic
def _ready(export: DataExport, file: Any, now: datetime) -> None:
    """Of a copy that nobody waits for any more (made by another worker, or erased with the person) nothing stays."""
    is_wanted = DataExport.objects.filter(pk=export.pk, status=ExportStatus.PENDING).update(
        status=ExportStatus.READY,
        file=file,
        done=F("total"),
        ready_at=now,
        expires_at=now + rules.EXPORT_KEPT_FOR,
        claimed_until=None,
        updated_at=now,
    )
    if is_wanted:
        notifications.export_ready(export)
    else:
        media_services.take_back(file)


@transaction.atomic
def _give_up(export: DataExport) -> None:
    if DataExport.objects.filter(pk=export.pk, status=ExportStatus.PENDING).update(
        status=ExportStatus.FAILED, claimed_until=None, updated_at=timezone.now()
    ):
        notifications.export_failed(export)


def expire_exports(now: datetime) -> int:
    """Copies that were there for a week are gone, files and all; how many."""
    count = 0
    for pk in list(DataExport.objects.outlived(now).values_list("pk", flat=True)):
        with transaction.atomic():
            rows = DataExport.objects.outlived(now).select_for_update(skip_locked=True, of=("self",))
            export = rows.select_related("file").filter(pk=pk).first()
            if export is None or export.file is None:
                continue
            DataExport.objects.filter(pk=pk).update(status=ExportStatus.EXPIRED, file=None, updated_at=now)
            media_services.take_back(export.file)
            count += 1
    return count

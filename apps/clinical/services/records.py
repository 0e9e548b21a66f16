"""Verbs on medical records: added, corrected by a new version, marked as entered in error. None is ever overwritten."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import notifications, rules
from apps.clinical.models import ConsentGrant, MedicalRecord, Patient, RecordFile
from apps.common.exceptions import Invalid, raise_if
from apps.media import selectors as media
from apps.media.models import StoredFile

Status = MedicalRecord.Status

#: What is written of a version.
FIELDS = frozenset({"type", "title", "recorded_on", "description", "measurements", "language"})
#: The day has begun somewhere up to so many hours before it does in Greenwich.
_EARLIEST_ZONE = timedelta(hours=14)


@transaction.atomic
def add_record(
    patient: Patient,
    *,
    by: User,
    file_ids: Sequence[UUID] = (),
    files: Sequence[StoredFile] = (),
    subject: tuple[str, UUID] | None = None,
    is_shared: bool = True,
    **given: Any,
) -> MedicalRecord:
    """The patient's record holds it, with its files; the patient is told, unless they wrote it themself.

    `given` are FIELDS; `files` were stored for this record just now, scanned or not, `file_ids` name uploads of before;
    `subject` says which appointment or booking it came from.

    Raises Forbidden, RecordConsentNeeded, SharingIsThePatients, Invalid.
    """
    patient = Patient.objects.lock(patient.pk)
    has_consent = _has_consent(patient, given["type"], by=by)
    raise_if(rules.why_not_add_record(patient, is_shared=is_shared, has_consent=has_consent, by=by))
    subject_type, subject_id = subject or ("", None)
    record = MedicalRecord(
        patient=patient, uploaded_by=by, is_shared=is_shared, subject_type=subject_type, subject_id=subject_id
    )
    _write(record, given)
    record.save(force_insert=True)
    named = [_file(patient, pk, by=by) for pk in dict.fromkeys(file_ids)]
    _attach(record, [*files, *named])
    if by.pk != patient.user_id:
        notifications.record_added(record)
    return record


@transaction.atomic
def correct_record(
    record: MedicalRecord,
    *,
    by: User,
    version: int,
    reason: str,
    file_ids: Sequence[UUID] | None = None,
    files: Sequence[StoredFile] = (),
    **changes: Any,
) -> MedicalRecord:
    """A new version says what `changes` say; the one before is kept as replaced, with who replaced it and why.

    `version` is the one that the correction is of. The files stay, unless others are named; `files`, stored just now,
    are added to them. Whether it may be shared stays too.

    Raises NotTheUploader, RecordConsentNeeded, RecordNotCurrent, StaleRecord, Invalid.
    """
    now = timezone.now()
    patient = Patient.objects.lock(record.patient_id)
    record = MedicalRecord.objects.get(pk=record.pk)
    current = MedicalRecord.objects.current().filter(series=record.series).first()
    has_consent = _has_consent(patient, changes.get("type", record.type), by=by)
    raise_if(rules.why_not_correct(record, current=current, version=version, has_consent=has_consent, by=by))
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Say why.")]})
    by_id = {row.file_id: row.file for row in record.files.select_related("file").order_by("position")}
    wanted = by_id if file_ids is None else dict.fromkeys(file_ids)
    newest = MedicalRecord.objects.filter(series=record.series).aggregate(newest=Max("version"))["newest"]
    corrected = MedicalRecord(
        patient=patient,
        uploaded_by_id=record.uploaded_by_id,
        is_shared=record.is_shared,
        subject_type=record.subject_type,
        subject_id=record.subject_id,
        series=record.series,
        version=newest + 1,
        correction_reason=reason.strip(),
        **{name: getattr(record, name) for name in FIELDS},
    )
    _write(corrected, changes)
    _end(record, Status.SUPERSEDED, by=by, at=now)
    corrected.save(force_insert=True)
    named = [by_id.get(pk) or _file(patient, pk, by=by) for pk in wanted]
    _attach(corrected, [*named, *files])
    return corrected


@transaction.atomic
def share_record(record: MedicalRecord, *, is_shared: bool, by: User) -> MedicalRecord:
    """No consent opens the record any more, or consents do again: every version of it. Raises SharingIsThePatients."""
    now = timezone.now()
    patient = Patient.objects.lock(record.patient_id)
    record = MedicalRecord.objects.get(pk=record.pk)
    raise_if(rules.why_not_share(patient, is_shared=is_shared, was_shared=record.is_shared, by=by))
    MedicalRecord.objects.filter(series=record.series).update(is_shared=is_shared, updated_at=now)
    record.refresh_from_db(fields=["is_shared", "updated_at"])
    return record


@transaction.atomic
def mark_record_as_error(record: MedicalRecord, *, reason: str, by: User) -> MedicalRecord:
    """The record stays, marked as entered in error, for whoever acted on it. Raises NotTheUploader, RecordNotCurrent,
    Invalid without a reason."""
    now = timezone.now()
    Patient.objects.lock(record.patient_id)
    record = MedicalRecord.objects.get(pk=record.pk)
    raise_if(rules.why_not_mark_as_error(record, reason=reason, by=by))
    _end(record, Status.ERROR, by=by, at=now, error_reason=reason.strip())
    record.refresh_from_db()
    return record


def _end(record: MedicalRecord, status: str, *, by: User, at: Any, **more: Any) -> None:
    MedicalRecord.objects.filter(pk=record.pk).update(status=status, ended_at=at, ended_by=by, updated_at=at, **more)


def _write(record: MedicalRecord, given: dict[str, Any]) -> None:
    unknown = set(given) - FIELDS
    if unknown:
        raise TypeError(f"MedicalRecord has no field {sorted(unknown)} to write")
    for name, value in given.items():
        setattr(record, name, value)
    record.clean_fields(exclude=[field.name for field in record._meta.fields if field.name not in given])
    today = (timezone.now() + _EARLIEST_ZONE).date()
    raise_if(rules.why_not_recorded_on(record.recorded_on, birth_date=record.patient.birth_date, today=today))


def _has_consent(patient: Patient, scope: str, *, by: User) -> bool:
    """Whether the patient has consented to this doctor's reading records of the type, and is in their care."""
    if by.role != Role.DOCTOR:
        return False
    grants = ConsentGrant.objects.that_open_to(by, timezone.now())
    return grants.filter(patient=patient, scopes__contains=[scope]).exists()


def _file(patient: Patient, pk: UUID, *, by: User) -> StoredFile:
    """What this person uploaded, and has put into no other patient's record."""
    file: Any = media.medical_file(pk, by=by, field="file_ids")
    if RecordFile.objects.filter(file=file).exclude(record__patient=patient).exists():
        raise Invalid(errors={"file_ids": [_("This file belongs to another patient's record.")]})
    return file


def _attach(record: MedicalRecord, files: Sequence[StoredFile]) -> None:
    raise_if(rules.why_too_many_files(len(files)))
    rows = [RecordFile(record=record, file=file, position=number) for number, file in enumerate(files)]
    RecordFile.objects.bulk_create(rows)

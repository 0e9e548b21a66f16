"""Decisions about medical records."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.common.exceptions import DomainError, Forbidden, Invalid

#: Roles that add to patients' records.
WRITERS = frozenset({Role.PATIENT, Role.DOCTOR, Role.COORDINATOR})
#: Roles that read what the patient has consented to, their own, or everything.
READERS = frozenset({Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN})
MAX_FILES = 50


def why_not_add_record(patient: Any, *, is_shared: bool, has_consent: bool, by: Any) -> DomainError | None:
    """Patients add to their own record, a doctor to that of a patient in their care who has consented to records of
    the type, a coordinator what a patient has sent to them. Only the patient keeps one from being shared."""
    if by.role not in WRITERS or (by.role == Role.PATIENT and patient.user_id != by.pk):
        return Forbidden()
    if by.role == Role.DOCTOR and not has_consent:
        return exceptions.RecordConsentNeeded()
    return why_not_share(patient, is_shared=is_shared, was_shared=True, by=by)


def why_not_share(patient: Any, *, is_shared: bool, was_shared: bool, by: Any) -> DomainError | None:
    """Whether a record may be shared is the patient's own decision."""
    if is_shared == was_shared or patient.user_id == by.pk:
        return None
    return exceptions.SharingIsThePatients()


def why_not_correct(record: Any, *, current: Any, version: int, has_consent: bool, by: Any) -> DomainError | None:
    """A record is corrected by whoever uploaded it while they could add it, or by a platform admin; in its newest
    version only, and by somebody who has seen that one."""
    refusal = _why_not_keep(record, by=by)
    if refusal:
        return refusal
    if by.role == Role.DOCTOR and not has_consent:
        return exceptions.RecordConsentNeeded()
    if current is None or (record.pk == current.pk and record.status != "current"):
        return exceptions.RecordNotCurrent()
    if record.pk != current.pk or version != current.version:
        return exceptions.StaleRecord(data={"version": current.version, "current_id": str(current.pk)})
    return None


def why_not_mark_as_error(record: Any, *, reason: str, by: Any) -> DomainError | None:
    """A record is marked by whoever uploaded it, or by a platform admin, with a reason; it is kept."""
    refusal = _why_not_keep(record, by=by)
    if refusal:
        return refusal
    if not reason.strip():
        return Invalid(errors={"reason": [_("Say why.")]})
    return None if record.status == "current" else exceptions.RecordNotCurrent()


def _why_not_keep(record: Any, *, by: Any) -> DomainError | None:
    if by.role == Role.ADMIN or record.uploaded_by_id == by.pk:
        return None
    return exceptions.NotTheUploader()


def why_not_recorded_on(day: date, *, birth_date: date | None, today: date) -> DomainError | None:
    """An examination took place in the patient's life, and not in the future. `today` is the latest day that it is
    anywhere."""
    if day > today:
        return Invalid(errors={"recorded_on": [_("This day lies in the future.")]})
    if birth_date and day < birth_date:
        return Invalid(errors={"recorded_on": [_("This day lies before the patient's birth.")]})
    return None


def why_too_many_files(count: int) -> DomainError | None:
    """A record has at most fifty files."""
    if count > MAX_FILES:
        return Invalid(errors={"file_ids": [_("At most %(count)d files.") % {"count": MAX_FILES}]})
    return None

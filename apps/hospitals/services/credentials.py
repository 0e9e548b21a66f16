"""Verbs on what a doctor studied, is licensed for, and proves it by. All of them hold their doctor's lock.

A paper is named by the id of an upload (`document_id`, `file_id`). One that hangs on the doctor already may be named
again by whoever keeps the profile; any other is one's own upload, or anyone's for an admin.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.hospitals import notifications, rules, signals
from apps.hospitals.models import Doctor, DoctorDocument, Licence, Qualification
from apps.hospitals.workflow import Verification
from apps.media import selectors as media
from apps.media.models import StoredFile

from . import texts

QUALIFICATION_TEXTS = frozenset({"name", "institution"})
QUALIFICATION_FIELDS = frozenset({"country", "year", "document"})
LICENCE_FIELDS = frozenset({"number", "country", "authority", "issued_on", "expires_on", "document"})


@transaction.atomic
def add_licence(doctor: Doctor, *, by: User | None, **given: Any) -> Licence:
    """The licence waits for an admin; one that was approved before counts on until its last day.

    Raises Forbidden, LicenceExists, TooManyPapers, Invalid.
    """
    doctor = Doctor.objects.lock(doctor.pk)
    return _add(doctor, given, by=by, field="")


def propose_licences(doctor: Doctor, licences: Sequence[Mapping[str, Any]], *, by: User | None) -> None:
    """The licences wait for an admin. The caller holds the doctor's lock. Raises as `add_licence`."""
    for index, given in enumerate(licences):
        _add(doctor, given, by=by, field=f"licences.{index}.")


def _add(doctor: Doctor, given: Mapping[str, Any], *, by: User | None, field: str) -> Licence:
    licence = Licence(doctor=doctor)
    _write(licence, given, by=by, field=field)
    refusal = rules.why_not_add_licence(doctor, licence, Licence.objects.filter(doctor=doctor), by=by)
    if refusal:
        raise refusal
    licence.save()
    return licence


@transaction.atomic
def update_licence(licence: Licence, *, by: User | None, **changes: Any) -> Licence:
    """The licence says what `changes` say; one that was rejected waits again when the doctor corrects it. Another last
    day is warned of anew. Raises Forbidden, LicenceApproved, LicenceExists, Invalid."""
    doctor = Doctor.objects.lock(licence.doctor_id)
    licence = Licence.objects.get(pk=licence.pk)
    expired_on, identity = licence.expires_on, _identity(licence)
    _write(licence, changes, by=by, field="")
    others = Licence.objects.filter(doctor=doctor).exclude(pk=licence.pk)
    if _identity(licence) == identity:
        others = others.none()  # a paper or a word more makes it no other licence
    refusal = rules.why_not_change_licence(doctor, licence, others, by=by)
    if refusal:
        raise refusal
    if licence.expires_on != expired_on:
        licence.told_days = None
    licence.save()
    if licence.verification == Verification.REJECTED and by is not None and by.pk == doctor.user_id:
        licence.decide(Verification.PENDING, reason="", at=timezone.now())
    if licence.verification == Verification.APPROVED:
        signals.practice_changed.send(sender=Licence, doctor_ids=[doctor.pk])
    return licence


def _identity(licence: Licence) -> tuple[str, str, date | None]:
    """What tells a licence from the doctor's others."""
    return licence.number, str(licence.country), licence.expires_on


@transaction.atomic
def remove_licence(licence: Licence, *, by: User | None) -> None:
    """The licence is gone. Raises Forbidden, LicenceApproved."""
    doctor = Doctor.objects.lock(licence.doctor_id)
    licence = Licence.objects.get(pk=licence.pk)
    refusal = rules.why_not_remove_licence(doctor, licence, by=by)
    if refusal:
        raise refusal
    licence.delete()


@transaction.atomic
def verify_licence(licence: Licence, *, by: User | None, verification: str, reason: str = "") -> Licence:
    """The licence is approved and counts, or is rejected with a reason and counts no more; the doctor is told, and
    bookings hear of it. Raises MoveNotAllowed when it is so already, Forbidden, ReasonRequired, LicenceLapsed."""
    now = timezone.now()
    doctor = Doctor.objects.lock(licence.doctor_id)
    licence = Licence.objects.get(pk=licence.pk)
    refusal = rules.why_not_verify_licence(licence, verification, by=by, reason=reason, today=now.date())
    if refusal:
        raise refusal
    licence.decide(verification, reason=reason.strip(), at=now)
    doctor.refresh_from_db(fields=["licensed_until"])
    licence.doctor = doctor
    if verification == Verification.APPROVED:
        notifications.licence_approved(licence, at=now)
    else:
        is_licensed = doctor.licensed_until is not None and doctor.licensed_until >= now.date()
        notifications.licence_rejected(licence, is_licensed=is_licensed, at=now)
    signals.practice_changed.send(sender=Licence, doctor_ids=[doctor.pk])
    return licence


def settle_licences(doctor: Doctor, verification: str, *, by: User | None, reason: str, at: datetime) -> None:
    """The licences that wait are decided with their doctor; of an approved doctor those that have lapsed wait on. The
    caller holds the doctor's lock."""
    for licence in Licence.objects.filter(doctor=doctor, verification=Verification.PENDING):
        if verification == Verification.REJECTED or not rules.is_lapsed(licence, at.date()):
            licence.decide(verification, reason=reason, at=at)


def resubmit_licences(doctor: Doctor, *, at: datetime) -> None:
    """What was rejected and has not lapsed waits again with its doctor. The caller holds the doctor's lock."""
    licences = list(Licence.objects.filter(doctor=doctor))
    for licence in licences:
        is_rejected = licence.verification == Verification.REJECTED and not rules.is_lapsed(licence, at.date())
        others = [other for other in licences if other.verification != Verification.REJECTED]
        if is_rejected and rules.why_not_change_licence(doctor, licence, others, by=None) is None:
            licence.decide(Verification.PENDING, reason="", at=at)


def replace_qualifications(doctor: Doctor, qualifications: Sequence[Mapping[str, Any]], *, by: User | None) -> None:
    """The profile shows these degrees and no others. One that is named by its `id` stays, with its diploma unless
    another is given. The caller holds the doctor's lock. Raises Invalid."""
    present = {row.pk: row for row in Qualification.objects.filter(doctor=doctor)}
    kept = set()
    for index, degree in enumerate(qualifications):
        field, given = f"qualifications.{index}.", dict(degree)
        pk = given.pop("id", None)
        if pk is not None and (pk not in present or pk in kept):
            raise Invalid(errors={f"{field}id": [_("There is no such qualification.")]})
        row = present[pk] if pk is not None else Qualification(doctor=doctor)
        if "document_id" in given:
            given["document"] = _paper(doctor, given.pop("document_id"), by=by, field=f"{field}document_id")
        texts.write(row, given, texts=QUALIFICATION_TEXTS, plain=QUALIFICATION_FIELDS)
        texts.require_english(row, ["name"])
        row.save()
        kept.add(row.pk)
    Qualification.objects.filter(doctor=doctor).exclude(pk__in=kept).delete()


@transaction.atomic
def add_document(doctor: Doctor, *, by: User | None, kind: str, file_id: UUID) -> DoctorDocument:
    """An admin who verifies the doctor sees the paper. One that is there already stays one.

    Raises Forbidden, TooManyPapers, Invalid.
    """
    doctor = Doctor.objects.lock(doctor.pk)
    return propose_documents(doctor, [{"kind": kind, "file_id": file_id}], by=by, field="file_id")[0]


def propose_documents(
    doctor: Doctor, documents: Sequence[Mapping[str, Any]], *, by: User | None, field: str = ""
) -> list[DoctorDocument]:
    """The papers are part of the doctor's file. The caller holds the doctor's lock. Raises as `add_document`."""
    present = set(DoctorDocument.objects.filter(doctor=doctor).values_list("file", flat=True))
    added = []
    for index, given in enumerate(documents):
        refusal = rules.why_not_add_document(doctor, len(present - {given["file_id"]}), by=by)
        if refusal:
            raise refusal
        file = _paper(doctor, given["file_id"], by=by, field=field or f"documents.{index}.file_id")
        document, _created = DoctorDocument.objects.update_or_create(
            doctor=doctor, file=file, defaults={"kind": given["kind"]}
        )
        present.add(given["file_id"])
        added.append(document)
    return added


@transaction.atomic
def remove_document(document: DoctorDocument, *, by: User | None) -> None:
    """The paper is no longer part of the doctor's file; the upload is cleaned up. Raises Forbidden,
    VerifiedFieldsLocked."""
    doctor = Doctor.objects.lock(document.doctor_id)
    refusal = rules.why_not_remove_document(doctor, by=by)
    if refusal:
        raise refusal
    DoctorDocument.objects.filter(pk=document.pk).delete()


def _write(licence: Licence, given: Mapping[str, Any], *, by: User | None, field: str) -> None:
    given = dict(given)
    if "document_id" in given:
        given["document"] = _paper(licence.doctor, given.pop("document_id"), by=by, field=f"{field}document_id")
    texts.write(licence, given, texts=(), plain=LICENCE_FIELDS)
    if licence.issued_on and licence.expires_on and licence.expires_on < licence.issued_on:
        raise Invalid(errors={f"{field}expires_on": [_("The end lies before the beginning.")]})


def _paper(doctor: Doctor, pk: UUID | None, *, by: User | None, field: str) -> StoredFile | None:
    if pk is None:
        return None
    if by is None or pk in _papers_of(doctor):
        return StoredFile.objects.documents().get(pk=pk)
    return media.document(pk, by=by, field=field)


def _papers_of(doctor: Doctor) -> Collection[UUID]:
    """The files that hang on the doctor already."""
    licences = Licence.objects.filter(doctor=doctor).values_list("document", flat=True)
    degrees = Qualification.objects.filter(doctor=doctor).values_list("document", flat=True)
    others = DoctorDocument.objects.filter(doctor=doctor).values_list("file", flat=True)
    return set(licences.union(degrees, others))

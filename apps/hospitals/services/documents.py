"""Verbs on the papers by which a hospital is verified. They hold the hospital's lock."""

from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.hospitals import rules
from apps.hospitals.models import Hospital, HospitalDocument

from . import files
from .hospitals import is_staff_of


@transaction.atomic
def add_hospital_document(hospital: Hospital, *, by: User | None, kind: str, file_id: UUID) -> HospitalDocument:
    """An admin who verifies the hospital sees the paper. One that is there already stays one, of the kind said now.

    Raises Forbidden, TooManyHospitalPapers, Invalid.
    """
    hospital = Hospital.objects.lock(hospital.pk)
    others = HospitalDocument.objects.filter(hospital=hospital).exclude(file=file_id)
    refusal = rules.why_not_add_hospital_document(others.count(), by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    file = files.paper(hospital, file_id, by=by, field="file_id")
    document, _created = HospitalDocument.objects.update_or_create(
        hospital=hospital, file=file, defaults={"kind": kind}
    )
    return document


@transaction.atomic
def remove_hospital_document(document: HospitalDocument, *, by: User | None) -> None:
    """The paper is no longer part of the hospital's file; the upload is cleaned up. Raises Forbidden,
    HospitalPapersLocked."""
    hospital = Hospital.objects.lock(document.hospital_id)
    refusal = rules.why_not_remove_hospital_document(hospital, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    HospitalDocument.objects.filter(pk=document.pk).delete()

"""Who changes a hospital's page, what it needs to be verified, and what hangs on it."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden, Invalid, Text
from apps.hospitals import exceptions
from apps.hospitals.models import Accreditation, Hospital
from apps.hospitals.workflow import VERIFICATION, Verification

from . import verification as verifying

MAX_ACCREDITATIONS = 30
MAX_IMAGES = 30
MAX_HOSPITAL_DOCUMENTS = 20


def why_not_keep_hospital(*, by: User | None, is_own: bool) -> DomainError | None:
    """Admins keep every hospital's page, and its staff their own."""
    if by is None or by.role == Role.ADMIN or (by.role == Role.HOSPITAL_ADMIN and is_own):
        return None
    return Forbidden()


def why_not_change_hospital(fields: Collection[str], *, by: User | None, is_own: bool) -> DomainError | None:
    """Admins keep every hospital's page and its staff their own; only an admin activates or deactivates it."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    if refusal is None and by is not None and by.role != Role.ADMIN and "is_active" in fields:
        return exceptions.ActivationByAdminOnly()
    return refusal


def missing_for_submission(hospital: Any, *, specialty_count: int, document_count: int) -> dict[str, list[Text]]:
    """A hospital submits a page with a description in English, its place and time zone, a phone number or an e-mail
    address, a specialty, and a document by which it can be verified."""
    missing = {
        "description": not hospital.description_en,
        "address": not hospital.address,
        "city": not hospital.city_en,
        "country": not hospital.country,
        "time_zone": not hospital.time_zone,
        "contact": not (hospital.phone or hospital.email),
        "specialties": not specialty_count,
        "documents": not document_count,
    }
    return {name: [_("This is missing.")] for name, is_missing in missing.items() if is_missing}


def why_not_submit_hospital(
    hospital: Hospital, missing: dict[str, list[Text]], *, by: User | None, is_own: bool
) -> DomainError | None:
    """The hospital's own staff submit a complete page, once, and again after a rejection."""
    if by is not None and not (by.role == Role.HOSPITAL_ADMIN and is_own):
        return Forbidden()
    is_draft = hospital.verification == Verification.PENDING and hospital.onboarded_at is None
    refusal = None if is_draft else VERIFICATION.why_not_move(hospital.verification, Verification.PENDING)
    if refusal:
        return refusal
    return exceptions.PageIncomplete(errors=missing) if missing else None


def why_not_add_accreditation(
    accreditation: Accreditation, others: Collection[Accreditation], *, by: User | None, is_own: bool
) -> DomainError | None:
    """A hospital names each accreditation once, and not more of them than one reads."""
    refusal = why_not_change_accreditation(accreditation, others, by=by, is_own=is_own)
    if refusal is None and len(others) >= MAX_ACCREDITATIONS:
        return exceptions.TooManyAccreditations(count=MAX_ACCREDITATIONS)
    return refusal


def why_not_change_accreditation(
    accreditation: Accreditation, others: Collection[Accreditation], *, by: User | None, is_own: bool
) -> DomainError | None:
    """No two accreditations of a hospital have one body and one number. `accreditation` is as it is to be."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    if refusal:
        return refusal
    same = (accreditation.body_id, accreditation.number)
    if any((other.body_id, other.number) == same for other in others):
        return exceptions.AccreditationExists()
    if accreditation.issued_on and accreditation.expires_on and accreditation.expires_on < accreditation.issued_on:
        return Invalid(errors={"expires_on": [_("The end lies before the beginning.")]})
    return None


def waits_again(accreditation: Accreditation, *, by: User | None) -> bool:
    """What an admin decided of an accreditation holds no more once the hospital's staff have changed it; a platform
    admin's own correction stands."""
    is_decided = accreditation.verification != Verification.PENDING
    return is_decided and by is not None and by.role != Role.ADMIN


def why_not_verify_accreditation(
    accreditation: Accreditation, verification: str, *, by: User | None, reason: str, today: date
) -> DomainError | None:
    """An accreditation that has lapsed is not approved."""
    refusal = verifying.why_not_decide(accreditation, verification, by=by, reason=reason)
    if refusal is None and verification == Verification.APPROVED and verifying.is_lapsed(accreditation, today):
        return exceptions.AccreditationLapsed(expired_on=accreditation.expires_on)
    return refusal


def why_not_add_image(file_id: UUID, present: Collection[UUID], *, by: User | None, is_own: bool) -> DomainError | None:
    """A gallery has at most 30 pictures, each once. `present` are the files in it."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    if refusal:
        return refusal
    if file_id in present:
        return Invalid(errors={"file_id": [_("This picture is in the gallery already.")]})
    return exceptions.GalleryFull(count=MAX_IMAGES) if len(present) >= MAX_IMAGES else None


def why_not_order_images(
    wanted: Sequence[UUID], present: Collection[UUID], *, by: User | None, is_own: bool
) -> DomainError | None:
    """The new order names every picture of the gallery once: one that was made before a colleague added or removed a
    picture is refused."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    if refusal:
        return refusal
    if len(set(wanted)) != len(wanted):
        return Invalid(errors={"ids": [_("Name each picture once.")]})
    return exceptions.GalleryChanged() if set(wanted) != set(present) else None


def why_not_add_hospital_document(count: int, *, by: User | None, is_own: bool) -> DomainError | None:
    """Staff add papers to their hospital's file, and admins to any, up to a number."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    if refusal is None and count >= MAX_HOSPITAL_DOCUMENTS:
        return exceptions.TooManyHospitalPapers(count=MAX_HOSPITAL_DOCUMENTS)
    return refusal


def why_not_remove_hospital_document(hospital: Hospital, *, by: User | None, is_own: bool) -> DomainError | None:
    """Once a hospital is approved, the papers that it rests on are removed by an admin only."""
    refusal = why_not_keep_hospital(by=by, is_own=is_own)
    is_staff = by is not None and by.role != Role.ADMIN
    if refusal is None and is_staff and hospital.verification == Verification.APPROVED:
        return exceptions.HospitalPapersLocked()
    return refusal

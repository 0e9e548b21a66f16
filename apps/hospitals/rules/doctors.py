"""Who changes a doctor's profile, and the papers with it."""

from collections.abc import Collection
from datetime import date

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden
from apps.hospitals import exceptions
from apps.hospitals.models import Doctor, Licence
from apps.hospitals.workflow import VERIFICATION, Verification

from . import verification as verifying

#: What an admin looked at when approving a doctor.
VERIFIED_FIELDS = frozenset({"specialty"})
MAX_LICENCES = 10
MAX_QUALIFICATIONS = 30
MAX_DOCUMENTS = 20


def _is_keeper(doctor: Doctor, by: User | None) -> bool:
    """A doctor keeps their own profile, an admin everyone's."""
    return by is None or by.role == Role.ADMIN or by.pk == doctor.user_id


def why_not_onboard(doctor: Doctor, *, by: User | None) -> DomainError | None:
    """A doctor completes their own profile, once and before it is approved; an admin may do it for them."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    if doctor.onboarded_at is not None:
        return exceptions.AlreadyOnboarded()
    if doctor.verification == Verification.APPROVED and by is not None and by.role != Role.ADMIN:
        return exceptions.VerifiedFieldsLocked()
    return None


def why_not_submit(
    doctor: Doctor, licences: Collection[Licence], *, by: User | None, today: date
) -> DomainError | None:
    """A doctor who was rejected submits a profile that is complete by now again, with a licence that has not lapsed."""
    if by is not None and by.pk != doctor.user_id:
        return Forbidden()
    refusal = VERIFICATION.why_not_move(doctor.verification, Verification.PENDING, by.role if by else None)
    if refusal:
        return refusal
    current = [licence for licence in licences if not verifying.is_lapsed(licence, today)]
    missing = verifying.missing_for_approval(doctor, current, rejected_count=True)
    return exceptions.ProfileIncomplete(errors=missing) if missing else None


def why_not_change_doctor(doctor: Doctor, fields: Collection[str], *, by: User | None) -> DomainError | None:
    """Doctors keep their own profile; once approved, the specialty is changed by an admin, and so is always whether the
    profile is active."""
    if by is None or by.role == Role.ADMIN:
        return None
    if by.pk != doctor.user_id:
        return Forbidden()
    if "is_active" in fields:
        return exceptions.ActivationByAdminOnly()
    if doctor.verification == Verification.APPROVED and VERIFIED_FIELDS & set(fields):
        return exceptions.VerifiedFieldsLocked()
    return None


def why_not_add_licence(
    doctor: Doctor, licence: Licence, others: Collection[Licence], *, by: User | None
) -> DomainError | None:
    """Doctors add their own licences at any time, each once, a few waiting at a time. One that was approved is renewed
    by another with the same number and a later last day."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    waiting = [other for other in others if other.verification == Verification.PENDING]
    if len(waiting) >= MAX_LICENCES:
        return exceptions.TooManyPapers()
    return exceptions.LicenceExists() if any(_is_in_the_way(licence, other) for other in others) else None


def _is_in_the_way(licence: Licence, other: Licence) -> bool:
    """The same licence in another row that waits, or lasts as long already."""
    if other.pk == licence.pk or (other.country, other.number) != (licence.country, licence.number):
        return False
    if other.expires_on == licence.expires_on or other.verification == Verification.PENDING:
        return True
    return other.verification == Verification.APPROVED and (
        other.expires_on is None or (licence.expires_on is not None and licence.expires_on <= other.expires_on)
    )


def why_not_change_licence(
    doctor: Doctor, licence: Licence, others: Collection[Licence], *, by: User | None
) -> DomainError | None:
    """A doctor corrects a licence until it is approved; an admin corrects any. `licence` is as it is to be."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    if licence.verification == Verification.APPROVED and not (by is None or by.role == Role.ADMIN):
        return exceptions.LicenceApproved()
    return exceptions.LicenceExists() if any(_is_in_the_way(licence, other) for other in others) else None


def why_not_remove_licence(doctor: Doctor, licence: Licence, *, by: User | None) -> DomainError | None:
    """A licence is removed while it waits or after it was rejected; what was approved stays to be read."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    return exceptions.LicenceApproved() if licence.verification == Verification.APPROVED else None


def why_not_add_document(doctor: Doctor, count: int, *, by: User | None) -> DomainError | None:
    """Doctors add papers to their own file, and admins to anyone's, up to a number."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    return exceptions.TooManyPapers() if count >= MAX_DOCUMENTS else None


def why_not_remove_document(doctor: Doctor, *, by: User | None) -> DomainError | None:
    """Once a doctor is approved, the papers that it rests on are removed by an admin only."""
    if not _is_keeper(doctor, by):
        return Forbidden()
    if doctor.verification == Verification.APPROVED and by is not None and by.role != Role.ADMIN:
        return exceptions.VerifiedFieldsLocked()
    return None

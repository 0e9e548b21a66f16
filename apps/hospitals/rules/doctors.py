"""Who changes a doctor's profile."""

from collections.abc import Collection

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden
from apps.hospitals import exceptions
from apps.hospitals.models import Doctor
from apps.hospitals.workflow import Verification

#: What an admin looked at when approving a doctor.
VERIFIED_FIELDS = frozenset({"specialty"})
MAX_LICENCES = 10
MAX_QUALIFICATIONS = 30


def why_not_onboard(doctor: Doctor, *, by: User | None) -> DomainError | None:
    """A doctor completes their own profile, once and before it is approved; an admin may do it for them."""
    if by is not None and by.role != Role.ADMIN and by.pk != doctor.user_id:
        return Forbidden()
    if doctor.onboarded_at is not None:
        return exceptions.AlreadyOnboarded()
    if doctor.verification == Verification.APPROVED and by is not None and by.role != Role.ADMIN:
        return exceptions.VerifiedFieldsLocked()
    return None


def why_not_change_doctor(doctor: Doctor, fields: Collection[str], *, by: User | None) -> DomainError | None:
    """Doctors keep their own profile; once approved, licence and specialty are changed by an admin, and so is always
    whether the profile is active."""
    if by is None or by.role == Role.ADMIN:
        return None
    if by.pk != doctor.user_id:
        return Forbidden()
    if "is_active" in fields:
        return exceptions.ActivationByAdminOnly()
    if doctor.verification == Verification.APPROVED and VERIFIED_FIELDS & set(fields):
        return exceptions.VerifiedFieldsLocked()
    return None

"""Every decision of the directory. Pure: given rows and the day, they return a refusal or None."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden, Invalid, Text

from . import exceptions
from .models import Affiliation, Doctor, Hospital
from .workflow import AFFILIATION, VERIFICATION, AffiliationStatus, Verification

#: What an admin looked at when approving a doctor.
VERIFIED_FIELDS = frozenset({"specialty", "licence_number", "licence_country", "licence_expires_on"})
MAX_PROPOSED_AFFILIATIONS = 10


def why_not_decide(
    subject: Hospital | Doctor, verification: str, *, by: User | None, reason: str
) -> DomainError | None:
    """Platform admins approve and reject hospitals and doctors.

    A rejection, also of someone approved before, needs a reason.
    """
    refusal = VERIFICATION.why_not_move(subject.verification, verification, by.role if by else None)
    if refusal:
        return refusal
    if verification == Verification.REJECTED and not reason.strip():
        return exceptions.ReasonRequired(errors={"reason": [exceptions.ReasonRequired.message]})
    return None


def missing_for_approval(doctor: Doctor) -> dict[str, list[Text]]:
    """A doctor can be approved who has given a specialty, a licence number and the licence's country."""
    required = ("specialty_id", "licence_number", "licence_country")
    return {name.removesuffix("_id"): [_("This is missing.")] for name in required if not getattr(doctor, name)}


def is_licence_lapsed(doctor: Doctor, today: date) -> bool:
    """A licence is good through the day it expires on; one without a date does not lapse."""
    return doctor.licence_expires_on is not None and doctor.licence_expires_on < today


def why_not_verify_doctor(
    doctor: Doctor, verification: str, *, by: User | None, reason: str, today: date
) -> DomainError | None:
    """Only a complete profile with a licence that has not lapsed is approved."""
    refusal = why_not_decide(doctor, verification, by=by, reason=reason)
    if refusal or verification != Verification.APPROVED:
        return refusal
    missing = missing_for_approval(doctor)
    if missing:
        return exceptions.ProfileIncomplete(errors=missing)
    if is_licence_lapsed(doctor, today):
        return exceptions.LicenceLapsed(expired_on=doctor.licence_expires_on)
    return None


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


def why_not_change_hospital(fields: Collection[str], *, by: User | None, is_own: bool) -> DomainError | None:
    """Admins keep every hospital's page and its staff their own; only an admin activates or deactivates it."""
    if by is None or by.role == Role.ADMIN:
        return None
    if by.role != Role.HOSPITAL_ADMIN or not is_own:
        return Forbidden()
    if "is_active" in fields:
        return exceptions.ActivationByAdminOnly()
    return None


def why_not_affiliate(hospital: Hospital, existing: Affiliation | None) -> DomainError | None:
    """A doctor joins an active hospital once; one that the doctor proposed and that waits is taken up instead."""
    if not hospital.is_active:
        return exceptions.HospitalNotActive()
    if existing is not None and existing.status == AffiliationStatus.ACTIVE:
        return exceptions.AlreadyAffiliated()
    return None


def why_not_activate(affiliation: Affiliation, doctor: Doctor, *, by: User | None) -> DomainError | None:
    """What waits is activated by an admin or the hospital's staff, once the doctor is verified."""
    refusal = AFFILIATION.why_not_move(affiliation.status, AffiliationStatus.ACTIVE, by.role if by else None)
    if refusal:
        return refusal
    if doctor.verification != Verification.APPROVED:
        return exceptions.DoctorNotVerified()
    return None


def why_not_change_affiliation(affiliation: Affiliation) -> DomainError | None:
    """What has ended or was rejected stays as it was."""
    if AFFILIATION.is_final(affiliation.status):
        return exceptions.AffiliationOver()
    return None


def why_not_end_affiliation(affiliation: Affiliation, *, by: User | None) -> DomainError | None:
    """An active affiliation is ended, a waiting one rejected, by an admin or the hospital's staff."""
    waiting = affiliation.status == AffiliationStatus.PENDING
    target = AffiliationStatus.REJECTED if waiting else AffiliationStatus.ENDED
    return AFFILIATION.why_not_move(affiliation.status, target, by.role if by else None)


def why_not_propose(count: int, primaries: int, distinct: int) -> DomainError | None:
    """A new doctor proposes a few hospitals, each once, and at most one of them as primary."""
    if count > MAX_PROPOSED_AFFILIATIONS:
        return Invalid(
            errors={
                "affiliations": [
                    ngettext("At most %(count)d hospital.", "At most %(count)d hospitals.", MAX_PROPOSED_AFFILIATIONS)
                    % {"count": MAX_PROPOSED_AFFILIATIONS}
                ]
            }
        )
    if primaries > 1:
        return Invalid(errors={"affiliations": [_("At most one hospital is the primary one.")]})
    if distinct < count:
        return Invalid(errors={"affiliations": [_("Each hospital once.")]})
    return None

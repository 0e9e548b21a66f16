"""Who practises where."""

from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.hospitals import exceptions
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AFFILIATION, AffiliationStatus, Awaiting, Verification

MAX_PROPOSED_AFFILIATIONS = 10


def awaiting(affiliation: Affiliation, doctor: Doctor) -> Awaiting | None:
    """A waiting affiliation lacks the doctor's word first, then the doctor's verification, then the hospital's word."""
    if affiliation.status != AffiliationStatus.PENDING:
        return None
    if affiliation.doctor_agreed_at is None:
        return Awaiting.DOCTOR
    if doctor.verification != Verification.APPROVED:
        return Awaiting.VERIFICATION
    return Awaiting.HOSPITAL


def takes_effect(affiliation: Affiliation, doctor: Doctor) -> bool:
    """Once both sides have agreed and the doctor is verified."""
    both_agreed = affiliation.doctor_agreed_at is not None and affiliation.hospital_agreed_at is not None
    return both_agreed and doctor.verification == Verification.APPROVED


def speaks_for_both(by: User | None) -> bool:
    """A platform admin's word stands for the doctor's and the hospital's."""
    return by is None or by.role == Role.ADMIN


def why_not_affiliate(hospital: Hospital, existing: Affiliation | None) -> DomainError | None:
    """A doctor joins an active hospital once; one that the doctor proposed and that waits is taken up instead."""
    if not hospital.is_active:
        return exceptions.HospitalNotActive()
    if existing is not None and existing.status == AffiliationStatus.ACTIVE:
        return exceptions.AlreadyAffiliated()
    return None


def why_not_propose_more(
    doctor: Doctor, hospital: Hospital, existing: Affiliation | None, waiting: int, *, by: User | None
) -> DomainError | None:
    """Doctors propose themselves, to an active hospital once, and to a few at a time."""
    if not speaks_for_both(by) and (by is None or by.pk != doctor.user_id):
        return Forbidden()
    if not hospital.is_active:
        return exceptions.HospitalNotActive()
    if existing is not None and (existing.status == AffiliationStatus.ACTIVE or existing.doctor_agreed_at is not None):
        return exceptions.AlreadyAffiliated()
    return _too_many() if existing is None and waiting >= MAX_PROPOSED_AFFILIATIONS else None


def why_not_confirm(
    affiliation: Affiliation, doctor: Doctor, hospital: Hospital, *, by: User | None
) -> DomainError | None:
    """The doctor alone gives the doctor's word, while the affiliation waits and its hospital is active."""
    if by is not None and by.pk != doctor.user_id:
        return Forbidden()
    if affiliation.status == AffiliationStatus.PENDING and not hospital.is_active:
        return exceptions.HospitalNotActive()
    return AFFILIATION.why_not_move(affiliation.status, AffiliationStatus.ACTIVE)


def why_not_decline(affiliation: Affiliation, doctor: Doctor, *, by: User | None) -> DomainError | None:
    """The doctor declines what a hospital asks, or takes a proposal back, while it waits."""
    if by is not None and by.pk != doctor.user_id:
        return Forbidden()
    return AFFILIATION.why_not_move(affiliation.status, AffiliationStatus.REJECTED)


def why_not_activate(affiliation: Affiliation, doctor: Doctor, *, by: User | None) -> DomainError | None:
    """What waits is activated by an admin or the hospital's staff, once the doctor is verified; staff need the doctor's
    word."""
    refusal = AFFILIATION.why_not_move(affiliation.status, AffiliationStatus.ACTIVE, by.role if by else None)
    if refusal:
        return refusal
    if by is not None and by.role == Role.DOCTOR:
        return Forbidden()
    if affiliation.doctor_agreed_at is None and not speaks_for_both(by):
        return exceptions.DoctorNotAgreed()
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
    refusal = AFFILIATION.why_not_move(affiliation.status, target, by.role if by else None)
    return refusal or (Forbidden() if by is not None and by.role == Role.DOCTOR else None)


def why_no_room(active: int, limit: int | None) -> DomainError | None:
    """A hospital has as many active doctors as its plan allows; who practises there already stays."""
    if limit is None or active < limit:
        return None
    return exceptions.DoctorLimitReached(limit=limit)


def is_over(affiliation: Affiliation, today: date) -> bool:
    """An affiliation lasts through its last day on the hospital's calendar."""
    return affiliation.ends_on is not None and affiliation.ends_on < today


def why_not_propose(count: int, primaries: int, distinct: int) -> DomainError | None:
    """A new doctor proposes a few hospitals, each once, and at most one of them as primary."""
    if count > MAX_PROPOSED_AFFILIATIONS:
        return _too_many()
    if primaries > 1:
        return Invalid(errors={"affiliations": [_("At most one hospital is the primary one.")]})
    if distinct < count:
        return Invalid(errors={"affiliations": [_("Each hospital once.")]})
    return None


def _too_many() -> Invalid:
    message = ngettext("At most %(count)d hospital.", "At most %(count)d hospitals.", MAX_PROPOSED_AFFILIATIONS)
    return Invalid(errors={"affiliations": [message % {"count": MAX_PROPOSED_AFFILIATIONS}]})

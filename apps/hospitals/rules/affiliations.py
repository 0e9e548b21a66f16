"""Who practises where."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.common.exceptions import DomainError, Invalid
from apps.hospitals import exceptions
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AFFILIATION, AffiliationStatus, Verification

MAX_PROPOSED_AFFILIATIONS = 10


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

"""Who is verified, and by what."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import DomainError, Text
from apps.hospitals import exceptions
from apps.hospitals.models import Accreditation, Doctor, Hospital, Licence
from apps.hospitals.workflow import VERIFICATION, Verification


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


def missing_for_approval(doctor: Doctor, licences: Collection[Licence]) -> dict[str, list[Text]]:
    """A doctor can be approved who has given a specialty and a licence."""
    missing = {"specialty": doctor.specialty_id is None, "licences": not licences}
    return {name: [_("This is missing.")] for name, is_missing in missing.items() if is_missing}


def is_lapsed(credential: Licence | Accreditation, today: date) -> bool:
    """A licence or an accreditation is good through the day it expires on; one without a date does not lapse."""
    return credential.expires_on is not None and credential.expires_on < today


def why_not_verify_doctor(
    doctor: Doctor, verification: str, licences: Collection[Licence], *, by: User | None, reason: str, today: date
) -> DomainError | None:
    """Only a complete profile with a licence that has not lapsed is approved."""
    refusal = why_not_decide(doctor, verification, by=by, reason=reason)
    if refusal or verification != Verification.APPROVED:
        return refusal
    missing = missing_for_approval(doctor, licences)
    if missing:
        return exceptions.ProfileIncomplete(errors=missing)
    if all(is_lapsed(licence, today) for licence in licences):
        return exceptions.LicenceLapsed(expired_on=max(licence.expires_on for licence in licences))
    return None

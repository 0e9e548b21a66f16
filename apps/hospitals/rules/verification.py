"""Who is verified, and by what."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import DomainError, Forbidden, Text
from apps.hospitals import exceptions
from apps.hospitals.models import Accreditation, Doctor, Hospital, Licence
from apps.hospitals.workflow import VERIFICATION, Verification

#: A credential's holder is warned when so many days or fewer are left, once each.
WARN_DAYS = (90, 60, 30)
#: What `told_days` says of a credential whose lapse was told.
LAPSED = 0


def why_not_decide(
    subject: Hospital | Doctor | Licence | Accreditation, verification: str, *, by: User | None, reason: str
) -> DomainError | None:
    """Platform admins approve and reject hospitals, doctors, licences and accreditations.

    A rejection, also of someone approved before, needs a reason.
    """
    refusal = VERIFICATION.why_not_move(subject.verification, verification, by.role if by else None)
    if refusal:
        return refusal
    if verification == Verification.PENDING:  # that is what the other side does, by submitting or correcting
        return Forbidden()
    if verification == Verification.REJECTED and not reason.strip():
        return exceptions.ReasonRequired(errors={"reason": [exceptions.ReasonRequired.message]})
    return None


def missing_for_approval(
    doctor: Doctor, licences: Collection[Licence], *, rejected_count: bool = False
) -> dict[str, list[Text]]:
    """A doctor can be approved who has given a specialty and a licence that was not rejected."""
    given = [licence for licence in licences if rejected_count or licence.verification != Verification.REJECTED]
    missing = {"specialty": doctor.specialty_id is None, "licences": not given}
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
    given = [licence for licence in licences if licence.verification != Verification.REJECTED]
    if all(is_lapsed(licence, today) for licence in given):
        return exceptions.LicenceLapsed(expired_on=max(licence.expires_on for licence in given if licence.expires_on))
    return None


def why_not_verify_licence(
    licence: Licence, verification: str, *, by: User | None, reason: str, today: date
) -> DomainError | None:
    """A licence that has lapsed is not approved."""
    refusal = why_not_decide(licence, verification, by=by, reason=reason)
    if refusal is None and verification == Verification.APPROVED and is_lapsed(licence, today):
        return exceptions.LicenceLapsed(expired_on=licence.expires_on)
    return refusal


def warning_due(expires_on: date, today: date) -> int | None:
    """The warning that is due: the nearest of 90, 60 and 30 days that the days left do not exceed, LAPSED after the
    last day, or None while there is time. After weeks without warnings the nearest alone is given."""
    days = (expires_on - today).days
    if days < 0:
        return LAPSED
    return min((limit for limit in WARN_DAYS if days <= limit), default=None)


def next_warning(told_days: int | None, expires_on: date, today: date) -> int | None:
    """The warning to give now, if any: each is given once, and none after a nearer one."""
    due = warning_due(expires_on, today)
    return due if due is not None and (told_days is None or due < told_days) else None

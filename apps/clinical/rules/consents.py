"""Decisions about consent: who gives it, for how long, on which text; and about opening a record in an emergency."""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.models import ConsentGrant, EmergencyAccess, Guardian, Patient
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.hospitals.models import Doctor
from apps.hospitals.workflow import Verification

from .patients import is_minor

#: A consent for a period lasts no longer.
LONGEST = timedelta(days=2 * 365)
#: Live consents of one patient.
MAX_LIVE_CONSENTS = 100
#: What goes with each kind of grantee: the field that names them. Medivoy's coordinators as a whole need no name.
NAMED_BY = {"doctor": "doctor_id", "hospital": "hospital_id", "coordinator": "coordinator_id", "coordination": ""}

EMERGENCY_LASTS = timedelta(hours=2)
#: So often a doctor opens records without consent within `EMERGENCY_WINDOW`.
MAX_EMERGENCIES = 3
EMERGENCY_WINDOW = timedelta(hours=24)
MIN_EMERGENCY_REASON = 20
_LETTER = re.compile(r"[^\W\d_]")


def why_not_consent(patient: Patient, guardian: Guardian | None, *, by: User, today: date) -> DomainError | None:
    """Patients consent themselves; nobody does it for them. For a patient under 18 a guardian consents, and is named;
    for an adult nobody else does."""
    if by.role != Role.PATIENT or patient.user_id != by.pk:
        return Forbidden()
    if is_minor(patient, today=today) and guardian is None:
        return exceptions.GuardianMustConsent(errors={"guardian_id": [exceptions.GuardianMustConsent.message]})
    if guardian is not None and not is_minor(patient, today=today):
        return Invalid(errors={"guardian_id": [_("An adult consents alone.")]})
    return None


def why_not_grantee(grantee: str, named: Collection[str]) -> DomainError | None:
    """A consent is given to one doctor, one hospital, one coordinator, or to all of Medivoy's coordinators."""
    wanted = NAMED_BY[grantee]
    errors: dict[str, list[Any]] = {}
    if wanted and wanted not in named:
        errors[wanted] = [_("Say to whom.")]
    for name in sorted(set(named) - {wanted}):
        errors[name] = [_("This does not go with “grantee”.")]
    return Invalid(errors=errors) if errors else None


def why_not_consent_period(
    starts_at: datetime, until: datetime | None, *, is_for_care: bool, now: datetime
) -> DomainError | None:
    """A consent is for a period of at most two years that is not over yet, or for the care of one appointment or
    booking, or for both: then it ends with what ends first."""
    if until is None:
        return None if is_for_care else Invalid(errors={"until": [_("Say until when, or for the care of what.")]})
    if until <= max(starts_at, now):
        return Invalid(errors={"until": [_("This lies before the beginning, or in the past.")]})
    if until - starts_at > LONGEST or starts_at - now > LONGEST:
        return Invalid(errors={"until": [_("A consent lasts two years at most. You can give it again.")]})
    return None


def why_not_consent_text(version: int, newest: int | None) -> DomainError | None:
    """People agree to the newest text only: it is what they are shown."""
    if newest is None:
        return exceptions.NoConsentText()
    return None if version == newest else exceptions.ConsentTextOutdated(data={"text_version": newest})


def why_too_many_consents(count: int) -> DomainError | None:
    return exceptions.TooManyConsents(count=MAX_LIVE_CONSENTS) if count >= MAX_LIVE_CONSENTS else None


def why_not_revoke(grant: ConsentGrant, *, by: User) -> DomainError | None:
    """The patient withdraws a consent; a platform admin when the patient asks them to."""
    is_own = by.role == Role.PATIENT and grant.patient.user_id == by.pk
    return None if is_own or by.is_platform_admin else Forbidden()


def why_not_emergency(doctor: Doctor | None, reason: str, *, today: date) -> DomainError | None:
    """A verified doctor whose licence has not lapsed opens a record in an emergency, and says why in words."""
    if doctor is None or doctor.verification != Verification.APPROVED or not doctor.is_active:
        return exceptions.MayNotOpenInEmergency()
    if doctor.licensed_until is None or doctor.licensed_until < today:
        return exceptions.MayNotOpenInEmergency()
    if len(_LETTER.findall(reason)) < MIN_EMERGENCY_REASON:
        return Invalid(errors={"reason": [_("Please say why in words: 20 letters at least.")]})
    return None


def why_too_many_emergencies(begun: Collection[datetime], *, now: datetime) -> DomainError | None:
    """Three times within 24 hours: whoever needs more than that is not in an emergency."""
    recent = sorted(at for at in begun if at > now - EMERGENCY_WINDOW)
    if len(recent) < MAX_EMERGENCIES:
        return None
    wait = recent[-MAX_EMERGENCIES] + EMERGENCY_WINDOW - now
    return exceptions.TooManyEmergencies(retry_after=max(1, int(wait.total_seconds()) + 1))


def why_not_review_emergency(emergency: EmergencyAccess, verdict: str, note: str, *, by: User) -> DomainError | None:
    """A platform admin says once whether it was right to open the record; that it was not, with the reason."""
    if not by.is_platform_admin:
        return Forbidden()
    if emergency.verdict:
        return exceptions.EmergencyReviewed()
    if verdict not in EmergencyAccess.Verdict.values:
        return Invalid(errors={"verdict": [_("Say whether it was justified.")]})
    if verdict == EmergencyAccess.Verdict.NOT_JUSTIFIED and not note.strip():
        return Invalid(errors={"review_note": [_("Please say why.")]})
    return None

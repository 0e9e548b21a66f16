"""Consent: given by the patient on the newest text, withdrawn at any time; and the texts themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions, notifications, rules
from apps.clinical.models import CareRelationship, ConsentGrant, ConsentText, Patient
from apps.common import audit
from apps.common.exceptions import Invalid, NotFound, raise_if
from apps.hospitals.models import Doctor, Hospital

NOBODY = _("There is nobody of this kind.")


@transaction.atomic
def give_consent(
    patient_id: UUID,
    *,
    by: User,
    grantee: str,
    scopes: Sequence[str],
    text_version: int,
    language: str,
    doctor_id: UUID | None = None,
    hospital_id: UUID | None = None,
    coordinator_id: UUID | None = None,
    guardian_id: UUID | None = None,
    subject_type: str = "",
    subject_id: UUID | None = None,
    starts_at: datetime | None = None,
    until: datetime | None = None,
) -> ConsentGrant:
    """The grantee may see what `scopes` name, from `starts_at` (now) until `until`, or for as long as the care of the
    subject lasts, whichever ends first. The patient gets a receipt, the grantee is told.

    Raises NotFound, Forbidden, Invalid, GuardianMustConsent, NoConsentText, ConsentTextOutdated, NotInCare,
    TooManyConsents.
    """
    now = timezone.now()
    patient = _locked_patient(patient_id, by)
    starts_at = max(starts_at or now, now)
    named = {"doctor_id": doctor_id, "hospital_id": hospital_id, "coordinator_id": coordinator_id}
    guardian = patient.guardians.filter(pk=guardian_id).first() if guardian_id else None
    if guardian_id and guardian is None:
        raise Invalid(errors={"guardian_id": [_("The patient has no such guardian.")]})
    raise_if(rules.why_not_consent(patient, guardian, by=by, today=now.date()))
    raise_if(rules.why_not_grantee(grantee, {name for name, value in named.items() if value is not None}))
    raise_if(rules.why_not_consent_period(starts_at, until, is_for_care=subject_id is not None, now=now))
    text = ConsentText.objects.newest(now)
    raise_if(rules.why_not_consent_text(text_version, text.version if text else None))
    who = _grantee(by, now, doctor_id=doctor_id, hospital_id=hospital_id, coordinator_id=coordinator_id)
    if subject_id is not None:
        _check_care(patient, subject_type, subject_id, who, now)
    raise_if(rules.why_too_many_consents(patient.grants.live(now).count()))
    grant = ConsentGrant.objects.create(
        patient=patient,
        grantee=grantee,
        scopes=sorted(set(scopes)),
        subject_type=subject_type if subject_id else "",
        subject_id=subject_id,
        starts_at=starts_at,
        ends_at=until,
        text=text,
        language=language,
        given_by=by,
        guardian=guardian,
        given_at=now,
        address=audit.current()["address"] or None,
        **who,
    )
    notifications.consent_given(grant)
    return grant


@transaction.atomic
def revoke_consent(patient_id: UUID, grant_id: UUID, *, by: User) -> ConsentGrant:
    """The grant opens nothing from the next query on. Withdrawn already, it stays as it is and nobody is told again.

    Raises NotFound, Forbidden.
    """
    now = timezone.now()
    grants = ConsentGrant.objects.visible_to(by).filter(patient=patient_id)
    if not grants.filter(pk=grant_id).exists():
        raise NotFound()
    grant: ConsentGrant = ConsentGrant.objects.select_related("patient__user").lock(grant_id)
    raise_if(rules.why_not_revoke(grant, by=by))
    if grant.revoked_at is None:
        grant.revoked_at, grant.revoked_by = now, by
        grant.save(update_fields=["revoked_at", "revoked_by", "updated_at"])
        notifications.consent_revoked(grant)
    return grant


@transaction.atomic
def save_consent_texts(rows: Iterable[Mapping[str, Any]]) -> int:
    """The versions that are not there yet are published. Those that are there stay, word for word: an answer given to
    one must be found again."""
    now = timezone.now()
    versions = 0
    for row in rows:
        versions += 1
        bodies = {f"body_{language}": text for language, text in row["body"].items()}
        if not ConsentText.objects.filter(version=row["version"]).exists():
            ConsentText.objects.create(version=row["version"], published_at=now, **bodies)
    return versions


def _locked_patient(patient_id: UUID, by: User) -> Patient:
    patients = Patient.objects.visible_to(by)
    if not patients.filter(pk=patient_id).exists():
        raise NotFound()
    patient: Patient = Patient.objects.lock(patient_id)
    return patient


def _grantee(
    by: User, now: datetime, *, doctor_id: UUID | None, hospital_id: UUID | None, coordinator_id: UUID | None
) -> dict[str, Any]:
    """Whom the ids name, among those that a patient can know of. Raises Invalid."""
    found: dict[str, Any] = {}
    if doctor_id is not None:
        found["doctor"] = Doctor.objects.readable_by(by, now.date()).filter(pk=doctor_id).first()
    if hospital_id is not None:
        found["hospital"] = Hospital.objects.readable_by(by).filter(pk=hospital_id).first()
    if coordinator_id is not None:
        found["coordinator"] = User.objects.filter(pk=coordinator_id, role=Role.COORDINATOR, is_active=True).first()
    errors = {f"{name}_id": [NOBODY] for name, row in found.items() if row is None}
    if errors:
        raise Invalid(errors=errors)
    return found


def _check_care(patient: Patient, subject_type: str, subject_id: UUID, who: Mapping[str, Any], now: datetime) -> None:
    """The subject is a present care of this patient by the doctor or hospital of the consent. Raises NotInCare."""
    care = CareRelationship.objects.live(now).filter(patient=patient, subject_type=subject_type, subject_id=subject_id)
    carers = {name: who[name] for name in ("doctor", "hospital") if name in who}
    if not care.filter(**carers).exists():
        raise exceptions.NotInCare()

"""Opening a record without consent in an emergency (“break-glass”), and its review."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import notifications, rules
from apps.clinical.models import EmergencyAccess, Patient
from apps.common import throttling
from apps.common.exceptions import NotFound, raise_if
from apps.hospitals.models import Doctor

#: Whom a doctor may look for by address and birth date; so that nobody asks for everybody.
LOOKUPS = throttling.Limit("emergency.lookup", attempts=10, seconds=3600)


@transaction.atomic
def open_in_emergency(
    *, by: User, reason: str, patient_id: UUID | None = None, email: str = "", birth_date: date | None = None
) -> tuple[EmergencyAccess, bool]:
    """The doctor reads this one patient's record for two hours, and writes nothing. The patient and the privacy
    reviewers are alerted. While one is live, asking again gives the same one back; the second value is whether it is
    new.

    Raises MayNotOpenInEmergency, Invalid, NotFound, TooManyEmergencies, TooMany.
    """
    now = timezone.now()
    reason = reason.strip()
    doctor = Doctor.objects.filter(user=by).first()
    raise_if(rules.why_not_emergency(doctor, reason, today=now.date()))
    assert doctor is not None  # noqa: S101  the rule has refused otherwise
    Doctor.objects.lock(doctor.pk)  # so that two requests at once are counted one after the other
    patient = _patient(by, patient_id, email, birth_date)
    live = EmergencyAccess.objects.live(now, by=by).filter(patient=patient).first()
    if live is not None:
        return live, False
    since = now - rules.EMERGENCY_WINDOW
    begun = EmergencyAccess.objects.filter(doctor=doctor, starts_at__gt=since).values_list("starts_at", flat=True)
    raise_if(rules.why_too_many_emergencies(list(begun), now=now))
    emergency = EmergencyAccess.objects.create(
        patient=patient, doctor=doctor, reason=reason, starts_at=now, ends_at=now + rules.EMERGENCY_LASTS
    )
    notifications.emergency_opened(emergency, reviewers=_reviewers())
    return emergency, True


@transaction.atomic
def review_emergency(emergency_id: UUID, *, by: User, verdict: str, note: str = "") -> EmergencyAccess:
    """It is said whether it was right to open the record. One that was not ends at once where it still lasts, and the
    patient is told.

    Raises NotFound, Forbidden, EmergencyReviewed, Invalid.
    """
    now = timezone.now()
    if not EmergencyAccess.objects.visible_to(by).filter(pk=emergency_id).exists():
        raise NotFound()
    emergency: EmergencyAccess = EmergencyAccess.objects.select_related("patient__user", "doctor").lock(emergency_id)
    raise_if(rules.why_not_review_emergency(emergency, verdict, note, by=by))
    emergency.verdict, emergency.review_note = verdict, note.strip()
    emergency.reviewed_at, emergency.reviewed_by = now, by
    if verdict == EmergencyAccess.Verdict.NOT_JUSTIFIED:
        emergency.ends_at = min(emergency.ends_at, now)
    emergency.save(update_fields=["verdict", "review_note", "reviewed_at", "reviewed_by", "ends_at", "updated_at"])
    if verdict == EmergencyAccess.Verdict.NOT_JUSTIFIED:
        notifications.emergency_not_justified(emergency)
    return emergency


def _patient(by: User, patient_id: UUID | None, email: str, birth_date: date | None) -> Patient:
    """By id, or by e-mail address and birth date together. Raises NotFound."""
    patients = Patient.objects.filter(erased_at=None).select_related("user")
    if patient_id is not None:
        patient = patients.filter(pk=patient_id).first()
    else:
        LOOKUPS.take(str(by.pk))
        patient = patients.filter(user__email=email.strip().lower(), birth_date=birth_date).first()
    if patient is None:
        raise NotFound()
    return patient


def _reviewers() -> list[User]:
    return list(User.objects.filter(role=Role.ADMIN, is_active=True))

"""Verbs on hospitals."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import Invalid
from apps.hospitals import notifications, rules, signals
from apps.hospitals.models import Affiliation, Hospital, HospitalDocument, HospitalStaff
from apps.hospitals.workflow import Verification

from . import files, texts

TEXTS = frozenset({"name", "city", "description"})
PLAIN = frozenset(
    {
        "type", "country", "address", "latitude", "longitude", "time_zone", "currency", "phone", "email", "website",
        "founded_year", "beds", "is_active", "logo", "cover",
    }
)  # fmt: skip


@transaction.atomic
def create_hospital(
    *,
    by: User | None,
    name: texts.Texts,
    city: texts.Texts,
    country: str,
    time_zone: str,
    currency: str,
    specialties: Collection[str] = (),
    **details: Any,
) -> Hospital:
    """The hospital exists, waits for verification and is not listed. `specialties` are codes; logo and cover are named
    by `logo_id` and `cover_id`. Raises Invalid."""
    hospital = Hospital()
    given = {"name": name, "city": city, "country": country, "time_zone": time_zone, "currency": currency, **details}
    _write(hospital, given, by=by)
    hospital.save()
    hospital.specialties.set(texts.specialties_by_code(specialties, "specialties"))
    return hospital


@transaction.atomic
def update_hospital(hospital: Hospital, *, by: User | None, **changes: Any) -> Hospital:
    """The hospital's page says what `changes` say; the rest stays. Raises Forbidden, Invalid."""
    hospital = Hospital.objects.lock(hospital.pk)
    refusal = rules.why_not_change_hospital(changes, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    specialties = changes.pop("specialties", None)
    was_active = hospital.is_active
    _write(hospital, changes, by=by)
    hospital.save()
    if specialties is not None:
        hospital.specialties.set(texts.specialties_by_code(specialties, "specialties"))
    if hospital.is_active != was_active:
        _tell_of_practice(hospital)
    return hospital


@transaction.atomic
def submit_hospital(hospital: Hospital, *, by: User | None) -> Hospital:
    """The page is complete and waits for verification, also after a rejection; platform admins are told.

    Raises Forbidden, MoveNotAllowed when it waits already or is approved, PageIncomplete.
    """
    now = timezone.now()
    hospital = Hospital.objects.lock(hospital.pk)
    missing = rules.missing_for_submission(
        hospital,
        specialty_count=hospital.specialties.count(),
        document_count=HospitalDocument.objects.filter(hospital=hospital).count(),
    )
    refusal = rules.why_not_submit_hospital(hospital, missing, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    hospital.onboarded_at = now
    hospital.save(update_fields=["onboarded_at", "updated_at"])
    if hospital.verification == Verification.REJECTED:
        hospital.decide(Verification.PENDING, reason="", at=now)
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    notifications.hospital_submitted(hospital, admins, at=now)
    return hospital


@transaction.atomic
def verify_hospital(hospital: Hospital, *, by: User | None, verification: str, reason: str = "") -> Hospital:
    """The hospital is approved (and, while active, listed) or rejected with a reason; its staff are told.

    Raises MoveNotAllowed when it is so already, Forbidden, ReasonRequired.
    """
    now = timezone.now()
    hospital = Hospital.objects.lock(hospital.pk)
    refusal = rules.why_not_decide(hospital, verification, by=by, reason=reason)
    if refusal:
        raise refusal
    hospital.decide(verification, reason=reason.strip(), at=now)
    _tell_of_practice(hospital)
    for member in User.objects.filter(hospital_links__hospital=hospital, is_active=True):
        if verification == Verification.APPROVED:
            notifications.hospital_approved(hospital, member, at=now)
        else:
            notifications.hospital_rejected(hospital, member, at=now)
    return hospital


@transaction.atomic
def deactivate_hospital(hospital: Hospital, *, by: User | None) -> Hospital:
    """The hospital is off the list; its records, doctors and appointments stay. Once more changes nothing."""
    hospital = Hospital.objects.lock(hospital.pk)
    refusal = rules.why_not_change_hospital({"is_active"}, by=by, is_own=False)
    if refusal:
        raise refusal
    if hospital.is_active:
        hospital.is_active = False
        hospital.save(update_fields=["is_active", "updated_at"])
        _tell_of_practice(hospital)
    return hospital


def is_staff_of(hospital: Hospital, by: User | None) -> bool:
    """Whether the person works for this hospital."""
    return by is not None and Hospital.objects.staffed_by(by).filter(pk=hospital.pk).exists()


def _write(hospital: Hospital, changes: Mapping[str, Any], *, by: User | None) -> None:
    changes = dict(changes)
    for name in ("logo", "cover"):
        if f"{name}_id" in changes:
            changes[name] = files.picture(hospital, changes.pop(f"{name}_id"), by=by, field=f"{name}_id")
    texts.write(hospital, changes, texts=TEXTS, plain=PLAIN)
    texts.require_english(hospital, ["name", "city"])


def _tell_of_practice(hospital: Hospital) -> None:
    """The hospital is listed now, or is no more: that concerns all who practise there."""
    doctors = Affiliation.objects.active().filter(hospital=hospital).order_by().values_list("doctor", flat=True)
    signals.practice_changed.send(sender=Hospital, doctor_ids=set(doctors))


@transaction.atomic
def add_staff(hospital: Hospital, user: User, *, by: User | None) -> HospitalStaff:
    """The person works in the admin for this hospital. Raises Invalid for someone of another role."""
    if user.role != Role.HOSPITAL_ADMIN:
        raise Invalid(errors={"user": [_("This person's role is not “Hospital staff”.")]})
    link, _created = HospitalStaff.objects.get_or_create(hospital=hospital, user=user)
    return link


@transaction.atomic
def remove_staff(hospital: Hospital, user: User, *, by: User | None) -> None:
    """The person works for this hospital no more. Once more changes nothing."""
    HospitalStaff.objects.filter(hospital=hospital, user=user).delete()

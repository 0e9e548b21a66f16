"""Verbs on doctors."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.hospitals import notifications, rules, signals
from apps.hospitals.models import Doctor, Licence
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.media import selectors as media

from . import affiliations, credentials, texts

TEXTS = frozenset({"title", "bio"})
PLAIN = frozenset(
    {
        "practising_since", "consultation_fee", "currency", "languages", "offers_teleconsult", "is_active", "portrait",
    }
)  # fmt: skip


@transaction.atomic
def open_profile(user: User) -> Doctor:
    """The person has a doctor's profile: empty, waiting, not listed. Once more changes nothing."""
    doctor, _created = Doctor.objects.get_or_create(user=user, defaults={"title_en": "Dr."})
    return doctor


@transaction.atomic
def onboard_doctor(
    doctor: Doctor,
    *,
    by: User | None,
    licences: Sequence[Mapping[str, Any]] = (),
    qualifications: Sequence[Mapping[str, Any]] = (),
    documents: Sequence[Mapping[str, Any]] = (),
    proposals: Sequence[Mapping[str, Any]] = (),
    **profile: Any,
) -> Doctor:
    """The profile is complete and waits for verification, with the licences, the papers and the affiliations that the
    doctor names.

    `profile` holds the fields by name, texts by language, `specialty` by its code, the portrait by `portrait_id`.
    Raises Forbidden, AlreadyOnboarded, VerifiedFieldsLocked, LicenceExists, TooManyPapers, Invalid.
    """
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    refusal = rules.why_not_onboard(doctor, by=by)
    if refusal:
        raise refusal
    _write(doctor, profile, by=by)
    credentials.propose_licences(doctor, licences, by=by)
    credentials.replace_qualifications(doctor, qualifications, by=by)
    credentials.propose_documents(doctor, documents, by=by)
    missing = rules.missing_for_approval(doctor, Licence.objects.filter(doctor=doctor))
    if missing:
        raise Invalid(errors=missing)
    doctor.onboarded_at = now
    doctor.save()
    if doctor.verification == Verification.REJECTED:
        doctor.decide(Verification.PENDING, reason="", at=now)
    affiliations.propose(doctor, proposals, at=now)
    return doctor


@transaction.atomic
def submit_doctor(doctor: Doctor, *, by: User | None, proposals: Sequence[Mapping[str, Any]] = ()) -> Doctor:
    """Whom an admin rejected waits for verification again, with the licences that were rejected and what `proposals`
    name. Raises Forbidden, MoveNotAllowed, ProfileIncomplete, Invalid."""
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    refusal = rules.why_not_submit(doctor, Licence.objects.filter(doctor=doctor), by=by, today=now.date())
    if refusal:
        raise refusal
    doctor.onboarded_at = doctor.onboarded_at or now
    doctor.save(update_fields=["onboarded_at", "updated_at"])
    doctor.decide(Verification.PENDING, reason="", at=now)
    credentials.resubmit_licences(doctor, at=now)
    affiliations.propose(doctor, proposals, at=now)
    return doctor


@transaction.atomic
def update_doctor(doctor: Doctor, *, by: User | None, **changes: Any) -> Doctor:
    """The profile says what `changes` say; the rest stays. Raises Forbidden, VerifiedFieldsLocked, Invalid."""
    doctor = Doctor.objects.lock(doctor.pk)
    refusal = rules.why_not_change_doctor(doctor, changes, by=by)
    if refusal:
        raise refusal
    qualifications = changes.pop("qualifications", None)
    if qualifications is not None:
        credentials.replace_qualifications(doctor, qualifications, by=by)
    _write(doctor, changes, by=by)
    doctor.save()
    return doctor


@transaction.atomic
def verify_doctor(doctor: Doctor, *, by: User | None, verification: str, reason: str = "") -> Doctor:
    """The doctor is approved, with the licences that waited and the affiliations the doctor agreed to, and listed; or
    rejected with a reason, and they too. The doctor and the hospitals are told.

    Raises MoveNotAllowed when it is so already, Forbidden, ReasonRequired, ProfileIncomplete, LicenceLapsed.
    """
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    refusal = rules.why_not_verify_doctor(
        doctor, verification, Licence.objects.filter(doctor=doctor), by=by, reason=reason, today=now.date()
    )
    if refusal:
        raise refusal
    doctor.decide(verification, reason=reason.strip(), at=now)
    credentials.settle_licences(doctor, verification, by=by, reason=reason.strip(), at=now)
    if verification == Verification.APPROVED:
        affiliations.settle_pending(doctor, AffiliationStatus.ACTIVE, by=by, at=now)
        notifications.doctor_approved(doctor, at=now)
    else:
        affiliations.settle_pending(doctor, AffiliationStatus.REJECTED, by=by, at=now)
        notifications.doctor_rejected(doctor, at=now)
    signals.practice_changed.send(sender=Doctor, doctor_ids=[doctor.pk])
    return doctor


@transaction.atomic
def deactivate_doctor(doctor: Doctor, *, by: User | None) -> Doctor:
    """The doctor is off the list and takes no new appointments; the account and the appointments stay.

    Once more changes nothing.
    """
    doctor = Doctor.objects.lock(doctor.pk)
    refusal = rules.why_not_change_doctor(doctor, {"is_active"}, by=by)
    if refusal:
        raise refusal
    if doctor.is_active:
        doctor.is_active = False
        doctor.save(update_fields=["is_active", "updated_at"])
    return doctor


def set_bookable(doctor_ids: Collection[UUID], is_bookable: bool) -> None:
    """The list says whether the doctors take appointments. bookings calls it when what this hangs on changes."""
    Doctor.objects.filter(pk__in=doctor_ids).exclude(is_bookable=is_bookable).update(is_bookable=is_bookable)


def _write(doctor: Doctor, changes: Mapping[str, Any], *, by: User | None) -> None:
    changes = dict(changes)
    if "specialty" in changes:
        code = changes.pop("specialty")
        doctor.specialty = texts.specialties_by_code([code], "specialty")[0] if code else None
    portrait_id = changes.pop("portrait_id", doctor.portrait_id)
    if portrait_id != doctor.portrait_id:
        doctor.portrait = media.picture(portrait_id, by=by, field="portrait_id")
    refusal = None
    if doctor.consultation_fee is not None:
        refusal = rules.why_not_change_currency(doctor, changes, field="consultation_fee")
    if refusal:
        raise refusal
    texts.write(doctor, changes, texts=TEXTS, plain=PLAIN)
    if doctor.consultation_fee is None or not {"consultation_fee", "currency"} & set(changes):
        return
    if not doctor.currency:
        raise Invalid(errors={"currency": [_("A fee needs a currency.")]})
    refusal = rules.why_wrong_price(
        doctor.consultation_fee, doctor.currency, field="consultation_fee", may_be_zero=True
    )
    if refusal:
        raise refusal

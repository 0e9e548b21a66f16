"""Verbs on affiliations. All of them hold their doctor's lock."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import DomainError, Invalid, NotFound, raise_if
from apps.hospitals import exceptions, notifications, rules, signals
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AffiliationStatus, Verification

from . import texts

TEXTS = frozenset({"department", "position"})
PLAIN = frozenset({"is_primary", "starts_on", "ends_on"})


@transaction.atomic
def add_affiliation(hospital: Hospital, doctor: Doctor, *, by: User | None, **details: Any) -> Affiliation:
    """The hospital shows the doctor once both agree: at once when an admin adds or the doctor had proposed it, else
    when the doctor confirms; and never before the doctor is verified. The other side is told.

    `details` are department and position by language, is_primary, starts_on and ends_on. What waits already is taken
    up with those that are given, and keeps the others. Raises HospitalNotActive, AlreadyAffiliated, PrimaryTaken,
    DoctorLimitReached, Invalid.
    """
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    existing = Affiliation.objects.live().filter(doctor=doctor, hospital=hospital).first()
    refusal = rules.why_not_affiliate(hospital, existing)
    if refusal:
        raise refusal
    if details.get("is_primary") and _has_primary(doctor, but_not=existing):
        raise exceptions.PrimaryTaken(errors={"is_primary": [exceptions.PrimaryTaken.message]})
    affiliation = existing or Affiliation(doctor=doctor, hospital=hospital)
    texts.write(affiliation, details, texts=TEXTS, plain=PLAIN)
    _check_days(affiliation.starts_on, affiliation.ends_on)
    affiliation.hospital_agreed_at = affiliation.hospital_agreed_at or now
    if rules.speaks_for_both(by):
        affiliation.doctor_agreed_at = affiliation.doctor_agreed_at or now
    affiliation.save()
    affiliation.doctor, affiliation.hospital = doctor, hospital
    if rules.takes_effect(affiliation, doctor):
        _begin(affiliation, by=by, at=now)
    if affiliation.doctor_agreed_at is None:
        notifications.affiliation_offered(affiliation)
    else:
        notifications.affiliation_added(affiliation)
    return affiliation


@transaction.atomic
def propose_affiliation(doctor: Doctor, *, by: User | None, hospital_id: UUID, **details: Any) -> Affiliation:
    """The affiliation waits for the hospital, which is told, or for the doctor's verification; where the hospital has
    asked for the doctor already it takes effect. Raises Forbidden, HospitalNotActive, AlreadyAffiliated,
    DoctorLimitReached, Invalid."""
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    hospital = Hospital.objects.listed().filter(pk=hospital_id).first()
    if hospital is None:
        raise Invalid(errors={"hospital_id": [_("There is no such hospital.")]})
    existing = Affiliation.objects.live().filter(doctor=doctor, hospital=hospital).first()
    waiting = Affiliation.objects.pending().filter(doctor=doctor, doctor_agreed_at__isnull=False).count()
    refusal = rules.why_not_propose_more(doctor, hospital, existing, waiting, by=by)
    if refusal:
        raise refusal
    affiliation = existing or Affiliation(doctor=doctor, hospital=hospital)
    affiliation.doctor, affiliation.hospital = doctor, hospital
    texts.write(affiliation, details, texts=TEXTS, plain=PLAIN)
    _check_days(affiliation.starts_on, affiliation.ends_on)
    affiliation.doctor_agreed_at = now
    affiliation.save()
    if rules.takes_effect(affiliation, doctor):
        _begin(affiliation, by=by, at=now)
    elif doctor.verification == Verification.APPROVED:
        notifications.affiliation_proposed(affiliation)
    return affiliation


@transaction.atomic
def confirm_affiliation(affiliation: Affiliation, *, by: User | None) -> Affiliation:
    """The doctor agrees: the affiliation takes effect and the hospital is told, or it waits for the verification.

    Raises Forbidden, MoveNotAllowed, HospitalNotActive, DoctorLimitReached.
    """
    now = timezone.now()
    doctor, affiliation = _locked(affiliation)
    refusal = rules.why_not_confirm(affiliation, doctor, affiliation.hospital, by=by)
    if refusal:
        raise refusal
    affiliation.doctor_agreed_at = affiliation.doctor_agreed_at or now
    affiliation.save(update_fields=["doctor_agreed_at", "updated_at"])
    if rules.takes_effect(affiliation, doctor):
        _begin(affiliation, by=by, at=now)
    return affiliation


@transaction.atomic
def decline_affiliation(affiliation: Affiliation, *, by: User | None) -> Affiliation:
    """The doctor does not join, and the hospital, if it knew, is told. Raises Forbidden, MoveNotAllowed."""
    now = timezone.now()
    doctor, affiliation = _locked(affiliation)
    refusal = rules.why_not_decline(affiliation, doctor, by=by)
    if refusal:
        raise refusal
    affiliation.move_to(AffiliationStatus.REJECTED, by=by, at=now)
    _tell_hospital_that_knew(affiliation, by=by)
    return affiliation


@transaction.atomic
def activate_affiliation(affiliation: Affiliation, *, by: User | None) -> Affiliation:
    """What waited takes effect, and the doctor is told. Where a primary hospital is set already, it stays the one.

    Raises MoveNotAllowed, Forbidden, DoctorNotAgreed, DoctorNotVerified, DoctorLimitReached.
    """
    now = timezone.now()
    doctor, affiliation = _locked(affiliation)
    refusal = rules.why_not_activate(affiliation, doctor, by=by)
    if refusal:
        raise refusal
    affiliation.doctor_agreed_at = affiliation.doctor_agreed_at or now
    affiliation.hospital_agreed_at = affiliation.hospital_agreed_at or now
    _begin(affiliation, by=by, at=now)
    notifications.affiliation_added(affiliation)
    return affiliation


@transaction.atomic
def update_affiliation(affiliation: Affiliation, *, by: User | None, **changes: Any) -> Affiliation:
    """Department, position, dates or the primary flag say what `changes` say.

    Raises AffiliationOver, PrimaryTaken, Invalid.
    """
    doctor, affiliation = _locked(affiliation)
    refusal = rules.why_not_change_affiliation(affiliation)
    if refusal:
        raise refusal
    if changes.get("is_primary") and _has_primary(doctor, but_not=affiliation):
        raise exceptions.PrimaryTaken(errors={"is_primary": [exceptions.PrimaryTaken.message]})
    texts.write(affiliation, changes, texts=TEXTS, plain=PLAIN)
    _check_days(affiliation.starts_on, affiliation.ends_on)
    affiliation.save()
    return affiliation


@transaction.atomic
def end_affiliation(hospital: Hospital, doctor: Doctor, *, by: User | None) -> Affiliation:
    """The doctor practises there no more, from today on the hospital's calendar; what only waited is rejected. Both
    sides are told. Raises NotFound when there is nothing to end."""
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    affiliation = Affiliation.objects.live().filter(doctor=doctor, hospital=hospital).first()
    if affiliation is None:
        raise NotFound()
    refusal = rules.why_not_end_affiliation(affiliation, by=by)
    if refusal:
        raise refusal
    affiliation.doctor, affiliation.hospital = doctor, hospital
    if affiliation.status == AffiliationStatus.PENDING:
        affiliation.move_to(AffiliationStatus.REJECTED, by=by, at=now)
        notifications.affiliation_declined(affiliation)
        _tell_hospital_that_knew(affiliation, by=by)
    else:
        today = _today(hospital, now)
        affiliation.ends_on = max(today, affiliation.starts_on or today)
        _end(affiliation, by=by, at=now)
    return affiliation


@transaction.atomic
def end_if_over(affiliation: Affiliation, *, now: datetime) -> bool:
    """An active affiliation whose last day has passed on the hospital's calendar is ended, and both sides are told.
    Gives whether it was; once more changes nothing."""
    _doctor, affiliation = _locked(affiliation)
    if affiliation.status != AffiliationStatus.ACTIVE:
        return False
    if not rules.is_over(affiliation, _today(affiliation.hospital, now)):
        return False
    _end(affiliation, by=None, at=now)
    return True


def _locked(affiliation: Affiliation) -> tuple[Doctor, Affiliation]:
    """The affiliation as it is now, under its doctor's lock."""
    doctor = Doctor.objects.lock(affiliation.doctor_id)
    affiliation = Affiliation.objects.select_related("hospital").get(pk=affiliation.pk)
    affiliation.doctor = doctor
    return doctor, affiliation


def _begin(affiliation: Affiliation, *, by: User | None, at: datetime) -> None:
    """It takes effect, and the hospital's staff are told. Where a primary hospital is set already, it stays the one.

    Raises DoctorLimitReached."""
    raise_if(_why_no_room(affiliation.hospital))
    doctor = affiliation.doctor
    affiliation.is_primary = affiliation.is_primary and not _has_primary(doctor, but_not=affiliation)
    fields = ["is_primary", "doctor_agreed_at", "hospital_agreed_at"]
    affiliation.move_to(AffiliationStatus.ACTIVE, by=by, at=at, fields=fields)
    signals.practice_changed.send(sender=Affiliation, doctor_ids=[doctor.pk])
    notifications.affiliation_begun(affiliation, by=by)


def _why_no_room(hospital: Hospital) -> DomainError | None:
    """Asked under the hospital's lock, so that of two doctors who join at once one is counted. It is taken after the
    doctor's, and only where there is a limit."""
    if hospital.max_doctors is None:
        return None
    limit = Hospital.objects.lock(hospital.pk).max_doctors
    active = Affiliation.objects.active().filter(hospital=hospital)
    return rules.why_no_room(active.count(), limit)


def _end(affiliation: Affiliation, *, by: User | None, at: datetime) -> None:
    affiliation.move_to(AffiliationStatus.ENDED, by=by, at=at, fields=["ends_on"])
    signals.practice_changed.send(sender=Affiliation, doctor_ids=[affiliation.doctor_id])
    notifications.affiliation_ended(affiliation, at=at)
    notifications.affiliation_over(affiliation, by=by)


def _tell_hospital_that_knew(affiliation: Affiliation, *, by: User | None) -> None:
    """What does not come about is told to the staff of a hospital that had asked, or had been asked."""
    if affiliation.hospital_agreed_at is not None or affiliation.doctor.verification == Verification.APPROVED:
        notifications.affiliation_withdrawn(affiliation, by=by)


def _today(hospital: Hospital, now: datetime) -> date:
    return now.astimezone(ZoneInfo(hospital.time_zone)).date()


def _check_days(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid(errors={"ends_on": [_("The end lies before the beginning.")]})


def propose(doctor: Doctor, proposals: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """What a new doctor proposes waits for the doctor's verification; what a hospital has asked for is agreed to. The
    caller holds the doctor's lock. A proposal names `hospital_id`, and may say department, position, is_primary,
    starts_on. Hospitals hear of it when the doctor is approved: nobody unverified can write to them. Raises Invalid."""
    ids = [proposal["hospital_id"] for proposal in proposals]
    primaries = sum(bool(proposal.get("is_primary")) for proposal in proposals)
    refusal = rules.why_not_propose(len(ids), primaries, len(set(ids)))
    if refusal:
        raise refusal
    known = set(Hospital.objects.listed().filter(pk__in=ids).values_list("pk", flat=True))
    present = {row.hospital_id: row for row in Affiliation.objects.live().filter(doctor=doctor)}
    for index, hospital_id in enumerate(ids):
        if hospital_id not in known:
            raise Invalid(errors={f"affiliations.{index}.hospital_id": [_("There is no such hospital.")]})
    for proposal in proposals:
        affiliation = present.get(proposal["hospital_id"]) or Affiliation(doctor=doctor)
        if affiliation.status == AffiliationStatus.PENDING:
            texts.write(affiliation, proposal, texts=TEXTS, plain=PLAIN | {"hospital_id"})
            affiliation.doctor_agreed_at = affiliation.doctor_agreed_at or at
            affiliation.save()


def settle_pending(doctor: Doctor, status: str, *, by: User | None, at: datetime) -> None:
    """With their doctor, those that the doctor agreed to become active, for the admin's word stands for the hospitals';
    or all that wait are rejected. The hospitals are told. The caller holds the doctor's lock. Where a primary hospital
    is set already, it stays the one. Where the hospital's plan has no room, it waits on, for the hospital's word."""
    waiting = Affiliation.objects.pending().filter(doctor=doctor).select_related("hospital")
    for affiliation in waiting.order_by("-is_primary", "pk"):
        affiliation.doctor = doctor
        if status == AffiliationStatus.REJECTED:
            affiliation.move_to(status, by=by, at=at)
            if affiliation.hospital_agreed_at is not None:
                notifications.affiliation_withdrawn(affiliation, by=by)
        elif affiliation.doctor_agreed_at is not None and _why_no_room(affiliation.hospital):
            affiliation.hospital_agreed_at = None
            affiliation.save(update_fields=["hospital_agreed_at", "updated_at"])
            notifications.affiliation_proposed(affiliation)
        elif affiliation.doctor_agreed_at is not None:
            affiliation.hospital_agreed_at = affiliation.hospital_agreed_at or at
            _begin(affiliation, by=by, at=at)


def _has_primary(doctor: Doctor, but_not: Affiliation | None = None) -> bool:
    primaries = Affiliation.objects.active().filter(doctor=doctor, is_primary=True)
    return (primaries.exclude(pk=but_not.pk) if but_not else primaries).exists()

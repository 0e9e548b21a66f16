"""Verbs on affiliations. All of them hold their doctor's lock."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import Invalid, NotFound
from apps.hospitals import exceptions, notifications, rules, signals
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AffiliationStatus, Verification

from . import texts

TEXTS = frozenset({"department", "position"})
PLAIN = frozenset({"is_primary", "starts_on", "ends_on"})


@transaction.atomic
def add_affiliation(
    hospital: Hospital,
    doctor: Doctor,
    *,
    by: User | None,
    department: texts.Texts | None = None,
    position: texts.Texts | None = None,
    is_primary: bool = False,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Affiliation:
    """The doctor practises at the hospital: at once when approved, else when approval comes; the doctor is told.

    What the doctor proposed and waits is taken up with the details given here. Raises HospitalNotActive,
    AlreadyAffiliated, PrimaryTaken, Invalid.
    """
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    existing = Affiliation.objects.live().filter(doctor=doctor, hospital=hospital).first()
    refusal = rules.why_not_affiliate(hospital, existing)
    if refusal:
        raise refusal
    if is_primary and _has_primary(doctor, but_not=existing):
        raise exceptions.PrimaryTaken(errors={"is_primary": [exceptions.PrimaryTaken.message]})
    _check_days(starts_on, ends_on)
    affiliation = existing or Affiliation(doctor=doctor, hospital=hospital)
    details = {"department": department, "position": position, "is_primary": is_primary}
    texts.write(affiliation, {**details, "starts_on": starts_on, "ends_on": ends_on}, texts=TEXTS, plain=PLAIN)
    affiliation.save()
    if doctor.verification == Verification.APPROVED:
        affiliation.move_to(AffiliationStatus.ACTIVE, by=by, at=now)
        signals.practice_changed.send(sender=Affiliation, doctor_ids=[doctor.pk])
    notifications.affiliation_added(affiliation)
    return affiliation


@transaction.atomic
def activate_affiliation(affiliation: Affiliation, *, by: User | None) -> Affiliation:
    """What waited takes effect, and the doctor is told. Where a primary hospital is set already, it stays the one.

    Raises MoveNotAllowed, Forbidden, DoctorNotVerified.
    """
    now = timezone.now()
    doctor = Doctor.objects.lock(affiliation.doctor_id)
    affiliation = Affiliation.objects.select_related("hospital").get(pk=affiliation.pk)
    refusal = rules.why_not_activate(affiliation, doctor, by=by)
    if refusal:
        raise refusal
    affiliation.is_primary = affiliation.is_primary and not _has_primary(doctor)
    affiliation.move_to(AffiliationStatus.ACTIVE, by=by, at=now, fields=["is_primary"])
    signals.practice_changed.send(sender=Affiliation, doctor_ids=[doctor.pk])
    notifications.affiliation_added(affiliation)
    return affiliation


@transaction.atomic
def update_affiliation(affiliation: Affiliation, *, by: User | None, **changes: Any) -> Affiliation:
    """Department, position, dates or the primary flag say what `changes` say.

    Raises AffiliationOver, PrimaryTaken, Invalid.
    """
    doctor = Doctor.objects.lock(affiliation.doctor_id)
    affiliation = Affiliation.objects.select_related("hospital").get(pk=affiliation.pk)
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
    """The doctor practises there no more, from today on the hospital's calendar; what only waited is rejected. The
    doctor is told. Raises NotFound when there is nothing to end."""
    now = timezone.now()
    doctor = Doctor.objects.lock(doctor.pk)
    affiliation = Affiliation.objects.live().filter(doctor=doctor, hospital=hospital).first()
    if affiliation is None:
        raise NotFound()
    refusal = rules.why_not_end_affiliation(affiliation, by=by)
    if refusal:
        raise refusal
    if affiliation.status == AffiliationStatus.PENDING:
        affiliation.move_to(AffiliationStatus.REJECTED, by=by, at=now)
    else:
        today = now.astimezone(ZoneInfo(hospital.time_zone)).date()
        affiliation.ends_on = max(today, affiliation.starts_on or today)
        affiliation.move_to(AffiliationStatus.ENDED, by=by, at=now, fields=["ends_on"])
        signals.practice_changed.send(sender=Affiliation, doctor_ids=[doctor.pk])
    notifications.affiliation_ended(affiliation, at=now)
    return affiliation


def _check_days(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid(errors={"ends_on": [_("The end lies before the beginning.")]})


def propose(doctor: Doctor, proposals: Sequence[Mapping[str, Any]]) -> None:
    """What a doctor proposes waits for the doctor's verification. The caller holds the doctor's lock. A proposal names
    `hospital_id`, and may say department, position, is_primary, starts_on. Raises Invalid."""
    ids = [proposal["hospital_id"] for proposal in proposals]
    primaries = sum(bool(proposal.get("is_primary")) for proposal in proposals)
    refusal = rules.why_not_propose(len(ids), primaries, len(set(ids)))
    if refusal:
        raise refusal
    known = set(Hospital.objects.listed().filter(pk__in=ids).values_list("pk", flat=True))
    taken = set(Affiliation.objects.live().filter(doctor=doctor).values_list("hospital_id", flat=True))
    for index, hospital_id in enumerate(ids):
        if hospital_id not in known:
            raise Invalid(errors={f"affiliations.{index}.hospital_id": [_("There is no such hospital.")]})
    for proposal in proposals:
        if proposal["hospital_id"] not in taken:
            affiliation = Affiliation(doctor=doctor)
            texts.write(affiliation, proposal, texts=TEXTS, plain=PLAIN | {"hospital_id"})
            affiliation.save()


def settle_pending(doctor: Doctor, status: str, *, by: User | None, at: datetime) -> None:
    """All that wait become active, or rejected, with their doctor. The caller holds the doctor's lock. Where a primary
    hospital is set already, it stays the one."""
    has_primary = _has_primary(doctor)
    for affiliation in Affiliation.objects.pending().filter(doctor=doctor).order_by("-is_primary", "pk"):
        affiliation.is_primary = affiliation.is_primary and not has_primary
        has_primary = has_primary or affiliation.is_primary
        affiliation.move_to(status, by=by, at=at, fields=["is_primary"])


def _has_primary(doctor: Doctor, but_not: Affiliation | None = None) -> bool:
    primaries = Affiliation.objects.active().filter(doctor=doctor, is_primary=True)
    return (primaries.exclude(pk=but_not.pk) if but_not else primaries).exists()

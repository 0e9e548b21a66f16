"""What ends by itself: licences and accreditations by their last day, affiliations by theirs. A job's verbs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import notifications, rules, signals
from apps.hospitals.models import Accreditation, Affiliation, Doctor, Hospital, HospitalStaff, Licence
from apps.hospitals.notifications import Ending
from apps.hospitals.workflow import Verification

from . import affiliations

#: Wall clocks are at most so far ahead of UTC.
AHEAD = timedelta(hours=14)


def end_what_expired() -> dict[str, int]:
    """Everyone concerned has been told of what ends soon or has ended, and what has ended counts no more; how much of
    each there was. Any number of runs, at once or again, tell nobody twice."""
    now = timezone.now()
    return {**tell_of_endings(now), "affiliations": end_affiliations(now)}


@transaction.atomic
def tell_of_endings(now: datetime) -> dict[str, int]:
    """Holders of licences and accreditations are warned 90, 60 and 30 days ahead and told of the lapse, once each;
    platform admins get one message of all. bookings hear of the doctors whose licences lapsed.

    One transaction, so that the admins' message holds all that was told. The rows' keepers are locked first, hospitals
    before doctors, as every verb does; a run at the same time waits and finds nothing left.
    """
    today = now.date()
    accreditations, licences = _due(Accreditation, today), _due(Licence, today)
    _lock(Hospital, accreditations.values("hospital"))
    _lock(Doctor, licences.values("doctor"))
    of_hospitals = _endings(accreditations.select_related("hospital", "body"), today)
    of_doctors = _endings(licences.select_related("doctor__user"), today)
    staff = _staff_of({ending.credential.hospital_id for ending in of_hospitals})
    notifications.accreditations_end(of_hospitals, staff)
    notifications.licences_end(of_doctors, today=today)
    endings = [*of_doctors, *of_hospitals]
    if endings:
        admins = list(User.objects.filter(role=Role.ADMIN, is_active=True))
        notifications.admins_digest(endings, admins, at=now)
    _remember(Accreditation, of_hospitals)
    _remember(Licence, of_doctors)
    lapsed = {ending.credential.doctor_id for ending in of_doctors if ending.has_lapsed}
    if lapsed:
        signals.practice_changed.send(sender=Licence, doctor_ids=lapsed)
    return {"licences": len(of_doctors), "accreditations": len(of_hospitals)}


def end_affiliations(now: datetime) -> int:
    """Active affiliations whose last day has passed at their hospital are ended, each in its own transaction."""
    passed = Affiliation.objects.active().filter(ends_on__lt=(now + AHEAD).date()).select_related("hospital")
    return sum(affiliations.end_if_over(affiliation, now=now) for affiliation in passed.order_by("pk"))


def _due(model: type[Licence] | type[Accreditation], today: date) -> Any:
    """Approved credentials of listed holders of which a warning or the lapse was not told yet, but for those that an
    approved one with a later end has followed."""
    due = Q(expires_on__lt=today) & (Q(told_days=None) | Q(told_days__gt=rules.LAPSED))
    for days in rules.WARN_DAYS:
        near = Q(expires_on__gte=today, expires_on__lte=today + timedelta(days=days))
        due |= near & (Q(told_days=None) | Q(told_days__gt=days))
    same = ["doctor", "country"] if model is Licence else ["hospital", "body"]
    followed = model.objects.filter(
        Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on")),
        verification=Verification.APPROVED,
        **{name: OuterRef(name) for name in same},
    )
    holder = same[0]
    listed = {f"{holder}__verification": Verification.APPROVED, f"{holder}__is_active": True}
    if model is Licence:
        listed["doctor__is_account_active"] = True
    return model.objects.filter(due, ~Exists(followed), verification=Verification.APPROVED, **listed).order_by("pk")


def _lock(model: type[Hospital] | type[Doctor], ids: Any) -> None:
    """In one order, so that two runs do not deadlock."""
    rows = model.objects.filter(pk__in=ids.order_by()).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(rows.values_list("pk", flat=True))


def _endings(credentials: Any, today: date) -> list[Ending]:
    return [
        Ending(credential, warning)
        for credential in credentials
        if (warning := rules.next_warning(credential.told_days, credential.expires_on, today)) is not None
    ]


def _staff_of(hospital_ids: Collection[UUID]) -> Mapping[UUID, Sequence[User]]:
    """The hospitals' active staff, in one query."""
    staff: dict[UUID, list[User]] = {}
    links = HospitalStaff.objects.filter(hospital__in=hospital_ids, user__is_active=True).select_related("user")
    for link in links:
        staff.setdefault(link.hospital_id, []).append(link.user)
    return staff


def _remember(model: type[Licence] | type[Accreditation], endings: Sequence[Ending]) -> None:
    for warning in sorted({ending.warning for ending in endings}):
        told = [ending.credential.pk for ending in endings if ending.warning == warning]
        model.objects.filter(pk__in=told).update(told_days=warning)

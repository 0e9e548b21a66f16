"""Who practises where, and whose word that takes: the decisions at their boundaries."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import rules
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AffiliationStatus, Awaiting, Verification

TODAY = date(2030, 5, 17)
NOW = timezone.now()
ADMIN = User(role=Role.ADMIN)


def person(role):
    return User(role=role)


OWN = person(Role.DOCTOR)


def complete(**changes):
    return Doctor(**{"verification": Verification.PENDING} | changes)


def code(refusal):
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    ("is_active", "existing", "refused"),
    [
        (True, None, None),
        (True, AffiliationStatus.PENDING, None),
        (True, AffiliationStatus.ACTIVE, "affiliation.exists"),
        (False, None, "hospital.not_active"),
        (False, AffiliationStatus.PENDING, "hospital.not_active"),
    ],
)
def test_a_doctor_joins_an_active_hospital_once(is_active, existing, refused):
    affiliation = Affiliation(status=existing) if existing else None
    assert code(rules.why_not_affiliate(Hospital(is_active=is_active), affiliation)) == refused


@pytest.mark.parametrize(
    ("status", "role", "refused"),
    [
        (AffiliationStatus.ACTIVE, Role.ADMIN, None),
        (AffiliationStatus.ACTIVE, Role.HOSPITAL_ADMIN, None),
        (AffiliationStatus.PENDING, Role.HOSPITAL_ADMIN, None),
        (AffiliationStatus.ACTIVE, Role.DOCTOR, "auth.forbidden"),
        (AffiliationStatus.PENDING, Role.DOCTOR, "auth.forbidden"),
        (AffiliationStatus.ENDED, Role.ADMIN, "workflow.move_not_allowed"),
        (AffiliationStatus.REJECTED, Role.ADMIN, "workflow.move_not_allowed"),
    ],
)
def test_who_ends_an_affiliation(status, role, refused):
    assert code(rules.why_not_end_affiliation(Affiliation(status=status), by=person(role))) == refused


@pytest.mark.parametrize(
    ("count", "primaries", "distinct", "refused"),
    [
        (0, 0, 0, None),
        (10, 1, 10, None),
        (11, 1, 11, "request.invalid"),
        (2, 2, 2, "request.invalid"),
        (2, 0, 1, "request.invalid"),
    ],
)
def test_what_a_new_doctor_may_propose(count, primaries, distinct, refused):
    assert code(rules.why_not_propose(count, primaries, distinct)) == refused


# --- whose word is missing ---


def waiting(*, doctor=None, hospital=None):
    return Affiliation(status=AffiliationStatus.PENDING, doctor_agreed_at=doctor, hospital_agreed_at=hospital)


@pytest.mark.parametrize(
    ("affiliation", "verification", "awaited", "effective"),
    [
        (waiting(hospital=NOW), Verification.APPROVED, Awaiting.DOCTOR, False),
        (waiting(hospital=NOW), Verification.PENDING, Awaiting.DOCTOR, False),
        (waiting(doctor=NOW), Verification.PENDING, Awaiting.VERIFICATION, False),
        (waiting(doctor=NOW, hospital=NOW), Verification.REJECTED, Awaiting.VERIFICATION, False),
        (waiting(doctor=NOW), Verification.APPROVED, Awaiting.HOSPITAL, False),
        (waiting(doctor=NOW, hospital=NOW), Verification.APPROVED, Awaiting.HOSPITAL, True),
        (Affiliation(status=AffiliationStatus.ACTIVE), Verification.APPROVED, None, False),
        (Affiliation(status=AffiliationStatus.ENDED), Verification.APPROVED, None, False),
    ],
)
def test_an_affiliation_waits_for_both_words_and_the_verification(affiliation, verification, awaited, effective):
    doctor = complete(verification=verification)
    assert rules.awaiting(affiliation, doctor) == awaited
    assert rules.takes_effect(affiliation, doctor) is effective


@pytest.mark.parametrize(
    ("by", "agreed", "verification", "refused"),
    [
        (person(Role.HOSPITAL_ADMIN), NOW, Verification.APPROVED, None),
        (person(Role.HOSPITAL_ADMIN), None, Verification.APPROVED, "affiliation.doctor_not_agreed"),
        (ADMIN, None, Verification.APPROVED, None),
        (ADMIN, NOW, Verification.PENDING, "affiliation.doctor_not_verified"),
        (person(Role.DOCTOR), NOW, Verification.APPROVED, "auth.forbidden"),
        (person(Role.COORDINATOR), NOW, Verification.APPROVED, "auth.forbidden"),
    ],
)
def test_staff_activate_with_the_doctors_word_only(by, agreed, verification, refused):
    doctor = complete(verification=verification)
    assert code(rules.why_not_activate(waiting(doctor=agreed), doctor, by=by)) == refused


@pytest.mark.parametrize(
    ("by", "status", "is_active", "confirming", "declining"),
    [
        (OWN, AffiliationStatus.PENDING, True, None, None),
        (OWN, AffiliationStatus.PENDING, False, "hospital.not_active", None),
        (OWN, AffiliationStatus.ACTIVE, True, "workflow.move_not_allowed", "workflow.move_not_allowed"),
        (OWN, AffiliationStatus.REJECTED, True, "workflow.move_not_allowed", "workflow.move_not_allowed"),
        (person(Role.DOCTOR), AffiliationStatus.PENDING, True, "auth.forbidden", "auth.forbidden"),
        (person(Role.HOSPITAL_ADMIN), AffiliationStatus.PENDING, True, "auth.forbidden", "auth.forbidden"),
        (ADMIN, AffiliationStatus.PENDING, True, "auth.forbidden", "auth.forbidden"),
    ],
)
def test_the_doctors_word_is_the_doctors(by, status, is_active, confirming, declining):
    doctor, asked, hospital = complete(user=OWN), Affiliation(status=status), Hospital(is_active=is_active)
    assert code(rules.why_not_confirm(asked, doctor, hospital, by=by)) == confirming
    assert code(rules.why_not_decline(asked, doctor, by=by)) == declining


@pytest.mark.parametrize(
    ("by", "existing", "count", "refused"),
    [
        (OWN, None, 9, None),
        (OWN, None, 10, "request.invalid"),
        (OWN, waiting(hospital=NOW), 10, None),
        (OWN, waiting(doctor=NOW), 0, "affiliation.exists"),
        (OWN, Affiliation(status=AffiliationStatus.ACTIVE), 0, "affiliation.exists"),
        (ADMIN, None, 0, None),
        (person(Role.DOCTOR), None, 0, "auth.forbidden"),
        (person(Role.HOSPITAL_ADMIN), None, 0, "auth.forbidden"),
    ],
)
def test_doctors_propose_themselves_and_to_few_hospitals_at_a_time(by, existing, count, refused):
    refusal = rules.why_not_propose_more(complete(user=OWN), Hospital(is_active=True), existing, count, by=by)
    assert code(refusal) == refused


@pytest.mark.parametrize(
    ("ends_on", "over"),
    [(None, False), (TODAY, False), (TODAY - timedelta(days=1), True), (TODAY + timedelta(days=1), False)],
)
def test_an_affiliation_lasts_through_its_last_day(ends_on, over):
    assert rules.is_over(Affiliation(ends_on=ends_on), TODAY) is over

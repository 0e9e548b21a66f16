"""The directory's decisions, at their boundaries."""

from datetime import date

import pytest

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import rules
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AffiliationStatus, Verification

TODAY = date(2030, 5, 17)
ADMIN = User(role=Role.ADMIN)


def person(role):
    return User(role=role)


def complete(**changes):
    """A doctor's profile that can be approved."""
    given = {
        "verification": Verification.PENDING,
        "specialty_id": ADMIN.pk,
        "licence_number": "TN-1234",
        "licence_country": "IN",
        "licence_expires_on": date(2031, 1, 1),
    }
    return Doctor(**given | changes)


def code(refusal):
    return refusal.code if refusal else None


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("subject", [Hospital(), Doctor()])
def test_only_platform_admins_decide(subject, role):
    refusal = rules.why_not_decide(subject, Verification.APPROVED, by=person(role), reason="")
    assert code(refusal) == (None if role == Role.ADMIN else "auth.forbidden")


@pytest.mark.parametrize(
    ("verification", "reason", "refused"),
    [
        (Verification.REJECTED, "", "verification.reason_required"),
        (Verification.REJECTED, "   ", "verification.reason_required"),
        (Verification.REJECTED, "The licence cannot be found.", None),
        (Verification.APPROVED, "", None),
        (Verification.PENDING, "", "workflow.move_not_allowed"),
    ],
)
def test_a_rejection_needs_a_reason(verification, reason, refused):
    assert code(rules.why_not_decide(Hospital(), verification, by=ADMIN, reason=reason)) == refused


@pytest.mark.parametrize(
    ("expires_on", "lapsed"),
    [(date(2030, 5, 16), True), (TODAY, False), (date(2030, 5, 18), False), (None, False)],
)
def test_a_licence_is_good_through_its_last_day(expires_on, lapsed):
    doctor = complete(licence_expires_on=expires_on)
    assert rules.is_licence_lapsed(doctor, TODAY) is lapsed
    refusal = rules.why_not_verify_doctor(doctor, Verification.APPROVED, by=ADMIN, reason="", today=TODAY)
    assert code(refusal) == ("doctor.licence_lapsed" if lapsed else None)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"specialty_id": None}, {"specialty"}),
        ({"licence_number": ""}, {"licence_number"}),
        ({"licence_country": ""}, {"licence_country"}),
        ({"licence_number": "", "licence_country": ""}, {"licence_number", "licence_country"}),
    ],
)
def test_an_incomplete_profile_is_not_approved_but_may_be_rejected(missing, named):
    doctor = complete(**missing)
    refusal = rules.why_not_verify_doctor(doctor, Verification.APPROVED, by=ADMIN, reason="", today=TODAY)
    assert code(refusal) == "doctor.profile_incomplete"
    assert set(refusal.errors) == named
    assert rules.why_not_verify_doctor(doctor, Verification.REJECTED, by=ADMIN, reason="No.", today=TODAY) is None


@pytest.mark.parametrize("role", Role.values)
def test_a_profile_is_completed_by_its_doctor_or_an_admin(role):
    someone = person(role)
    allowed = role == Role.ADMIN
    assert code(rules.why_not_onboard(Doctor(user=person(Role.DOCTOR)), by=someone)) == (
        None if allowed else "auth.forbidden"
    )
    assert rules.why_not_onboard(Doctor(user=someone), by=someone) is None


def test_a_profile_is_completed_once():
    assert code(rules.why_not_onboard(complete(onboarded_at=TODAY), by=ADMIN)) == "doctor.already_onboarded"


OWN = person(Role.DOCTOR)


@pytest.mark.parametrize(("by", "refused"), [(OWN, "doctor.verified_fields_locked"), (ADMIN, None), (None, None)])
def test_a_doctor_approved_meanwhile_does_not_complete_the_profile_over_what_was_verified(by, refused):
    doctor = complete(user=OWN, verification=Verification.APPROVED, onboarded_at=None)
    assert code(rules.why_not_onboard(doctor, by=by)) == refused


@pytest.mark.parametrize(
    ("by", "verification", "fields", "refused"),
    [
        (OWN, Verification.PENDING, {"licence_number", "bio"}, None),
        (OWN, Verification.REJECTED, {"licence_number"}, None),
        (OWN, Verification.APPROVED, {"bio", "consultation_fee"}, None),
        (OWN, Verification.APPROVED, {"licence_number"}, "doctor.verified_fields_locked"),
        (OWN, Verification.APPROVED, {"licence_country"}, "doctor.verified_fields_locked"),
        (OWN, Verification.APPROVED, {"licence_expires_on"}, "doctor.verified_fields_locked"),
        (OWN, Verification.APPROVED, {"bio", "specialty"}, "doctor.verified_fields_locked"),
        (OWN, Verification.PENDING, {"is_active"}, "directory.activation_by_admin_only"),
        (ADMIN, Verification.APPROVED, {"licence_number", "is_active"}, None),
        (None, Verification.APPROVED, {"licence_number"}, None),
        (person(Role.DOCTOR), Verification.PENDING, {"bio"}, "auth.forbidden"),
        (person(Role.HOSPITAL_ADMIN), Verification.PENDING, {"bio"}, "auth.forbidden"),
        (person(Role.COORDINATOR), Verification.PENDING, {"bio"}, "auth.forbidden"),
    ],
)
def test_what_was_verified_is_changed_by_admins_only(by, verification, fields, refused):
    doctor = complete(user=OWN, verification=verification)
    assert code(rules.why_not_change_doctor(doctor, fields, by=by)) == refused


@pytest.mark.parametrize(
    ("role", "is_own", "fields", "refused"),
    [
        (Role.ADMIN, False, {"name", "is_active"}, None),
        (Role.HOSPITAL_ADMIN, True, {"name", "phone"}, None),
        (Role.HOSPITAL_ADMIN, True, {"is_active"}, "directory.activation_by_admin_only"),
        (Role.HOSPITAL_ADMIN, False, {"name"}, "auth.forbidden"),
        (Role.COORDINATOR, False, {"name"}, "auth.forbidden"),
        (Role.DOCTOR, True, {"name"}, "auth.forbidden"),
    ],
)
def test_hospital_staff_keep_their_own_page(role, is_own, fields, refused):
    assert code(rules.why_not_change_hospital(fields, by=person(role), is_own=is_own)) == refused


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

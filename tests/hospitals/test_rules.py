"""The directory's decisions, at their boundaries."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import rules
from apps.hospitals.models import Doctor, Hospital, Licence
from apps.hospitals.workflow import Verification

TODAY = date(2030, 5, 17)
ADMIN = User(role=Role.ADMIN)


def person(role):
    return User(role=role)


def licence(**changes):
    given = {"number": "TN-1234", "country": "IN", "expires_on": date(2031, 1, 1)}
    return Licence(**given | changes)


def complete(**changes):
    """A doctor's profile that can be approved, with a licence."""
    return Doctor(**{"verification": Verification.PENDING, "specialty_id": ADMIN.pk} | changes)


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
    only = licence(expires_on=expires_on)
    assert rules.is_lapsed(only, TODAY) is lapsed
    refusal = rules.why_not_verify_doctor(complete(), Verification.APPROVED, [only], by=ADMIN, reason="", today=TODAY)
    assert code(refusal) == ("doctor.licence_lapsed" if lapsed else None)
    refusal = rules.why_not_verify_licence(only, Verification.APPROVED, by=ADMIN, reason="", today=TODAY)
    assert code(refusal) == ("doctor.licence_lapsed" if lapsed else None)
    assert rules.why_not_verify_licence(only, Verification.REJECTED, by=ADMIN, reason="No.", today=TODAY) is None


def test_one_licence_that_has_not_lapsed_is_enough():
    licences = [licence(expires_on=date(2020, 1, 1)), licence(expires_on=None)]
    approve = Verification.APPROVED
    assert rules.why_not_verify_doctor(complete(), approve, licences, by=ADMIN, reason="", today=TODAY) is None


REJECTED = {"verification": Verification.REJECTED, "rejection_reason": "Unreadable."}


@pytest.mark.parametrize(
    ("profile", "licences", "named"),
    [
        ({"specialty_id": None}, [licence()], {"specialty"}),
        ({}, [], {"licences"}),
        ({}, [licence(**REJECTED)], {"licences"}),
        ({"specialty_id": None}, [], {"specialty", "licences"}),
    ],
)
def test_an_incomplete_profile_is_not_approved_but_may_be_rejected(profile, licences, named):
    doctor = complete(**profile)
    why_not = rules.why_not_verify_doctor
    refusal = why_not(doctor, Verification.APPROVED, licences, by=ADMIN, reason="", today=TODAY)
    assert code(refusal) == "doctor.profile_incomplete"
    assert set(refusal.errors) == named
    assert why_not(doctor, Verification.REJECTED, licences, by=ADMIN, reason="No.", today=TODAY) is None


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
        (OWN, Verification.PENDING, {"specialty", "bio"}, None),
        (OWN, Verification.REJECTED, {"specialty"}, None),
        (OWN, Verification.APPROVED, {"bio", "consultation_fee", "qualifications", "portrait_id"}, None),
        (OWN, Verification.APPROVED, {"bio", "specialty"}, "doctor.verified_fields_locked"),
        (OWN, Verification.PENDING, {"is_active"}, "directory.activation_by_admin_only"),
        (ADMIN, Verification.APPROVED, {"specialty", "is_active"}, None),
        (None, Verification.APPROVED, {"specialty"}, None),
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


# --- submitting again ---


@pytest.mark.parametrize(
    ("verification", "by", "licences", "refused"),
    [
        (Verification.REJECTED, OWN, [licence()], None),
        (Verification.REJECTED, OWN, [licence(**REJECTED)], None),
        (Verification.REJECTED, OWN, [], "doctor.profile_incomplete"),
        (Verification.REJECTED, OWN, [licence(expires_on=TODAY - timedelta(days=1))], "doctor.profile_incomplete"),
        (Verification.REJECTED, OWN, [licence(expires_on=TODAY)], None),
        (Verification.PENDING, OWN, [licence()], "workflow.move_not_allowed"),
        (Verification.APPROVED, OWN, [licence()], "workflow.move_not_allowed"),
        (Verification.REJECTED, person(Role.DOCTOR), [licence()], "auth.forbidden"),
        (Verification.REJECTED, ADMIN, [licence()], "auth.forbidden"),
    ],
)
def test_a_rejected_doctor_submits_a_complete_profile_again(verification, by, licences, refused):
    doctor = complete(user=OWN, verification=verification)
    assert code(rules.why_not_submit(doctor, licences, by=by, today=TODAY)) == refused


# --- licences and documents ---


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        ({}, "licence.exists"),
        ({"expires_on": date(2030, 12, 31)}, "licence.exists"),
        ({"expires_on": date(2030, 12, 31), "verification": Verification.APPROVED}, None),
        ({"expires_on": date(2031, 1, 1), "verification": Verification.APPROVED}, "licence.exists"),
        ({"expires_on": date(2031, 1, 2), "verification": Verification.APPROVED}, "licence.exists"),
        ({"expires_on": None, "verification": Verification.APPROVED}, "licence.exists"),
        ({"expires_on": date(2030, 12, 31), **REJECTED}, None),
        ({**REJECTED}, "licence.exists"),
        ({"number": "TN-9"}, None),
        ({"country": "TR"}, None),
    ],
)
def test_a_licence_is_renewed_by_one_that_lasts_longer(other, refused):
    doctor = complete(user=OWN)
    assert code(rules.why_not_add_licence(doctor, licence(), [licence(**other)], by=OWN)) == refused


def test_few_licences_wait_at_a_time():
    doctor = complete(user=OWN)
    waiting = [licence(number=f"N-{number}") for number in range(rules.MAX_LICENCES)]
    assert rules.why_not_add_licence(doctor, licence(), waiting[1:], by=OWN) is None
    assert code(rules.why_not_add_licence(doctor, licence(), waiting, by=OWN)) == "doctor.too_many_papers"
    for one in waiting:
        one.verification = Verification.APPROVED
    assert rules.why_not_add_licence(doctor, licence(), waiting, by=OWN) is None


@pytest.mark.parametrize(
    ("by", "verification", "changing", "removing"),
    [
        (OWN, Verification.PENDING, None, None),
        (OWN, Verification.REJECTED, None, None),
        (OWN, Verification.APPROVED, "licence.approved", "licence.approved"),
        (ADMIN, Verification.APPROVED, None, "licence.approved"),
        (ADMIN, Verification.PENDING, None, None),
        (person(Role.DOCTOR), Verification.PENDING, "auth.forbidden", "auth.forbidden"),
        (person(Role.HOSPITAL_ADMIN), Verification.PENDING, "auth.forbidden", "auth.forbidden"),
    ],
)
def test_an_approved_licence_stays_as_it_was_approved(by, verification, changing, removing):
    doctor, own = complete(user=OWN), licence(verification=verification)
    assert code(rules.why_not_change_licence(doctor, own, [], by=by)) == changing
    assert code(rules.why_not_remove_licence(doctor, own, by=by)) == removing


@pytest.mark.parametrize(
    ("by", "verification", "adding", "removing"),
    [
        (OWN, Verification.PENDING, None, None),
        (OWN, Verification.APPROVED, None, "doctor.verified_fields_locked"),
        (ADMIN, Verification.APPROVED, None, None),
        (person(Role.DOCTOR), Verification.PENDING, "auth.forbidden", "auth.forbidden"),
        (person(Role.COORDINATOR), Verification.PENDING, "auth.forbidden", "auth.forbidden"),
    ],
)
def test_what_an_approval_rests_on_is_removed_by_admins_only(by, verification, adding, removing):
    doctor = complete(user=OWN, verification=verification)
    assert code(rules.why_not_add_document(doctor, rules.MAX_DOCUMENTS - 1, by=by)) == adding
    assert code(rules.why_not_remove_document(doctor, by=by)) == removing


def test_a_doctors_file_does_not_grow_without_end():
    refusal = rules.why_not_add_document(complete(user=OWN), rules.MAX_DOCUMENTS, by=OWN)
    assert code(refusal) == "doctor.too_many_papers"


# --- warnings ---


@pytest.mark.parametrize(
    ("days_left", "warning"),
    [(91, None), (90, 90), (61, 90), (60, 60), (31, 60), (30, 30), (1, 30), (0, 30), (-1, 0), (-400, 0)],
)
def test_the_nearest_warning_is_due(days_left, warning):
    assert rules.warning_due(TODAY + timedelta(days=days_left), TODAY) == warning


@pytest.mark.parametrize(
    ("told", "days_left", "warning"),
    [
        (None, 91, None),
        (None, 90, 90),
        (90, 89, None),
        (90, 60, 60),
        (60, 30, 30),
        (90, 5, 30),
        (30, 5, None),
        (30, -1, 0),
        (0, -2, None),
        (30, 80, None),
    ],
)
def test_each_warning_is_given_once_and_none_after_a_nearer_one(told, days_left, warning):
    assert rules.next_warning(told, TODAY + timedelta(days=days_left), TODAY) == warning

"""Every declared edge passes and every other refuses."""

import itertools

import pytest

from apps.accounts.roles import Role
from apps.hospitals.workflow import ACCREDITATION, AFFILIATION, VERIFICATION, AffiliationStatus, Verification

VERIFICATION_EDGES = {
    ("pending", "approved"),
    ("pending", "rejected"),
    ("approved", "rejected"),
    ("rejected", "approved"),
    ("rejected", "pending"),
}
AFFILIATION_EDGES = {("pending", "active"), ("pending", "rejected"), ("active", "ended")}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Verification.values, repeat=2)))
def test_verification_moves(before, after):
    refusal = VERIFICATION.why_not_move(before, after)
    assert (refusal is None) == ((before, after) in VERIFICATION_EDGES)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(Verification.values, repeat=2)))
def test_an_approved_accreditation_may_wait_again_beside(before, after):
    refusal = ACCREDITATION.why_not_move(before, after)
    assert (refusal is None) == ((before, after) in VERIFICATION_EDGES | {("approved", "pending")})


@pytest.mark.parametrize(("before", "after"), list(itertools.product(AffiliationStatus.values, repeat=2)))
def test_affiliation_moves(before, after):
    refusal = AFFILIATION.why_not_move(before, after)
    assert (refusal is None) == ((before, after) in AFFILIATION_EDGES)


@pytest.mark.parametrize("role", Role.values)
def test_who_may_move_what(role):
    may_verify = {edge.to for edge in VERIFICATION.moves_from("pending", role)}
    may_affiliate = {edge.to for edge in AFFILIATION.moves_from("pending", role)}
    assert may_verify == ({"approved", "rejected"} if role == Role.ADMIN else set())
    either_side = role in {Role.ADMIN, Role.HOSPITAL_ADMIN, Role.DOCTOR}
    assert may_affiliate == ({"active", "rejected"} if either_side else set())


@pytest.mark.parametrize("role", Role.values)
def test_those_who_were_rejected_submit_again_and_admins_think_again(role):
    moves = {edge.to for edge in VERIFICATION.moves_from("rejected", role)}
    expected = {Role.ADMIN: {"approved"}, Role.DOCTOR: {"pending"}, Role.HOSPITAL_ADMIN: {"pending"}}
    assert moves == expected.get(role, set())

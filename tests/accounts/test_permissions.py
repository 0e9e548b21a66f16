"""Which roles may call a view: 401 without a token, 403 with the wrong role."""

import pytest
from rest_framework.test import APIRequestFactory

from apps.accounts import permissions, roles
from apps.accounts.models import User
from apps.accounts.roles import Role


def asks(permission, **user):
    request = APIRequestFactory().get("/")
    request.user = User(**user)
    return permission().has_permission(request, None)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (permissions.IsPlatformAdmin, {"admin"}),
        (permissions.IsCoordinatorOrAdmin, {"admin", "coordinator"}),
        (permissions.IsSignedIn, set(Role.values)),
        (permissions.role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN), {"doctor", "hospital_admin"}),
    ],
)
def test_a_permission_lets_its_roles_in_and_no_other(permission, allowed, role):
    assert asks(permission, role=role) is (role in allowed)


def test_an_inactive_person_is_let_in_nowhere():
    assert not asks(permissions.IsPlatformAdmin, role=Role.ADMIN, is_active=False)


@pytest.mark.parametrize("names", [[], ["root"], [Role.ADMIN, "nurse"]])
def test_a_permission_for_no_role_or_an_unknown_one_is_a_mistake(names):
    with pytest.raises(ValueError, match="not roles"):
        permissions.role_permission(*names)


def test_a_permission_is_named_by_its_roles():
    permission = permissions.role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN)
    assert permission.__name__ == "IsDoctorOrHospitalAdmin"


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_charter_and_what_it_does_not_say_is_denied(role):
    assert roles.CHARTERS[role].sentence.endswith(".")
    assert not roles.allows(role, "unknown.view_thing")
    assert not roles.allows(role, "accounts.delete_user")
    assert not roles.allows(role, "common.change_auditentry")
    assert not roles.allows(role, "nonsense")


def test_an_unknown_role_may_nothing():
    assert not roles.allows("root", "accounts.view_user")
    assert not roles.allows_app("root", "accounts")


def test_nobody_is_a_superuser_that_passes_by_the_charters():
    assert User(role=Role.ADMIN).is_superuser is False

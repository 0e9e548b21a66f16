"""Who may call a view at all, by role. Rows are narrowed by `visible_to`, acts by `rules`.

Without a good token the answer is 401, with the wrong role 403; a row that is not the caller's is 404.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from .roles import Role


class RolePermission(BasePermission):
    """The caller is signed in and has one of `roles`. Made by `role_permission`."""

    roles: frozenset[str] = frozenset()

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and user.is_active and user.role in self.roles)


def role_permission(*roles: str) -> type[RolePermission]:
    """A permission class for these roles: `permission_classes = [role_permission(Role.ADMIN, Role.DOCTOR)]`."""
    unknown = set(roles) - set(Role.values)
    if unknown or not roles:
        raise ValueError(f"not roles: {sorted(unknown)}")
    names = [str(Role(role)) for role in roles]
    name = "Is" + "Or".join(role.title().replace("_", "") for role in names)
    sentence = f"The caller's role is {' or '.join(names)}."
    return type(name, (RolePermission,), {"roles": frozenset(roles), "__doc__": sentence})


class IsPlatformAdmin(RolePermission):
    """The caller is a platform admin."""

    roles = frozenset({Role.ADMIN})


class IsCoordinatorOrAdmin(RolePermission):
    """The caller is a coordinator or a platform admin."""

    roles = frozenset({Role.ADMIN, Role.COORDINATOR})


class IsSignedIn(RolePermission):
    """The caller is signed in, in any role."""

    roles = frozenset(Role.values)

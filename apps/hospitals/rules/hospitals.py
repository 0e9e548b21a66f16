"""Who changes a hospital's page."""

from collections.abc import Collection

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden
from apps.hospitals import exceptions


def why_not_change_hospital(fields: Collection[str], *, by: User | None, is_own: bool) -> DomainError | None:
    """Admins keep every hospital's page and its staff their own; only an admin activates or deactivates it."""
    if by is None or by.role == Role.ADMIN:
        return None
    if by.role != Role.HOSPITAL_ADMIN or not is_own:
        return Forbidden()
    if "is_active" in fields:
        return exceptions.ActivationByAdminOnly()
    return None

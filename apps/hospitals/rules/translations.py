"""Who translates."""

from collections.abc import Collection

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden


def why_not_translate(fields: Collection[str], texts: Collection[str], *, by: User | None) -> DomainError | None:
    """Platform admins and translators change any public text of the directory, and by this nothing but texts."""
    if by is not None and by.role not in {Role.ADMIN, Role.TRANSLATOR}:
        return Forbidden()
    return None if set(fields) <= set(texts) else Forbidden()

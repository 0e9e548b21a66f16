"""Row scope of payments."""

from typing import Any, Self

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet


class PaymentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Admins and coordinators see all, a payer their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.role in {Role.ADMIN, Role.COORDINATOR} else self.filter(payer=user)

"""Row scope of money: a payer sees their own, a hospital's staff their hospital's, coordinators and admins all."""

from typing import Any, Self

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet


class BilledQuerySet(ScopedQuerySet):
    """Rows with a person whose money it is (`of`) and, where one is concerned, a `hospital`."""

    of = "payer"

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR}:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__staff_links__user=user)
        return self.filter(**{self.of: user})


class StaffQuerySet(ScopedQuerySet):
    """Rows that coordinators and admins see, and nobody else."""

    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.role in {Role.ADMIN, Role.COORDINATOR} else self.none()

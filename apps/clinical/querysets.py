"""Row scope of patients."""

from typing import Any, Self

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet


class PatientQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Admins and coordinators see every patient, a patient themself. Doctors and hospitals see a patient through
        the appointments they share (bookings narrows those), never the register of patients."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR}:
            return self
        if user.role == Role.PATIENT:
            return self.filter(user=user)
        return self.none()

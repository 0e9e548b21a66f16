"""Who sees insurers, patients' policies, and what insurers said of them."""

from typing import Any, Self

from django.db.models import Q

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet

from .scopes import REGISTER, OfPatientQuerySet


class InsurancePolicyQuerySet(OfPatientQuerySet):
    def standing(self) -> Self:
        """A removed one is kept only for what its insurer said."""
        return self.filter(struck_out_at=None)


class InsuranceProviderQuerySet(ScopedQuerySet):
    def listed(self) -> Self:
        """What patients choose from."""
        return self.filter(is_active=True)

    def readable_by(self, user: Any) -> Self:
        """By its id: what is listed, and beyond it what `visible_to` gives."""
        own = self.model.objects.visible_to(user).order_by().values("pk")
        return self.filter(Q(is_active=True) | Q(pk__in=own))

    def visible_to(self, user: Any) -> Self:
        """Platform staff see all."""
        if user.is_authenticated and user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.TRANSLATOR}:
            return self
        return self.none()


class InsuranceVerificationQuerySet(ScopedQuerySet):
    """What insurers said is seen by whoever sees the policy; of a removed one by the desk alone."""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        if user.role == Role.PATIENT:
            return self.filter(policy__patient__user=user, policy__struck_out_at=None)
        return self.none()

    def open(self) -> Self:
        """Those that wait for an answer: at most one of a policy."""
        return self.filter(status__in=["asking", "staff"])

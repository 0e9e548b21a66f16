"""Who sees which export, closure and hold."""

from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet


class OfPersonQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins, and the patient whose it is."""
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        return self.filter(patient__user=user) if user.role == Role.PATIENT else self.none()


class DataExportQuerySet(OfPersonQuerySet):
    def to_make(self, now: datetime) -> Self:
        """What no worker is at, the longest waiting first."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), status="pending").order_by("created_at")

    def outlived(self, now: datetime) -> Self:
        return self.filter(status="ready", expires_at__lte=now)


class ClosureQuerySet(OfPersonQuerySet):
    def to_erase(self, now: datetime) -> Self:
        """What has waited long enough, what was begun and lies idle, and what had to be kept until today. Not what an
        admin holds."""
        holds = self.model._meta.apps.get_model("interop", "LegalHold")._default_manager.filter(lifted_at=None)
        due = (
            Q(status="waiting", erase_at__lte=now)
            | Q(status="erasing")
            | Q(status="retained", keep_until__lte=now.date())
        )
        idle = Q(claimed_until=None) | Q(claimed_until__lt=now)
        return self.filter(due, idle, ~Exists(holds.filter(patient=OuterRef("patient")))).order_by("erase_at")


class LegalHoldQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins only: a hold may be about a dispute with the patient."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()

    def standing(self) -> Self:
        return self.filter(lifted_at=None)


class SealedIdentityQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins, for as long as the law has the record kept."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()

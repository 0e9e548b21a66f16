"""Who sees what is settled with hospitals: the desk all of it, a hospital's staff what was said to them."""

from typing import Any, Self

from apps.accounts.roles import Role
from apps.billing.workflow import SAID
from apps.common.querysets import ScopedQuerySet

_STAFF = frozenset({Role.ADMIN, Role.COORDINATOR})


class CommissionRateQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in _STAFF:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__staff_links__user=user)
        return self.none()


class SettlementQuerySet(ScopedQuerySet):
    """Rows of a settlement, found `through` it. Drafts are Medivoy's own."""

    through = ""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in _STAFF:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            said = {f"{self.through}status__in": SAID, f"{self.through}hospital__staff_links__user": user}
            return self.filter(**said)
        return self.none()


class SettlementPartQuerySet(SettlementQuerySet):
    through = "settlement__"

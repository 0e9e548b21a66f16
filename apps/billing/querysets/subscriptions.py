"""Who sees which subscription."""

from datetime import date
from typing import Any, Self

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet


class PlanQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Plans are public while they are offered; platform admins and translators see all."""
        if user.is_authenticated and user.role in {Role.ADMIN, Role.TRANSLATOR}:
            return self
        return self.listed()

    def listed(self) -> Self:
        return self.filter(is_active=True)


class OfSubscriberQuerySet(ScopedQuerySet):
    """Rows of a subscription, found `through` it: platform admins see all, hospital staff their hospital's, a doctor
    their own."""

    through = ""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role == Role.ADMIN:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(**{f"{self.through}hospital__staff_links__user": user})
        if user.role == Role.DOCTOR:
            return self.filter(**{f"{self.through}doctor__user": user})
        return self.none()


class SubscriptionQuerySet(OfSubscriberQuerySet):
    def live(self) -> Self:
        return self.exclude(status="ended")

    def over(self, today: date) -> Self:
        """Those whose period has ended before `today` (UTC) and that are renewed, or end, now."""
        return self.filter(status__in=["trialing", "active"], ends_on__lt=today)

    def to_charge(self, now: Any) -> Self:
        """Those whose payer is charged, or asked to pay, now."""
        return self.filter(next_charge_at__lte=now)

    def past_grace(self, today: date) -> Self:
        return self.filter(status="past_due", grace_until__lt=today)


class PeriodQuerySet(OfSubscriberQuerySet):
    through = "subscription__"

    def not_taken_up(self) -> Self:
        """Those that begin only once they are paid, and are not yet."""
        return self.filter(taken_up_at=None, voided_at=None)


class SubscriptionEventQuerySet(OfSubscriberQuerySet):
    through = "subscription__"

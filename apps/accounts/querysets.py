"""Row scopes of people and sessions."""

from datetime import datetime
from typing import Any, Self

from django.db.models import Q

from apps.common.querysets import ScopedQuerySet

from .roles import Role


class UserQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Admins, coordinators and support see every account; everyone else their own."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        return self.filter(pk=user.pk)

    def kept_by(self, user: Any) -> Self:
        """The accounts whose details a person opens and changes over the API: admins everyone's, others their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(pk=user.pk)

    def by_email(self, email: str) -> Self:
        return self.filter(email=email.strip().lower())


class SessionQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A session is its owner's business; platform admins see them to end them."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(user=user)

    def live(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__gt=now)

    def over_since(self, instant: datetime) -> Self:
        """Ended or expired before that instant."""
        return self.filter(Q(ended_at__lt=instant) | Q(expires_at__lt=instant))


class OwnedQuerySet(ScopedQuerySet):
    """Rows with a `user`: each sees their own."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(Q(user=user)) if user.is_authenticated else self.none()

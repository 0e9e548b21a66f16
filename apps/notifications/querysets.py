"""Row scopes of messages and preferences."""

from datetime import datetime
from typing import Any, Self

from django.db.models import Q

from apps.common.querysets import ScopedQuerySet


class MessageQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Everyone sees messages to themselves; platform admins, coordinators and support see all, in the admin."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("notifications.view_message"):
            return self
        return self.filter(recipient=user)

    def inbox_of(self, user: Any) -> Self:
        """What a person finds in the app: their own in-app messages that they have not removed."""
        return self.filter(recipient=user, channel="in_app", hidden_at=None) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def due(self, now: datetime) -> Self:
        """To be sent now: waiting ones whose time has come, and claimed ones whose worker did not come back."""
        abandoned = Q(status="sending", claimed_until__lt=now)
        return self.filter(Q(status="pending") | abandoned, due_at__lte=now).order_by("due_at", "pk")


class PreferenceQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()


class CaughtEmailQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The demo's mailbox is for platform admins."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()

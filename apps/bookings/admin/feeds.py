"""Calendar feeds: that there are some, and ending one whose address has come into the wrong hands."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.bookings import services
from apps.bookings.models import CalendarFeed
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin
from apps.common.exceptions import NotFound


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """The address itself is nobody's to see: what is kept is its hash, and that is not shown."""

    list_display = ("doctor", "created_at", "last_read_at", "revoked_at")
    list_select_related = ("doctor__user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("doctor__last_name__istartswith",)
    search_help_text = _("The beginning of the doctor's last name.")
    ordering = ("-created_at", "-id")
    actions = ("revoke",)
    fieldsets: ClassVar = ((None, {"fields": ("doctor", ("created_at", "last_read_at"), "revoked_at")}),)
    readonly_fields = ("created_at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Others would find an empty list."""
        return self.has_revoke_permission(request) and super().has_view_permission(request, obj)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """The page itself is read-only."""
        return bool(cast("User", request.user).is_platform_admin)

    @admin.action(description=_("End these addresses"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: QuerySet) -> None:
        now, ended = timezone.now(), 0
        for feed in rows.filter(revoked_at=None):
            try:
                services.revoke_calendar_feed(feed.doctor_id, by=cast("User", request.user), now=now)
            except NotFound:
                continue  # somebody was quicker
            ended += 1
        said = ngettext("%(count)d address leads nowhere now.", "%(count)d addresses lead nowhere now.", ended)
        messages.success(request, said % {"count": ended})

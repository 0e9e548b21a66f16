"""Consents and care in the admin, to be read; and the texts that patients agree to, written and published here."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical.models import CareRelationship, ConsentGrant
from apps.clinical.selectors import timeline
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin

from . import people, shown
from .labels import label


class StateFilter(admin.SimpleListFilter):
    """Whether a consent still holds."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("live", pgettext_lazy("consent", "Given")),
            ("revoked", pgettext_lazy("consent", "Revoked")),
            ("over", pgettext_lazy("consent", "Over")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Over is also what was for the care of an appointment or booking that is over."""
        now = timezone.now()
        if self.value() == "live":
            return queryset.live(now)
        if self.value() == "revoked":
            return queryset.filter(revoked_at__isnull=False)
        if self.value() == "over":
            return queryset.filter(revoked_at=None, starts_at__lte=now, is_live=False)
        return queryset


def _without_address(line: Any) -> Any:
    return tuple(name for name in line if name != "address") if isinstance(line, tuple) else line


@admin.register(ConsentGrant)
class ConsentGrantAdmin(ReadOnlyAdminMixin, people.ByPatient, BaseModelAdmin):
    """Consents are given and revoked by patients, in their app."""

    list_display = ("patient", "given_to", "opens", "given_at", "holds_until", "state_badge")
    list_display_links = ("patient", "given_to")
    list_select_related = ("patient__user", "doctor__user", "hospital", "coordinator")
    list_filter = (StateFilter, "grantee")
    extra_lookups = frozenset({"patient"})
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("patient", "given_to"), "opens")}),
        (_("Period"), {"fields": (("starts_at", "holds_until"), "subject_type")}),
        (
            _("How it was given"),
            {"fields": (("given_by", "guardian"), ("given_at", "language"), ("text", "address"))},
        ),
        (_("Revoked"), {"fields": (("revoked_at", "revoked_by"),)}),
    )
    readonly_fields = ("given_to", "opens", "holds_until")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_liveness(timezone.now())  # type: ignore[attr-defined]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where somebody sat when they consented is for platform admins, as in the log of readings."""
        shown_here = super().get_fieldsets(request, obj)
        if request.user.is_platform_admin:  # type: ignore[union-attr]
            return shown_here
        return [
            (title, {**options, "fields": [_without_address(line) for line in options["fields"]]})
            for title, options in shown_here
        ]

    @admin.display(description=_("given to"))
    def given_to(self, grant: ConsentGrant) -> str:
        return timeline.grantee(grant)

    @admin.display(description=_("what it opens"))
    def opens(self, grant: ConsentGrant) -> str:
        return shown.scopes(grant)

    @admin.display(description=_("until"))
    def holds_until(self, grant: ConsentGrant) -> str:
        return shown.until(grant)

    @admin.display(description=pgettext_lazy("consent", "state"))
    def state_badge(self, grant: ConsentGrant) -> str:
        return label(*shown.state(grant, timezone.now()))


class CareFilter(admin.SimpleListFilter):
    """Whether a doctor cares for a patient now."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", pgettext_lazy("care", "Now")), ("over", pgettext_lazy("care", "Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        if self.value() == "live":
            return queryset.live(now)
        return queryset.filter(Q(ends_at__lte=now)) if self.value() == "over" else queryset


@admin.register(CareRelationship)
class CareRelationshipAdmin(ReadOnlyAdminMixin, people.ByPatient, BaseModelAdmin):
    """Who cares for whom, as appointments and bookings have it."""

    list_display = ("patient", "doctor", "hospital", "subject_type", "starts_at", "ends_at")
    list_select_related = ("patient__user", "doctor__user", "hospital")
    list_filter = (CareFilter,)
    extra_lookups = frozenset({"patient"})
    ordering = ("-pk",)
    fields = (("patient", "doctor", "hospital"), ("starts_at", "ends_at"), ("subject_type", "subject_id"))

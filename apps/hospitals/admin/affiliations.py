"""Who practises where. What has ended or was rejected stays to be read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Affiliation
from apps.hospitals.workflow import AFFILIATION, AffiliationStatus

from .base import TextsMixin, changes_of


@admin.register(Affiliation)
class AffiliationAdmin(TextsMixin, TransitionAdmin):
    workflow = AFFILIATION
    danger_statuses = frozenset({AffiliationStatus.REJECTED, AffiliationStatus.ENDED})
    status_colours: ClassVar[Mapping[str, str]] = {
        AffiliationStatus.PENDING: "warning",
        AffiliationStatus.ACTIVE: "success",
        AffiliationStatus.REJECTED: "danger",
    }
    events_relation = ""
    texts = ("department", "position")
    translators_read = ("doctor", "hospital")
    translators_list = ("doctor", "hospital", "department")
    list_display = ("doctor", "hospital", "department", "is_primary", "status_badge")
    list_filter = ("status", "hospital")
    list_select_related = ("doctor", "doctor__user", "hospital")
    search_fields = ("doctor__sort_name__startswith",)
    search_help_text = _("The beginning of the doctor's last name.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("doctor", "hospital"), "is_primary")}),
        (_("When"), {"fields": (("starts_on", "ends_on"), "status")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else list(dict.fromkeys(["doctor", "hospital", *fields]))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.lower().split():
            queryset = queryset.filter(
                Q(doctor__sort_name__startswith=word) | Q(doctor__sort_name__contains=f" {word}")
            )
        return queryset, False

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        if to_status == AffiliationStatus.ACTIVE:
            return rules.why_not_activate(obj, obj.doctor, by=user)
        return rules.why_not_end_affiliation(obj, by=user)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        if to_status == AffiliationStatus.ACTIVE:
            services.activate_affiliation(obj, by=user)
        else:
            services.end_affiliation(obj.hospital, obj.doctor, by=user)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        return [_("The doctor is told.")]

    def save_row(self, request: HttpRequest, obj: Affiliation, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if change:
            services.update_affiliation(obj, by=by, **changes)
            return
        given = {name: value for name, value in changes.items() if name not in {"doctor", "hospital"}}
        added = services.add_affiliation(obj.hospital, obj.doctor, by=by, **given)
        obj.pk, obj._state.adding = added.pk, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hospital staff know no doctor here but their own: they take others up through the directory's API."""
        return super().has_add_permission(request) and request.user.role == Role.ADMIN

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

"""Who practises where. What has ended or was rejected stays to be read."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Affiliation, Doctor, Hospital
from apps.hospitals.workflow import AFFILIATION, AffiliationStatus

from .base import OfListedDoctorMixin, TextsMixin, changes_of, is_translator


@admin.register(Affiliation)
class AffiliationAdmin(OfListedDoctorMixin, TextsMixin, TransitionAdmin):
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
    list_display = ("doctor", "hospital", "department", "is_primary", "status_badge", "waits_for")
    list_filter = ("status", "hospital")
    list_select_related = ("doctor", "doctor__user", "hospital")
    search_fields = ("doctor__sort_name__startswith",)
    search_help_text = _("The beginning of the doctor's last name.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("doctor", "hospital"), "is_primary")}),
        (_("When"), {"fields": (("starts_on", "ends_on"), ("status", "waits_for"))}),
    )
    readonly_fields = ("waits_for",)

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

    @admin.display(description=_("waits for"))
    def waits_for(self, obj: Affiliation) -> str:
        awaited = rules.awaiting(obj, obj.doctor)
        return str(awaited.label) if awaited else "–"

    def save_row(self, request: HttpRequest, obj: Affiliation, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if change:
            services.update_affiliation(obj, by=by, **changes)
            return
        given = {name: value for name, value in changes.items() if name not in {"doctor", "hospital"}}
        added = services.add_affiliation(obj.hospital, obj.doctor, by=by, **given)
        obj.pk, obj._state.adding = added.pk, False

    def visible_related(self, model: type[Model], request: HttpRequest) -> QuerySet:
        """Hospital staff ask any doctor of the public list, who then has the word."""
        if model is Doctor and not is_translator(request):
            return Doctor.objects.readable_by(request.user, timezone.now().date())
        return super().visible_related(model, request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Staff of one hospital need not name it."""
        own = list(self.visible_related(Hospital, request)[:2])
        return ({"hospital": own[0].pk} if len(own) == 1 else {}) | super().get_changeform_initial_data(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

"""Emergency accesses: what waits for a privacy reviewer first, what was read meanwhile, and the verdict."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.clinical import services
from apps.clinical.models import EmergencyAccess, ReadEntry
from apps.common.admin import TransitionAdmin
from apps.common.workflow import Edge, Workflow

from . import labels, people, shown

#: Of what was read during one access, this much stands on its page; the rest in the read log.
READINGS = 100


class ReviewStatus(models.TextChoices):
    """An access as its reviewer sees it: the verdict, or that there is none yet."""

    TO_REVIEW = "to_review", pgettext_lazy("emergency access", "To be reviewed")
    JUSTIFIED = "justified", pgettext_lazy("emergency access", "Justified")
    NOT_JUSTIFIED = "not_justified", pgettext_lazy("emergency access", "Not justified")


_REVIEWERS = frozenset({Role.ADMIN})
REVIEW = Workflow(
    ReviewStatus,
    {
        ReviewStatus.TO_REVIEW: [
            Edge(ReviewStatus.JUSTIFIED, _REVIEWERS, _("It was justified")),
            Edge(ReviewStatus.NOT_JUSTIFIED, _REVIEWERS, _("It was not justified")),
        ]
    },
)


class VerdictFilter(admin.SimpleListFilter):
    """Those that wait, or those that were judged."""

    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ReviewStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == ReviewStatus.TO_REVIEW:
            return queryset.to_review()
        return queryset.filter(verdict=self.value()) if self.value() in ReviewStatus.values else queryset


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(people.ByPatient, TransitionAdmin):
    """Made by doctors, reviewed by platform admins; where the list is narrowed to what waits, the oldest is first."""

    workflow = REVIEW
    status_field = "verdict"
    events_relation = ""
    note_required_for = frozenset({ReviewStatus.JUSTIFIED, ReviewStatus.NOT_JUSTIFIED})
    danger_statuses = frozenset({ReviewStatus.NOT_JUSTIFIED})
    status_colours: ClassVar = {
        ReviewStatus.TO_REVIEW: "warning",
        ReviewStatus.JUSTIFIED: "success",
        ReviewStatus.NOT_JUSTIFIED: "danger",
    }
    list_display = ("begins", "doctor", "patient", "short_reason", "is_live", "verdict_badge")
    list_select_related = ("doctor__user", "patient__user")
    list_filter = (VerdictFilter,)
    extra_lookups = frozenset({"patient"})
    ordering = ("-starts_at", "-id")
    fieldsets = (
        (None, {"fields": (("doctor", "patient"), "whole_reason", ("starts_at", "ends_at"))}),
        (_("Review"), {"fields": (("reviewed_by", "reviewed_at"), "whole_note")}),
        (_("What was read meanwhile"), {"fields": ("readings",)}),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- the list ---

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits is answered in the order in which it came."""
        waiting = request.GET.get(VerdictFilter.parameter_name) == ReviewStatus.TO_REVIEW
        return ("starts_at", "id") if waiting else self.ordering

    @admin.display(description=_("from"))
    def begins(self, access: EmergencyAccess) -> Any:
        return access.starts_at

    @admin.display(description=_("reason"))
    def short_reason(self, access: EmergencyAccess) -> str:
        return access.reason if len(access.reason) <= 80 else f"{access.reason[:79]}…"

    @admin.display(description=_("open now"), boolean=True)
    def is_live(self, access: EmergencyAccess) -> bool:
        return access.ends_at > timezone.now()

    @admin.display(description=_("verdict"))
    def verdict_badge(self, access: EmergencyAccess) -> str:
        return labels.label(*shown.verdict(access))

    # --- the page ---

    def status_of(self, obj: EmergencyAccess) -> str:
        return obj.verdict or ReviewStatus.TO_REVIEW.value

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "whole_reason", "whole_note", "readings"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            obj.read_by = request.user
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | nothing_to_save, *args, **kwargs)

    @admin.display(description=_("reason"))
    def whole_reason(self, access: EmergencyAccess) -> str:
        return labels.prose(access.reason)

    @admin.display(description=_("note of the reviewer"))
    def whole_note(self, access: EmergencyAccess) -> str:
        return labels.prose(access.review_note)

    @admin.display(description=_("read"))
    def readings(self, access: EmergencyAccess) -> str:
        """By the log: what the doctor read of this patient on this ground."""
        reader: Any = getattr(access, "read_by", None)
        found = ReadEntry.objects.visible_to(reader).filter(patient=access.patient_id, ground_id=access.pk)
        lines = [
            {
                "at": entry.at,
                "what": shown.kind_of(entry.object_type),
                "act": entry.get_act_display(),
                "place": entry.place,
            }
            for entry in found.order_by("id")[: READINGS + 1]
        ]
        context = {"lines": lines[:READINGS], "has_more": len(lines) > READINGS}
        return render_to_string("clinical/admin/emergency_readings.html", context)

    # --- the verdict ---

    def note_label(self, to_status: str) -> Any:
        return _("Note of the reviewer: what you looked at, and why you judge so")

    def preview(self, obj: EmergencyAccess, to_status: str, user: Any) -> list[Any]:
        if to_status == ReviewStatus.NOT_JUSTIFIED:
            return [_("The patient is told that it was not justified."), _("A verdict is final.")]
        return [_("A verdict is final.")]

    def perform(self, obj: EmergencyAccess, to_status: str, user: Any, note: str) -> None:
        services.review_emergency(obj.pk, by=user, verdict=to_status, note=note)

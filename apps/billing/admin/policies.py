"""Cancellation terms: drafted as steps, looked at as a table, published for what is sold from then on."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from apps.accounts.roles import Role
from apps.billing import rules, services
from apps.billing.models import CancellationPolicy, CancellationPolicyVersion, CancellationTier
from apps.billing.workflow import Canceller
from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline, ScopedTabularInline, TransitionAdmin
from apps.common.exceptions import DomainError, Text
from apps.common.workflow import Edge, Workflow

HOURS_A_DAY = 24


class VersionStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("cancellation terms", "Draft")
    PUBLISHED = "published", pgettext_lazy("cancellation terms", "Published")


PUBLISHING = Workflow(
    VersionStatus,
    {VersionStatus.DRAFT: [Edge(VersionStatus.PUBLISHED, frozenset({Role.ADMIN}), _("Publish"))]},
)


def table_of(version: CancellationPolicyVersion) -> list[dict[str, Any]]:
    """A line for each that may cancel: what is given back until when, in order, and what after the beginning."""
    terms = version.snapshot()[0]
    return [
        {"actor": Canceller(actor).label, "steps": [_step(each) for each in steps]}
        for actor, steps in rules.table(terms)
    ]


def _step(step: rules.Step) -> dict[str, Any]:
    return {"when": _until(step.hours_before), "percent": step.percent}


def _until(hours: int | None) -> Text:
    if hours is None:
        return _("after that")
    if hours == 0:
        return _("until the beginning")
    if hours % HOURS_A_DAY == 0:
        days = hours // HOURS_A_DAY
        return ngettext("until %(days)s day before", "until %(days)s days before", days) % {"days": days}
    return ngettext("until %(hours)s hour before", "until %(hours)s hours before", hours) % {"hours": hours}


class VersionInline(ReadOnlyTabularInline):
    """All versions, the newest first."""

    model = CancellationPolicyVersion
    verbose_name_plural = _("Versions")
    fields = ("number", "published_at", "published_by")
    readonly_fields = fields
    ordering = ("-number",)
    show_change_link = True


class TierInline(ScopedTabularInline):
    """The steps of a draft. Those of what is published can be read only."""

    model = CancellationTier
    fields = ("actor", "hours_before", "percent")
    ordering = ("actor", "-hours_before")
    extra = 1

    def _is_fixed(self, obj: Any) -> bool:
        return obj is None or obj.published_at is not None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self._is_fixed(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self._is_fixed(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self._is_fixed(obj) and super().has_delete_permission(request, obj)


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(BaseModelAdmin):
    """One for each kind of thing, at one hospital or at all that have none of their own."""

    list_display = ("name", "subject_type", "hospital")
    list_select_related = ("hospital",)
    list_filter = ("subject_type",)
    ordering = ("subject_type", "name")
    fields = ("name", "subject_type", "hospital")
    autocomplete_fields = ("hospital",)
    inlines = (VersionInline,)
    change_form_outer_before_template = "billing/admin/policy_draft.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("subject_type", "hospital")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CancellationPolicy, form: Any, change: bool) -> None:
        by: Any = request.user
        super().save_model(request, obj, form, change)
        if not change:
            services.draft_terms(obj.pk, by=by)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.draft_view)
        return [path("<uuid:pk>/draft/", view, name="billing_cancellationpolicy_draft"), *super().get_urls()]

    def draft_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The draft is there, a copy of the newest version, and opens."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        policy = self.get_queryset(request).filter(pk=pk).first()
        if policy is None:
            raise Http404
        if not self.has_change_permission(request, policy):
            raise PermissionDenied
        by: Any = request.user
        draft = services.draft_terms(policy.pk, by=by)
        name = f"{self.admin_site.name}:billing_cancellationpolicyversion_change"
        return HttpResponseRedirect(reverse(name, args=[draft.pk]))


@admin.register(CancellationPolicyVersion)
class CancellationPolicyVersionAdmin(TransitionAdmin):
    """What is published holds for what is sold until the next one is, and never changes."""

    workflow = PUBLISHING
    status_field = "published_at"
    events_relation = ""
    status_colours: ClassVar = {VersionStatus.DRAFT: "warning", VersionStatus.PUBLISHED: "success"}
    list_display = ("__str__", "status_badge", "published_at", "published_by")
    list_select_related = ("policy", "published_by")
    ordering = ("-id",)
    fields = (("policy", "number"), ("published_at", "published_by"))
    readonly_fields = ("policy", "number", "published_at", "published_by")
    inlines = (TierInline,)
    change_form_outer_after_template = "billing/admin/policy_table.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is published can be read only."""
        is_fixed = obj is not None and obj.published_at is not None
        return not is_fixed and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def status_of(self, obj: CancellationPolicyVersion) -> str:
        return (VersionStatus.PUBLISHED if obj.published_at else VersionStatus.DRAFT).value

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            context["terms"] = table_of(obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def why_not(self, obj: CancellationPolicyVersion, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_publish(obj.snapshot()[0])

    def preview(self, obj: CancellationPolicyVersion, to_status: str, user: Any) -> list[Text]:
        lines = [
            _("%(actor)s: %(steps)s")
            % {
                "actor": line["actor"],
                "steps": ", ".join(f"{step['when']} {step['percent']} %" for step in line["steps"]),
            }
            for line in table_of(obj)
        ]
        return [
            *lines,
            _("What is sold from now on has these terms; what was sold before keeps its own."),
            _("Published terms can never be changed or taken back, only followed by others."),
        ]

    def perform(self, obj: CancellationPolicyVersion, to_status: str, user: Any, note: str) -> None:
        services.publish_terms(obj.pk, by=user)

"""The audit trail's pages: read-only, searched by index, quick at a million rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from apps.common.models import AuditEntry

from .base import BaseModelAdmin, ReadOnlyAdminMixin
from .history import ACTS, Reader
from .lists import looked_up_first
from .scope import visible_rows

#: People whose entries one search by part of an e-mail address collects.
MAX_PEOPLE = 50


class SinceFilter(SimpleListFilter):
    """The last hour, day, week or month."""

    title = _("time")
    parameter_name = "since"
    PERIODS = {
        "hour": (_("The last hour"), timedelta(hours=1)),
        "day": (_("The last 24 hours"), timedelta(days=1)),
        "week": (_("The last 7 days"), timedelta(days=7)),
        "month": (_("The last 30 days"), timedelta(days=30)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _period) in self.PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in self.PERIODS:
            return queryset
        return queryset.filter(at__gte=timezone.now() - self.PERIODS[self.value()][1])


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """Who did what to which object, what changed, from where, when."""

    list_display = ("when", "who", "act", "what", "changed_fields", "address")
    list_filter = (SinceFilter, ("at", RangeDateTimeFilter))
    list_select_related = ("actor",)
    search_fields = ("object_id",)
    search_help_text = _("The beginning of an e-mail address, an object's id, or an act such as sign_in.failed.")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("when", "who", "act", "what", "object_id", "difference")}),
        (_("Where from"), {"fields": ("address", "user_agent", "request_id")}),
    )
    readonly_fields = ("when", "who", "act", "what", "difference")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each word narrows by one index: an object's id, the people whose address begins so, or else an act."""
        for word in search_term.split():
            queryset = self._about(queryset, word, request)
        return queryset, False

    def _about(self, entries: QuerySet, word: str, request: HttpRequest) -> QuerySet:
        trail = visible_rows(AuditEntry, request.user)
        try:
            ids = [UUID(word)]
        except ValueError:
            people = visible_rows(get_user_model(), request.user).filter(email__startswith=word.lower())
            ids = list(people.order_by().values_list("pk", flat=True)[:MAX_PEOPLE])
            if not ids:
                return entries.filter(action=word)
            return looked_up_first(entries, trail.filter(actor__in=ids))
        kinds = [model._meta.label_lower for model in apps.get_models()]
        of_it = Q(object_type__in=kinds, object_id=str(ids[0])) | Q(actor__in=ids)
        return looked_up_first(entries, trail.filter(of_it))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            entry.read_by = request.user
        return entry

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The trail has no trail."""
        return super().render_change_form(request, context | {"show_history": False}, *args, **kwargs)

    @admin.display(description=_("at"))
    def when(self, entry: AuditEntry) -> str:
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("by"))
    def who(self, entry: AuditEntry) -> str:
        return f"{entry.actor} ({entry.actor.email})" if entry.actor else "–"

    @admin.display(description=_("act"))
    def act(self, entry: AuditEntry) -> str:
        return str(ACTS.get(entry.action, entry.action))

    @admin.display(description=_("object"))
    def what(self, entry: AuditEntry) -> str:
        """The kind, and the end of the id, which is the part that differs."""
        model = self._model_of(entry)
        name = str(model._meta.verbose_name) if model else entry.object_type
        return format_html('<span title="{}">{} <bdi>{}</bdi></span>', entry.object_id, name, entry.object_id[-6:])

    @admin.display(description=_("changed"))
    def changed_fields(self, entry: AuditEntry) -> str:
        names = sorted(entry.changes)
        return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")

    @admin.display(description=_("changes"))
    def difference(self, entry: AuditEntry) -> str:
        model = self._model_of(entry)
        reader = Reader(model, visible=lambda related: visible_rows(related, entry.read_by), shown=None)
        return render_to_string("admin/difference.html", {"line": reader.lines([entry])[0]})

    def _model_of(self, entry: AuditEntry) -> Any:
        registered = self.admin_site._registry
        return next((model for model in registered if model._meta.label_lower == entry.object_type), None)

"""An object's history: what the audit trail holds about it, in words, as far as its reader may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import audit
from apps.common.models import AuditEntry

PER_PAGE = 50
EVERY_ROW = frozenset({"id", "created_at", "updated_at"})
#: How the database's own acts read; other acts (`sign_in.failed`) are shown as they are recorded.
ACTS = {"created": gettext_lazy("Created"), "changed": gettext_lazy("Changed"), "deleted": gettext_lazy("Deleted")}


@dataclass(frozen=True)
class Change:
    """One field of an entry. `is_hidden` when its values are not for this reader."""

    label: str
    before: str
    after: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Line:
    """One entry as a reader sees it."""

    at: datetime
    act: str
    by: str
    changes: tuple[Change, ...]


def entries_of(obj: models.Model) -> QuerySet:
    """The trail of one object, newest first, by its index."""
    return AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk)).order_by("-id")


def is_pair(value: Any) -> bool:
    """Whether a recorded change is [before, after] (the triggers' form) and not a detail of `audit.record`."""
    return isinstance(value, list) and len(value) == 2


class Reader:
    """Puts entries into words. Related objects are named only when `visible` gives them; their ids are never shown."""

    def __init__(self, model: type[models.Model] | None, *, visible: Any, shown: frozenset[str] | None) -> None:
        self.model = model
        self.visible = visible
        self.shown = shown
        self._names: dict[tuple[Any, str], str] = {}

    def lines(self, entries: Iterable[AuditEntry]) -> list[Line]:
        found = list(entries)
        self._look_up_names(found)
        return [
            Line(
                at=entry.at,
                act=str(ACTS.get(entry.action, entry.action)),
                by=str(entry.actor) if entry.actor else _("The system"),
                changes=tuple(self._changes(entry)),
            )
            for entry in found
        ]

    def _changes(self, entry: AuditEntry) -> Iterable[Change]:
        """What a person wants to read: not the id and the times that every row has, not what is empty on both sides."""
        for name, value in sorted(entry.changes.items()):
            change = self.change(name, value)
            if name not in EVERY_ROW and (change.before or change.after or change.is_hidden):
                yield change

    def field(self, column: str) -> Any:
        if self.model is None:
            return None
        try:
            return self.model._meta.get_field(column.removesuffix("_id") if column.endswith("_id") else column)
        except FieldDoesNotExist:
            return None

    def change(self, column: str, value: Any) -> Change:
        field = self.field(column)
        label = capfirst(str(field.verbose_name)) if field is not None else column
        hidden = self.shown is not None and (field is None or field.name not in self.shown)
        if value == audit.MASK or hidden:
            return Change(label, "", "", is_hidden=True)
        before, after = value if is_pair(value) else (None, value)
        return Change(label, self.text(field, before), self.text(field, after))

    def text(self, field: Any, value: Any) -> str:
        if value in (None, "", [], {}):
            return ""
        if field is not None and field.is_relation:
            return self._names.get((field.related_model, str(value)), "…")
        if field is not None and field.flatchoices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        at = parse_datetime(value) if isinstance(field, models.DateTimeField) and isinstance(value, str) else None
        return f"{at:%Y-%m-%d %H:%M} UTC" if at else str(value)

    def _look_up_names(self, entries: list[AuditEntry]) -> None:
        """One query for each related model, of the rows that the reader may see."""
        wanted: dict[Any, set[str]] = defaultdict(set)
        for entry in entries:
            for column, value in entry.changes.items():
                field = self.field(column)
                if field is not None and field.is_relation and is_pair(value):
                    wanted[field.related_model] |= {str(part) for part in value if part}
        for model, pks in wanted.items():
            for row in self.visible(model).filter(pk__in=pks):
                self._names[model, str(row.pk)] = str(row)


class TrailMixin:
    """Replaces Django's log of admin clicks: the trail holds every change, whoever and whatever made it."""

    object_history_template = "admin/object_history.html"

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the database's trigger has written it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the database's trigger has written it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing: the database's trigger has written it."""

    def shown_columns(self, request: HttpRequest, obj: Any) -> frozenset[str] | None:
        """The fields whose values this reader finds on the object's page; None is all of them."""
        if request.user.has_perm("common.view_auditentry"):
            return None
        return frozenset(flatten_fieldsets(self.get_fieldsets(request, obj)))  # type: ignore[attr-defined]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        admin: Any = self
        obj = admin.get_object(request, unquote(object_id))
        if obj is None:
            return admin._get_obj_does_not_exist_redirect(request, admin.opts, object_id)
        if not admin.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        paginator = admin.get_paginator(request, entries_of(obj).select_related("actor"), PER_PAGE)
        page = paginator.get_page(request.GET.get("p"))
        reader = Reader(
            admin.model,
            visible=lambda model: admin.visible_related(model, request),
            shown=self.shown_columns(request, obj),
        )
        context = {
            **admin.admin_site.each_context(request),
            "title": _("History of %(object)s") % {"object": obj},
            "subtitle": None,
            "lines": reader.lines(page.object_list),
            "page": page,
            "object": obj,
            "original": obj,
            "opts": admin.opts,
            "preserved_filters": admin.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = admin.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, self.object_history_template, context)

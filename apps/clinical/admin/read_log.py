"""The log of readings, to be searched and exported by platform admins; exporting is recorded."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from apps.accounts.roles import Role
from apps.clinical.models import ReadEntry, ReadSeal
from apps.clinical.selectors import finding
from apps.common import audit
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin
from apps.common.admin.audit_trail import SinceFilter
from apps.common.admin.lists import BOUND, looked_up_first
from apps.common.admin.scope import visible_rows

from . import people, shown

#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    "id", "at", "patient_id", "reader_id", "reader_role", "object_type", "object_id", "act", "ground", "ground_id",
    "place", "address", "user_agent", "request_id", "seal_id",
)  # fmt: skip


@admin.register(ReadEntry)
class ReadEntryAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """Who read what of whose record, on what ground, from where. Sealed each minute in a chain of digests."""

    list_display = ("when", "who", "role", "what", "about", "act", "ground", "place", "address")
    list_display_links = ("when",)
    list_filter = (SinceFilter, "ground", "act", ("at", RangeDateTimeFilter))
    list_before_template = "clinical/admin/read_log_head.html"
    extra_lookups = frozenset({"patient", "reader"})
    search_fields = ("object_id",)
    search_help_text = _(
        "The id of a patient, a reader or what was read; the beginning of the reader's e-mail address; or a patient's "
        "name."
    )
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("when", "who", "role"), ("about", "what", "object_id"))}),
        (_("Why"), {"fields": (("act", "ground", "ground_id"),)}),
        (_("Where from"), {"fields": (("place", "address"), "user_agent", "request_id")}),
        (_("Seal"), {"fields": ("sealed",)}),
    )
    readonly_fields = ("when", "who", "role", "what", "about", "sealed")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Names are looked up beside: an entry whose patient or reader is gone stays in the list."""
        return super().get_queryset(request).prefetch_related("patient__user", "reader")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The log has no trail."""
        return super().render_change_form(request, context | {"show_history": False}, *args, **kwargs)

    # --- the list ---

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        seal = visible_rows(ReadSeal, request.user).order_by("-number").first()
        last = visible_rows(ReadEntry, request.user).order_by("-id").values_list("id", flat=True).first()
        head = {
            "seal": seal,
            "is_whole": seal is not None and (last is None or last <= seal.last_entry),
            "export_url": reverse("admin:clinical_readentry_export"),
        }
        return super().changelist_view(request, head | (extra_context or {}))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each search narrows by one index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        log = visible_rows(ReadEntry, request.user)
        exact = people.as_id(term)
        if exact is not None:
            found = log.filter(Q(patient=exact) | Q(reader=exact) | Q(object_id=exact))
            return looked_up_first(queryset, found), False
        if "@" in term:
            readers = visible_rows(self.opts.get_field("reader").related_model, request.user)
            ids = readers.filter(email__startswith=term.lower()).order_by().values("pk")
            return looked_up_first(queryset, log.filter(reader__in=ids)), False
        patients = finding.patients_called(term, reader=request.user).order_by().values("pk")
        return looked_up_first(queryset, log.filter(patient__in=patients)), False

    @admin.display(description=_("at"))
    def when(self, entry: ReadEntry) -> str:
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("read by"))
    def who(self, entry: ReadEntry) -> str:
        return str(entry.reader) if entry.reader else "–"

    @admin.display(description=_("role"))
    def role(self, entry: ReadEntry) -> str:
        """At the time of reading."""
        return str(dict(Role.choices).get(entry.reader_role, entry.reader_role or "–"))

    @admin.display(description=_("what"))
    def what(self, entry: ReadEntry) -> str:
        return shown.kind_of(entry.object_type)

    @admin.display(description=_("patient"))
    def about(self, entry: ReadEntry) -> str:
        return str(entry.patient) if entry.patient else "–"

    @admin.display(description=_("seal"))
    def sealed(self, entry: ReadEntry) -> str:
        return str(entry.seal_id) if entry.seal_id is not None else str(_("Not yet: the next minute's seal takes it."))

    # --- the export ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.csv_view)
        return [path("export/", view, name="clinical_readentry_export"), *super().get_urls()]

    def csv_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list shows, filtered and searched as it is, as CSV; to the same bound. It is in the trail before
        the first line leaves."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        entries = list(rows.prefetch_related(None).values_list(*_COLUMNS)[:BOUND])
        audit.record("read_log.exported", actor=request.user, entries=len(entries))
        response = StreamingHttpResponse(_lines(entries), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="read-log-{timezone.now():%Y%m%dT%H%M%SZ}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


class _Echo:
    """What csv writes to, and hands on."""

    def write(self, line: str) -> str:
        return line


def _lines(entries: list[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(_COLUMNS)
    for entry in entries:
        yield writer.writerow([_defused(value) for value in entry])


def _defused(value: Any) -> str:
    """A text that a spreadsheet would compute is written with a mark before it."""
    text = value.isoformat() if hasattr(value, "isoformat") else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

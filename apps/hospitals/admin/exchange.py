"""Sheets out and in: an export of what the list shows, a template, and an import that is previewed row by row.

Nothing is written before its preview was seen, and then all rows or none.
"""

import hashlib
import json
import secrets
from collections import Counter
from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.accounts.roles import Role
from apps.common import audit

from . import sheets
from .resources import Line, SheetResource

#: How long a previewed file can be confirmed.
KEPT_SECONDS = 30 * 60
#: Rows that a preview shows of each kind; the counts are of all.
SHOWN = 200


class UploadForm(forms.Form):
    """A workbook, looked at before anything reads it."""

    file = forms.FileField(
        label=gettext_lazy("Excel workbook (.xlsx)"), widget=UnfoldAdminFileFieldWidget({"accept": ".xlsx"})
    )
    #: The workbook's first sheet, and the bytes it came from.
    sheet: sheets.Sheet
    content: bytes

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > sheets.MAX_BYTES:
            limit = sheets.MAX_BYTES // sheets.MEGABYTE
            raise ValidationError(_("The file is too large: at most %(megabytes)d MB."), params={"megabytes": limit})
        self.content = upload.read()
        self.sheet = sheets.read(self.content)
        return upload


def digest_of(lines: list[Line]) -> str:
    """What a preview showed, in short: what is confirmed must be what was seen."""
    return hashlib.sha256(json.dumps([asdict(line) for line in lines], sort_keys=True).encode()).hexdigest()


class ExchangeMixin:
    """Pages of rows that go out and come in as a sheet."""

    resource_class: ClassVar[type[SheetResource]]
    #: Sheets of a template that say what the codes of the columns are: (title, model's rows).
    reference_models: ClassVar[tuple[Any, ...]] = ()
    list_before_template = "hospitals/admin/exchange_links.html"

    model: Any
    opts: Any
    admin_site: Any

    def has_exchange_permission(self, request: HttpRequest) -> bool:
        """Whoever adds and changes these rows by hand may do so by sheet, and read them so."""
        return self.has_add_permission(request) and self.has_change_permission(request)  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("sheet/export", view(self.export_view), name=f"{name}_export"),
            path("sheet/template", view(self.template_view), name=f"{name}_template"),
            path("sheet/import", view(self.import_view), name=f"{name}_import"),
            path("sheet/confirm", view(self.confirm_view), name=f"{name}_confirm"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"may_exchange": self.has_exchange_permission(request), **self._addresses()}
        return super().changelist_view(request, {**more, **(extra_context or {})})  # type: ignore[misc]

    def _addresses(self) -> dict[str, str]:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return {f"{act}_url": reverse(f"{name}_{act}") for act in ("export", "template", "import", "confirm")}

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_exchange_permission(request):
            raise PermissionDenied

    def _list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")

    # --- out ---

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The rows that the list shows with its filters, as a sheet that can come back changed."""
        self._guard(request)
        resource = self.resource_class(request.user)
        shown = self.get_changelist_instance(request).get_queryset(request)  # type: ignore[attr-defined]
        pks = list(shown.order_by().values_list("pk", flat=True)[: sheets.MAX_ROWS + 1])
        if len(pks) > sheets.MAX_ROWS:
            text = _("These are more than %(rows)d rows: please narrow the list by a filter first.")
            messages.warning(request, text % {"rows": sheets.MAX_ROWS})
            return HttpResponseRedirect(self._list_url())
        audit.record(f"{self.opts.model_name}.exported", actor=request.user, rows=len(pks))
        page = (str(self.opts.verbose_name_plural), resource.headers, resource.written(resource.rows(pks)))
        return self._workbook([page], f"{self.opts.model_name}s-{timezone.localdate():%Y-%m-%d}.xlsx")

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The columns without rows, and beside them what their codes are."""
        self._guard(request)
        resource = self.resource_class(request.user)
        pages: list[Any] = [(str(self.opts.verbose_name_plural), resource.headers, [])]
        for model in self.reference_models:
            rows = self.visible_related(model, request).order_by("name_en")  # type: ignore[attr-defined]
            key = "code" if any(field.name == "code" for field in model._meta.fields) else "id"
            lines = [[str(getattr(row, key)), row.name] for row in rows.only(key, *resource.name_columns)[:10_000]]
            pages.append((str(model._meta.verbose_name_plural), [key, str(_("name"))], lines))
        return self._workbook(pages, f"{self.opts.model_name}s-template.xlsx")

    def _workbook(self, pages: list[Any], name: str) -> HttpResponse:
        response = HttpResponse(sheets.write(pages), content_type=sheets.CONTENT_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response

    # --- in ---

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload, and see what would change."""
        self._guard(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                lines = self.resource_class(request.user).run(form.sheet, dry_run=True)
            except ValidationError as error:
                form.add_error("file", error)
            else:
                return self._preview(request, form.content, lines)
        return self._page(request, "hospitals/admin/import_form.html", form=form, limit=sheets.MAX_ROWS)

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        """Do what the preview showed, all of it or nothing."""
        self._guard(request)
        token = request.POST.get("token", "")
        content = cache.get(self._key(request, token)) if token else None
        if request.method != "POST" or content is None:
            messages.warning(request, _("This preview is over. Please upload the file again."))
            return HttpResponseRedirect(self._addresses()["import_url"])
        with transaction.atomic():
            lines = self.resource_class(request.user).run(sheets.read(content), dry_run=False)
            is_as_seen = constant_time_compare(digest_of(lines), request.POST.get("digest", ""))
            counts = Counter(line.kind for line in lines)
            if not is_as_seen or counts["error"]:
                transaction.set_rollback(True)
        if not is_as_seen or counts["error"]:
            messages.warning(
                request, _("Something has changed since the preview. Nothing was saved: please look again.")
            )
            return self._preview(request, content, lines)
        cache.delete(self._key(request, token))
        audit.record(
            f"{self.opts.model_name}.imported", actor=request.user, new=counts["new"], changed=counts["changed"]
        )
        said = _("Imported: %(new)d new, %(changed)d changed, %(same)d unchanged.")
        messages.success(request, said % {kind: counts[kind] for kind in ("new", "changed", "same")})
        return HttpResponseRedirect(self._list_url())

    def _key(self, request: HttpRequest, token: str) -> str:
        return f"sheet:{self.opts.model_name}:{request.user.pk}:{token[:64]}"

    def _preview(self, request: HttpRequest, content: bytes, lines: list[Line]) -> HttpResponse:
        counts = Counter(line.kind for line in lines)
        token = secrets.token_urlsafe(24)
        may_confirm = not counts["error"] and bool(counts["new"] or counts["changed"])
        if may_confirm:
            cache.set(self._key(request, token), content, KEPT_SECONDS)
        groups = [
            {
                "kind": kind,
                "title": title,
                "count": counts[kind],
                "lines": [line for line in lines if line.kind == kind][:SHOWN] if kind != "same" else [],
            }
            for kind, title in (
                ("error", _("With errors")),
                ("new", _("New")),
                ("changed", _("Changed")),
                ("same", _("Unchanged")),
            )
        ]
        return self._page(
            request,
            "hospitals/admin/import_preview.html",
            groups=groups,
            errors=counts["error"],
            may_confirm=may_confirm,
            token=token,
            digest=digest_of(lines),
            shown=SHOWN,
        )

    def _page(self, request: HttpRequest, template: str, **more: Any) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        title = _("Import: %(kind)s") % {"kind": self.opts.verbose_name_plural}
        is_staff_of_hospital = getattr(request.user, "role", "") == Role.HOSPITAL_ADMIN
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_url": self._list_url(),
            "is_staff_of_hospital": is_staff_of_hospital,
            **self._addresses(),
            **more,
        }
        return TemplateResponse(request, template, context)

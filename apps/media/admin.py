"""The media library: every file with its picture, whose it is and what uses it."""

import contextlib
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from apps.common.admin import BaseModelAdmin
from apps.common.exceptions import DomainError

from . import exceptions, links, rules, selectors, services
from .models import Scan, StoredFile, Visibility

Purpose = StoredFile.Purpose


class UploadForm(forms.Form):
    """What is uploaded here is kept though nothing uses it yet: that is what a library is for."""

    KINDS = {
        "public": _("Picture for public pages"),
        "private": _("Picture, private"),
        "document": _("Document, private"),
    }
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KINDS.items()), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("JPEG, PNG, WebP or GIF up to 10 MB; documents as PDF, JPEG or PNG up to 20 MB."),
    )

    def store(self, *, by: Any) -> StoredFile:
        kind, upload = self.cleaned_data["kind"], self.cleaned_data["file"]
        if kind == "document":
            return services.store_document(upload, by=by, is_kept=True)
        return services.store_image(upload, by=by, visibility=kind, is_kept=True)


class UsedFilter(SimpleListFilter):
    """Whether anything refers to the file."""

    title = _("used")
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("By nothing")), ("yes", _("By something"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in {"no", "yes"}:
            return queryset
        unused = queryset.order_by().unused().values("pk")
        return queryset.filter(pk__in=unused) if self.value() == "no" else queryset.exclude(pk__in=unused)


@admin.register(StoredFile)
class StoredFileAdmin(BaseModelAdmin):
    change_list_template = "media/admin/library.html"
    list_display = ("thumbnail", "name", "kind", "facts", "owner", "used_by", "created_at")
    list_display_links = ("name",)
    list_filter = ("purpose", "visibility", "scan", UsedFilter)
    list_select_related = ("owner",)
    search_fields = ("sha256",)
    search_help_text = _("Words of a name that you gave a file, or its whole id or SHA-256.")
    ordering = ("-id",)  # the ids are ordered by time, and their index is there anyway
    fieldsets = (
        (None, {"fields": ("shown", ("name", "kind"), ("owner", "created_at"))}),
        (_("Used"), {"fields": ("used_by", "is_kept")}),
        (_("Content"), {"fields": (("content_type", "facts"), "sha256")}),
        (_("Scanned for viruses"), {"fields": (("scan", "scanned_at"), ("threat", "erased_at"))}),
    )
    readonly_fields = (
        "shown", "name", "kind", "owner", "created_at", "used_by", "content_type", "facts", "sha256",
        "scan", "scanned_at", "threat", "erased_at",
    )  # fmt: skip

    def rows(self, request: HttpRequest) -> QuerySet:
        return super().rows(request).stored()  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found = super().get_changelist_instance(request)
        self._look_up(found.result_list, request)
        return found

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            self._look_up([found], request)
        return found

    def _look_up(self, files: Any, request: HttpRequest) -> None:
        """What uses the files of a page, and whether their reader may open each."""
        uses = selectors.uses(files)
        for file in files:
            file.uses = [self._use(use, request) for use in uses.get(file.pk, [])]
            file.is_used = bool(file.uses)
            file.view = selectors.shown(file, reader=request.user)

    def _use(self, use: selectors.Use, request: HttpRequest) -> dict[str, str]:
        """A use in words, with a link where the reader has pages of that kind."""
        opts, url = use.model._meta, ""
        if self.admin_site.is_registered(use.model):
            pages = self.admin_site.get_model_admin(use.model)
            if pages.has_view_or_change_permission(request):
                url = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change", args=(use.pk,))
        return {"text": f"{capfirst(opts.verbose_name)}: {use.field}", "url": url}

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """One's own files by words of the names one gave them; any that one may see by its whole id or digest."""
        for word in search_term.split():
            found = Q(sha256=word.lower()) | Q(owner=request.user, original_name__icontains=word)
            with contextlib.suppress(ValueError):  # no id
                found |= Q(pk=UUID(word))
            queryset = queryset.filter(found)
        return queryset, False

    # --- what is shown ---

    @admin.display(description="")
    def thumbnail(self, file: Any) -> str:
        thumbnails = file.view["thumbnails"] or {}
        return render_to_string(
            "media/admin/thumbnail.html",
            {
                "url": links.on_this_site(thumbnails.get("medium", "")),
                "icon": "picture_as_pdf" if file.content_type == "application/pdf" else "lab_profile",
                "page": self.page_of(file.pk),
            },
        )

    @admin.display(description=_("file"))
    def shown(self, file: Any) -> str:
        thumbnails = file.view["thumbnails"] or {}
        return render_to_string(
            "media/admin/shown.html",
            {
                "url": links.on_this_site(thumbnails.get("large", "")),
                "name": file.view["original_name"] or str(file),
                "open_url": reverse("admin:media_storedfile_open", args=(file.pk,)) if file.view["url"] else "",
                "is_fit": file.is_fit,
            },
        )

    @admin.display(description=_("name"))
    def name(self, file: Any) -> str:
        return file.view["original_name"] or str(file)

    @admin.display(description=_("kind"))
    def kind(self, file: StoredFile) -> str:
        public = file.visibility == Visibility.PUBLIC
        badges = [{"text": file.get_visibility_display(), "type": "success" if public else "info"}]
        if not file.is_fit:
            danger = "danger" if file.scan == Scan.INFECTED else "warning"
            badges.append({"text": file.get_scan_display(), "type": danger})
        labels = [render_to_string("unfold/helpers/label.html", badge) for badge in badges]
        return render_to_string("media/admin/kind.html", {"purpose": file.get_purpose_display(), "labels": labels})

    @admin.display(description=_("size"))
    def facts(self, file: StoredFile) -> str:
        size = filesizeformat(file.size)
        return format_html('{} · <bdi dir="ltr">{} × {}</bdi>', size, file.width, file.height) if file.width else size

    @admin.display(description=_("used by"))
    def used_by(self, file: Any) -> str:
        return render_to_string("media/admin/uses.html", {"uses": file.uses, "is_kept": file.is_kept})

    # --- opening, uploading, keeping, removing ---

    def get_urls(self) -> list[URLPattern]:
        own = path("<uuid:pk>/open", self.admin_site.admin_view(self.open_view), name="media_storedfile_open")
        return [own, *super().get_urls()]

    def open_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """To the file by a fresh link: those on a page that stood open are dead after five minutes."""
        file = self.get_queryset(request).with_use().filter(pk=pk).first()
        if file is None or not self.has_view_permission(request, file):
            raise Http404
        url = selectors.shown(file, reader=request.user)["url"]
        if url is None:
            raise PermissionDenied
        return HttpResponseRedirect(links.on_this_site(url))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Outside the transaction that other pages are saved in: the file is stored before its row can be seen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST":
            file = self._stored(request, form)
            if file is not None:
                return self.response_add(request, file)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Upload a file"),
            "form": form,
            "opts": self.opts,
            "is_popup": "_popup" in request.GET or "_popup" in request.POST,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "media/admin/upload.html", context)

    def _stored(self, request: HttpRequest, form: UploadForm) -> StoredFile | None:
        """The file; or None, with the reason on the form."""
        if any(getattr(handler, "is_too_large", False) for handler in request.upload_handlers):
            limit = rules.MAX_BYTES[Purpose.DOCUMENT] // rules.MEGABYTE
            form.errors["file"] = form.error_class([exceptions.FileTooLarge(megabytes=limit).text])
            return None
        if not form.is_valid():
            return None
        try:
            return form.store(by=request.user)
        except DomainError as refusal:
            form.add_error("file", refusal.text)
            return None

    def save_model(self, request: HttpRequest, obj: StoredFile, form: Any, change: bool) -> None:
        services.keep_file(obj, is_kept=form.cleaned_data["is_kept"], by=request.user)

    def delete_model(self, request: HttpRequest, obj: StoredFile) -> None:
        services.remove_file(obj, by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Each on its own: those in use stay, and are counted."""
        in_use = 0
        for file in queryset:
            try:
                services.remove_file(file, by=request.user)
            except exceptions.FileInUse:
                in_use += 1
        if in_use:
            text = ngettext("%(count)s file is in use and stays.", "%(count)s files are in use and stay.", in_use)
            messages.warning(request, text % {"count": in_use})

"""Medical records in the admin: read with versions and files, added by coordinators, marked as errors by admins."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import UnfoldAdminFileFieldWidget

from apps.accounts.roles import Role
from apps.clinical import rules, services
from apps.clinical.models import MedicalRecord, Patient, ReadEntry, RecordFile
from apps.clinical.selectors import timeline
from apps.common.admin import TransitionAdmin
from apps.common.admin.base import REFUSALS
from apps.common.exceptions import DomainError, Text
from apps.common.workflow import Edge, Workflow
from apps.media import exceptions as media_exceptions
from apps.media import links
from apps.media import rules as media_rules
from apps.media import services as media_services
from apps.media.models import StoredFile

from . import labels, people, tabs
from .reading import LoggedReading

Status = MedicalRecord.Status
#: The one move of this page; a correction is a new version, made where the record is kept.
ERRORS = Workflow(
    Status, {Status.CURRENT: [Edge(Status.ERROR, frozenset({Role.ADMIN}), _("Mark as entered in error"))]}
)
TONES = {Status.CURRENT: "success", Status.SUPERSEDED: "", Status.ERROR: "danger"}
#: How measurements read, and their unit.
MEASURES: dict[str, tuple[Text, str]] = {
    "height_cm": (_("Height"), "cm"),
    "weight_kg": (_("Weight"), "kg"),
    "bmi": (_("Body mass index"), "kg/m²"),
}
#: Newer versions first, no more than this on a page.
VERSIONS = 50


class _FilesInput(UnfoldAdminFileFieldWidget):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once."""

    widget = _FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(_FilesField, self).clean(one, initial) for one in given]


class RecordForm(forms.ModelForm):
    """What a patient has sent to a coordinator, put into their record."""

    files = _FilesField(label=_("Files"), required=False, help_text=_("PDF, JPEG, PNG or DICOM, up to 100 MB each."))

    class Meta:
        model = MedicalRecord
        fields: ClassVar = ["patient", "type", "title", "recorded_on", "description", "language"]


@admin.register(MedicalRecord)
class MedicalRecordAdmin(LoggedReading, people.ByPatient, TransitionAdmin):
    """What the reader has sight of, and nothing else; every row that is shown is logged as read."""

    workflow = ERRORS
    note_required_for = frozenset({Status.ERROR})
    danger_statuses = frozenset({Status.ERROR})
    status_colours: ClassVar = TONES
    events_relation = ""
    list_display = ("title", "type", "patient", "recorded_on", "uploaded_by", "is_shared", "status_badge")
    list_select_related = ("patient__user", "uploaded_by")
    list_filter = ("type", "status", ("recorded_on", RangeDateFilter))
    list_before_template = "clinical/admin/notice.html"
    extra_lookups = frozenset({"patient"})
    ordering = ("-recorded_on", "-id")
    fieldsets = (
        (None, {"fields": ("title", ("type", "patient"), ("recorded_on", "language"))}),
        (_("Findings"), {"fields": ("findings", "measured", "files")}),
        (_("Origin"), {"fields": (("uploaded_by", "created_at"), ("is_shared", "correction_reason"), "versions")}),
    )
    error_fieldset = (_("Entered in error"), {"fields": (("ended_by", "ended_at"), "error_reason")})
    add_fieldsets = (
        (
            None,
            {"fields": ("patient", ("type", "recorded_on"), "title", "description", "language", "files")},
        ),
    )

    # --- the list ---

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        user: Any = request.user
        return super().changelist_view(request, {"notice": timeline.notice(user), **(extra_context or {})})

    # --- the page ---

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records are kept: what is wrong is marked as entered in error."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return (*self.fieldsets, self.error_fieldset) if obj.status == Status.ERROR else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return []
        return [*(field.name for field in self.opts.fields), "findings", "measured", "files", "versions"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            obj.read_by = request.user
            context = context | {"show_save": False, "show_save_and_continue": False}
        else:
            context = context | {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("description"))
    def findings(self, record: MedicalRecord) -> str:
        return labels.prose(record.description)

    @admin.display(description=_("measurements"))
    def measured(self, record: MedicalRecord) -> str:
        known = [(MEASURES.get(name, (name, "")), value) for name, value in record.measurements.items()]
        shown = [(title, f"{value} {unit}".strip()) for (title, unit), value in known]
        return render_to_string("clinical/admin/measurements.html", {"measurements": shown})

    @admin.display(description=_("files"))
    def files(self, record: MedicalRecord) -> str:
        rows = RecordFile.objects.visible_to(self._reader(record)).filter(record=record).select_related("file")
        lines = [
            {
                "name": links.download_name(row.file),
                "kind": row.file.content_type,
                "bytes": row.file.size,
                "refusal": media_rules.why_not_use(row.file),
                "url": reverse("admin:clinical_medicalrecord_file", args=(record.pk, row.file_id)),
            }
            for row in rows.order_by("position", "id")
        ]
        return render_to_string("clinical/admin/record_files.html", {"lines": lines})

    @admin.display(description=_("versions"))
    def versions(self, record: MedicalRecord) -> str:
        """Of each no more than when it was written and what has become of it: it is read on its own page."""
        rows = MedicalRecord.objects.visible_to(self._reader(record)).filter(series=record.series)
        lines = [
            {
                "version": row["version"],
                "at": row["created_at"],
                "status": Status(row["status"]).label,
                "tone": TONES[Status(row["status"])],
                "url": "" if row["id"] == record.pk else self.page_of(row["id"]),
            }
            for row in rows.order_by("-version").values("id", "version", "created_at", "status")[:VERSIONS]
        ]
        return render_to_string("clinical/admin/record_versions.html", {"lines": lines})

    def _reader(self, record: MedicalRecord) -> Any:
        return getattr(record, "read_by", None)

    # --- files ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        name = "clinical_medicalrecord_file"
        return [path("<path:object_id>/files/<uuid:file_id>/", view, name=name), *super().get_urls()]

    def file_view(self, request: HttpRequest, object_id: str, file_id: UUID) -> HttpResponse:
        """On to the file, by a link of a few minutes; that it was opened is logged before."""
        record = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        if record is None or not self.has_view_permission(request, record):
            raise Http404
        file = self._file(request, record, file_id)
        try:
            link = links.private_link(file)
        except DomainError as refusal:
            messages.error(request, refusal.text)
            return HttpResponseRedirect(self.page_of(record.pk))
        self.log_reading(request, [record.pk], ReadEntry.Act.DOWNLOADED)
        return HttpResponseRedirect(links.on_this_site(link))

    def _file(self, request: HttpRequest, record: MedicalRecord, file_id: UUID) -> StoredFile:
        rows = RecordFile.objects.visible_to(request.user).filter(record=record, file=file_id)
        row = rows.select_related("file").first()
        if row is None:
            raise Http404
        return row.file

    # --- adding ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = type("GuardedRecordForm", (self.form, RecordForm), {"Meta": RecordForm.Meta})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From a patient's page, for that patient."""
        given = super().get_changeform_initial_data(request)
        patient = people.as_id(request.GET.get("patient", ""))
        visible = Patient.objects.visible_to(request.user).filter(pk=patient) if patient else None
        return given | ({"patient": patient} if visible is not None and visible.exists() else {"patient": None})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Outside the transaction that other pages are saved in: a file is stored before its row can be seen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return super().add_view(request, form_url, extra_context)
        if any(getattr(handler, "is_too_large", False) for handler in request.upload_handlers):
            limit = media_rules.MAX_BYTES[StoredFile.Purpose.MEDICAL_RECORD] // media_rules.MEGABYTE
            request.admin_refusal = media_exceptions.FileTooLarge(megabytes=limit)  # type: ignore[attr-defined]
            return super().add_view(request, form_url, extra_context)
        try:
            return self._changeform_view(request, None, form_url, extra_context)
        except REFUSALS as error:
            request.admin_refusal = self._refusal(error)  # type: ignore[attr-defined]
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: MedicalRecord, form: Any, change: bool) -> None:
        by: Any = request.user
        given = {name: value for name, value in form.cleaned_data.items() if name not in {"patient", "files"}}
        files = [media_services.store_medical_record(upload, by=by) for upload in form.cleaned_data["files"]]
        record = services.add_record(form.cleaned_data["patient"], by=by, files=files, **given)
        obj.pk, obj._state.adding = record.pk, False

    # --- entered in error ---

    def why_not(self, obj: MedicalRecord, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_mark_as_error(obj, reason=".", by=user)

    def preview(self, obj: MedicalRecord, to_status: str, user: Any) -> list[Any]:
        return [_("The record stays, marked for everyone who sees it. This cannot be taken back.")]

    def perform(self, obj: MedicalRecord, to_status: str, user: Any, note: str) -> None:
        services.mark_record_as_error(obj, reason=note, by=user)


def _add_address(request: HttpRequest, patient: Patient) -> str:
    return f"{reverse('admin:clinical_medicalrecord_add')}?patient={patient.pk}"


tabs.register_action("records", _("Add a record"), "note_add", _add_address, permission="clinical.add_medicalrecord")

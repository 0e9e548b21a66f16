"""What people ask of their data: copies, closed accounts with what erasing them will do, and holds against it."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical.admin import labels, people
from apps.common.admin import BaseModelAdmin, TransitionAdmin
from apps.common.exceptions import DomainError, Text
from apps.common.workflow import Edge, Workflow
from apps.interop import rules, services
from apps.interop.models import Closure, DataExport, LegalHold
from apps.interop.selectors import people as selectors
from apps.interop.workflow import CLOSURE, ClosureStatus, ExportStatus
from apps.media import links


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def person(row: Any) -> str:
    """The patient's name; of one who was forgotten, that it is so."""
    erased = _("Erased (%(id)s)") % {"id": row.patient.pk.hex[-6:]}
    return row.patient.user.full_name or erased


class _OfPatient(people.ByPatient):
    """Rows of a patient who may have no name any more."""

    list_select_related: Any = ("patient__user",)
    ordering: Any = ("-created_at", "-id")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("patient"))
    def whose(self, row: Any) -> str:
        return person(row)


@admin.register(DataExport)
class DataExportAdmin(_OfPatient, BaseModelAdmin):
    """Copies that are asked for: by patients in their app, by an admin here for one who wrote a letter."""

    COLOURS: ClassVar = {ExportStatus.PENDING: "info", ExportStatus.READY: "success", ExportStatus.FAILED: "danger"}
    list_display = ("whose", "status_badge", "progress", "asked_by", "created_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("patient__user", "asked_by", "file")
    fieldsets = (
        (None, {"fields": ("whose", ("status_badge", "progress"), ("asked_by", "created_at"))}),
        (gettext_lazy("The copy"), {"fields": ("download", ("ready_at", "expires_at"))}),
    )
    add_fieldsets = ((None, {"fields": ("patient",)}),)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["whose", "status_badge", "progress", "download"]
        return [*(field.name for field in self.opts.fields), *shown] if obj else shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DataExport, form: Any, change: bool) -> None:
        asked = services.ask_for_export(obj.patient, by=_user(request))
        obj.pk, obj._state.adding = asked.pk, False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.url = services.link_to(found, by=_user(request))
        return found

    @admin.display(description=gettext_lazy("status"))
    def status_badge(self, export: DataExport) -> str:
        return labels.label(export.get_status_display(), self.COLOURS.get(ExportStatus(export.status), ""))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, export: DataExport) -> str:
        return f"{100 if export.status == ExportStatus.READY else export.percent}\N{NO-BREAK SPACE}%"

    @admin.display(description=gettext_lazy("file"))
    def download(self, export: Any) -> str:
        context = {
            "export": export,
            "url": links.on_this_site(export.url) if getattr(export, "url", None) else "",
            "is_ready": export.status == ExportStatus.READY,
        }
        return render_to_string("interop/admin/download.html", context)


@admin.register(Closure)
class ClosureAdmin(_OfPatient, TransitionAdmin):
    """Closed accounts: until erasing begins one can be reopened; what erasing will do, or has done, stands there."""

    workflow = CLOSURE
    events_relation = ""
    note_required_for = frozenset({ClosureStatus.REOPENED})
    status_colours: ClassVar = {
        ClosureStatus.WAITING: "warning",
        ClosureStatus.REOPENED: "success",
        ClosureStatus.ERASING: "danger",
        ClosureStatus.RETAINED: "info",
    }
    list_display = ("whose", "status_badge", "created_at", "erase_at", "keep_until", "is_held")
    list_filter = ("status",)
    fieldsets = (
        (None, {"fields": (("whose", "is_held"), ("created_at", "erase_at"), ("erased_at", "keep_until"), "progress")}),
        (gettext_lazy("Reopened"), {"fields": (("reopened_by", "reopened_at"), "reopening_note")}),
        (gettext_lazy("What becomes of it"), {"fields": ("fates",)}),
        (gettext_lazy("What was done"), {"fields": ("done_so_far",)}),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["whose", "is_held", "progress", "fates", "done_so_far"]
        return [*(field.name for field in self.opts.fields), *shown]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        holds = LegalHold.objects.visible_to(_user(request)).standing().filter(patient=models.OuterRef("patient"))
        return super().get_queryset(request).annotate(held=models.Exists(holds))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | nothing_to_save, *args, **kwargs)

    # --- what is shown ---

    @admin.display(description=gettext_lazy("held"), boolean=True)
    def is_held(self, closure: Any) -> bool:
        return closure.held

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, closure: Closure) -> str:
        return f"{closure.done} / {closure.total}" if closure.total else "–"

    @admin.display(description=gettext_lazy("by kind"))
    def fates(self, closure: Closure) -> str:
        """As it will be on the day on which erasing begins; after it, what stays and until when."""
        if closure.status == ClosureStatus.REOPENED:
            return _("Nothing: the account is open again.")
        today = max(timezone.now(), closure.erase_at).date()
        found = selectors.preview(closure.patient, selectors.kept_until_of(closure), today=today)
        if closure.erased_at:
            found = [fate for fate in found if fate.act == "keep"]
        return render_to_string("interop/admin/fates.html", {"fates": found})

    @admin.display(description=gettext_lazy("by day"))
    def done_so_far(self, closure: Closure) -> str:
        days = [
            {"day": day, "counts": selectors.told(counts)}
            for day, counts in sorted(closure.report.items())
            if day != "until"
        ]
        return render_to_string("interop/admin/done.html", {"days": days})

    # --- reopening ---

    def why_not(self, obj: Closure, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_reopen(obj)

    def preview(self, obj: Closure, to_status: str, user: Any) -> Sequence[Text]:
        return [_("The person can sign in again and is told so. Nothing was erased yet.")]

    def perform(self, obj: Closure, to_status: str, user: Any, note: str) -> None:
        services.reopen_account(obj.pk, by=user, note=note[:500])


class HoldStatus(models.TextChoices):
    """A hold as its page shows it."""

    STANDING = "standing", pgettext_lazy("hold", "Holds")
    LIFTED = "lifted", pgettext_lazy("hold", "Lifted")


HOLD = Workflow(
    HoldStatus,
    {HoldStatus.STANDING: [Edge(HoldStatus.LIFTED, frozenset({Role.ADMIN}), gettext_lazy("Lift the hold"))]},
)


@admin.register(LegalHold)
class LegalHoldAdmin(_OfPatient, TransitionAdmin):
    """While a hold stands nothing of the patient is erased."""

    workflow = HOLD
    status_field = "lifted_at"
    events_relation = ""
    danger_statuses = frozenset({HoldStatus.LIFTED})
    status_colours: ClassVar = {HoldStatus.STANDING: "warning"}
    list_display = ("whose", "hold_badge", "placed_by", "created_at", "lifted_at")
    list_select_related = ("patient__user", "placed_by")
    fieldsets = ((None, {"fields": ("patient", "reason", ("placed_by", "created_at"), ("lifted_by", "lifted_at"))}),)
    add_fieldsets = ((None, {"fields": ("patient", "reason")}),)
    formfield_overrides: ClassVar = {models.TextField: {"widget": UnfoldAdminTextareaWidget({"rows": 4})}}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [field.name for field in self.opts.fields] if obj else []

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        saves = {} if kwargs.get("add") else {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | saves, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: LegalHold, form: Any, change: bool) -> None:
        placed = services.place_hold(obj.patient, reason=obj.reason, by=_user(request))
        obj.pk, obj._state.adding = placed.pk, False

    def status_of(self, obj: LegalHold) -> str:
        return (HoldStatus.LIFTED if obj.lifted_at else HoldStatus.STANDING).value

    @admin.display(description=gettext_lazy("status"))
    def hold_badge(self, hold: LegalHold) -> str:
        return self.status_badge(hold)

    def why_not(self, obj: LegalHold, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_lift(obj)

    def preview(self, obj: LegalHold, to_status: str, user: Any) -> Sequence[Text]:
        return [_("What is due of this patient is erased with the next run of the job.")]

    def perform(self, obj: LegalHold, to_status: str, user: Any, note: str) -> None:
        services.lift_hold(obj.pk, by=user)

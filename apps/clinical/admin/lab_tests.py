"""Laboratory tests in the admin: the laboratory's queues, its moves as buttons, and what was found."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from apps.clinical import rules, selectors, services, workflow
from apps.clinical.models import LabResult, LabTest, ReadEntry
from apps.clinical.workflow import LAB_TEST, LabTestStatus
from apps.common import wall_time
from apps.common.admin import TransitionAdmin
from apps.common.admin.base import REFUSALS
from apps.common.admin.transitions import Event, Move
from apps.common.exceptions import DomainError, Text
from apps.media import links
from apps.media import rules as media_rules

from . import lab_results, people
from .reading import LoggedReading

#: What is waited for, by its name in the address.
QUEUES: dict[str, tuple[Text, tuple[str, ...]]] = {
    "plan": (_("To plan"), (LabTestStatus.REQUESTED,)),
    "sample": (_("Samples awaited"), (LabTestStatus.SCHEDULED,)),
    "result": (_("Results awaited"), (LabTestStatus.SAMPLE_TAKEN, LabTestStatus.IN_PROGRESS)),
    "acknowledge": (_("Critical, to be acknowledged"), (LabTestStatus.RESULT_READY,)),
    "review": (_("To be reviewed"), (LabTestStatus.RESULT_READY,)),
}


class QueueFilter(admin.SimpleListFilter):
    """What somebody waits for."""

    title = _("waits for")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _statuses) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in QUEUES:
            return queryset
        if self.value() == "acknowledge":
            waiting = LabResult.objects.visible_to(request.user).unacknowledged()
            queryset = queryset.filter(pk__in=waiting.order_by().values("lab_test"))
        return queryset.filter(status__in=QUEUES[str(self.value())][1])


class ScheduleForm(forms.Form):
    """When the sample is taken, by the clock of the laboratory's hospital."""

    scheduled_at = forms.SplitDateTimeField(label=_("Sample to be taken at"), widget=UnfoldAdminSplitDateTimeWidget)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    def clean_scheduled_at(self) -> datetime:
        given: datetime = self.cleaned_data["scheduled_at"]
        return given.replace(tzinfo=self.zone)


@admin.register(LabTest)
class LabTestAdmin(LoggedReading, people.ByPatient, TransitionAdmin):
    """What the reader's laboratory makes and what they have sight of; every row that is shown is logged as read."""

    workflow = LAB_TEST
    note_required_for = frozenset({LabTestStatus.CANCELLED})
    danger_statuses = frozenset({LabTestStatus.CANCELLED})
    status_colours: ClassVar = {
        LabTestStatus.REQUESTED: "warning",
        LabTestStatus.SCHEDULED: "info",
        LabTestStatus.SAMPLE_TAKEN: "info",
        LabTestStatus.IN_PROGRESS: "info",
        LabTestStatus.RESULT_READY: "primary",
        LabTestStatus.REVIEWED: "success",
        LabTestStatus.CANCELLED: "danger",
    }
    list_display = ("number", "name", "patient", "doctor", "laboratory", "priority", "asked_at", "status_badge")
    list_select_related = ("patient__user", "doctor", "laboratory")
    list_filter = (QueueFilter, "status", "priority", "laboratory")
    extra_lookups = frozenset({"patient"})
    search_help_text = _("A test's number, a patient's name, or an id.")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": (("number", "priority"), ("name", "code"), "instructions")}),
        (_("Who"), {"fields": (("patient", "birth_date", "gender"), ("doctor", "laboratory"))}),
        (_("When"), {"fields": (("asked_at", "planned_at"), ("taken_at", "released_at"))}),
        (_("Result"), {"fields": ("results",)}),
    )
    cancellation_fieldset = (_("Cancellation"), {"fields": ("cancellation_reason",)})

    # --- the list ---

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        word = search_term.strip().upper()
        if word.startswith("LT-"):
            return queryset.filter(number=word), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("asked for at"), ordering="created_at")
    def asked_at(self, test: LabTest) -> str:
        return self._clock(test, test.created_at)

    def _clock(self, test: LabTest, at: datetime | None) -> str:
        """By the reader's own clock, as Django shows times."""
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "–"

    # --- the page ---

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Doctors ask for tests, in their app."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tests are cancelled; what was asked for stays."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = bool(super().has_change_permission(request, obj))
        if not may or obj is None:
            return may
        if not hasattr(obj, "may_be_moved"):
            own = LabTest.objects.visible_to(request.user).open_for_writing(request.user)
            obj.may_be_moved = own.filter(pk=obj.pk).exists()
        return bool(obj.may_be_moved)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        is_cancelled = obj is not None and obj.status == LabTestStatus.CANCELLED
        return (*self.fieldsets, self.cancellation_fieldset) if is_cancelled else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["birth_date", "gender", "asked_at", "planned_at", "taken_at", "results"]
        return [*(field.name for field in self.opts.fields), *shown]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("obj") is not None:
            kwargs["obj"].read_by = request.user
        context = context | {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("date of birth"))
    def birth_date(self, test: LabTest) -> Any:
        return test.patient.birth_date or "–"

    @admin.display(description=_("gender"))
    def gender(self, test: LabTest) -> str:
        return str(test.patient.get_gender_display())

    @admin.display(description=_("planned for"))
    def planned_at(self, test: LabTest) -> str:
        return self._at_laboratory(test, test.scheduled_at)

    @admin.display(description=_("sample taken at"))
    def taken_at(self, test: LabTest) -> str:
        return self._at_laboratory(test, test.sampled_at)

    def _at_laboratory(self, test: LabTest, at: datetime | None) -> str:
        zone = test.laboratory.hospital.time_zone
        return str(wall_time.read(at, zone, translation.get_language() or "en")) if at else "–"

    @admin.display(description=_("result"))
    def results(self, test: LabTest) -> str:
        reader = getattr(test, "read_by", None)
        rows = LabResult.objects.visible_to(reader).filter(lab_test=test).select_related("file", "acknowledged_by")
        found = [
            {
                "result": row,
                "values": lab_results.shown(row.values.visible_to(reader).order_by("position")),
                "file_url": reverse("admin:clinical_labtest_file", args=(test.pk, row.version)) if row.file else "",
                "refusal": media_rules.why_not_use(row.file) if row.file else None,
            }
            for row in rows.order_by("-version")
        ]
        return render_to_string("clinical/admin/lab_results.html", {"results": found})

    # --- the moves ---

    def moves(self, obj: Any, user: Any) -> list[Move]:
        """What is planned can be planned anew: that is no move, and stands among them."""
        found = super().moves(obj, user)
        if obj.status == LabTestStatus.SCHEDULED:
            found.insert(1, Move(LabTestStatus.SCHEDULED, str(_("Plan anew")), self._page(obj, "schedule"), False))
        return found

    def move_url(self, obj: Any, to_status: str) -> str:
        """What needs more than a note has a page of its own."""
        own = {LabTestStatus.SCHEDULED: "schedule", LabTestStatus.RESULT_READY: "result"}
        page = own.get(LabTestStatus(to_status))
        return self._page(obj, page) if page else super().move_url(obj, to_status)

    def _page(self, obj: Any, page: str) -> str:
        return reverse(f"{self.admin_site.name}:clinical_labtest_{page}", args=(obj.pk,))

    def move_view(self, request: HttpRequest, object_id: str, to_status: str) -> HttpResponse:
        if to_status in {LabTestStatus.SCHEDULED, LabTestStatus.RESULT_READY}:
            return HttpResponseRedirect(self.move_url(self._movable(request, object_id), to_status))
        return super().move_view(request, object_id, to_status)

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        result = LabResult.objects.visible_to(user).current().filter(lab_test=obj).first()
        return rules.why_not_move_test(
            obj.status,
            to_status,
            role=user.role,
            is_requester=False,
            released_at=obj.released_at,
            needs_acknowledgement=bool(result and result.is_critical and result.acknowledged_at is None),
        )

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        if to_status == LabTestStatus.CANCELLED:
            services.cancel_lab_test(obj.pk, by=user, reason=note)
        elif to_status == LabTestStatus.REVIEWED:
            services.release_result(obj.pk, by=user)
        else:
            services.change_lab_test(obj.pk, by=user, status=to_status, note=note)

    def takes_note(self, to_status: str) -> bool:
        return to_status != LabTestStatus.REVIEWED

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Any]:
        if to_status == LabTestStatus.CANCELLED:
            return [_("The patient and the laboratory are told, and find the reason in the app.")]
        if to_status == LabTestStatus.REVIEWED:
            return [_("The patient has the result from now on, and is told.")]
        return []

    def events(self, obj: Any, user: Any) -> list[Event]:
        rows = obj.events.visible_to(user).select_related("by").order_by("at", "id")
        return [
            Event(
                at=row.at,
                by=str(row.by) if row.by else str(_("The system")),
                from_label=self.label_of(row.from_status),
                to_label=str(workflow.lab_event_label(row.from_status, row.to_status)),
                note=row.note if rules.may_read_notes_of_test(user.role) else "",
            )
            for row in rows
        ]

    # --- pages of their own ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/schedule/", view(self.schedule_view), name="clinical_labtest_schedule"),
            path("<path:object_id>/result/", view(self.result_view), name="clinical_labtest_result"),
            path("<path:object_id>/files/<int:version>/", view(self.file_view), name="clinical_labtest_file"),
            *super().get_urls(),
        ]

    def _movable(self, request: HttpRequest, object_id: str) -> Any:
        test = self.get_object(request, unquote(object_id))
        if test is None:
            raise Http404
        if not self.has_change_permission(request, test):
            raise PermissionDenied
        return test

    def context_for(self, request: HttpRequest, test: LabTest, **more: Any) -> dict[str, Any]:
        """What every page of a test has around it."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": test,
            "object": test,
            "back": self.page_of(test.pk),
            "media": self.media,
            **more,
        }

    def schedule_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask when, then plan the sample."""
        test: Any = self._movable(request, object_id)
        zone = test.laboratory.hospital.time_zone
        form = ScheduleForm(request.POST or None, zone=zone)
        if request.method == "POST":
            with timezone.override(UTC):  # as it is typed: it is read by the hospital's clock
                is_right = form.is_valid()
            if is_right and self._scheduled(request, test, form):
                return HttpResponseRedirect(self.page_of(test.pk))
        title = _("Plan the sample of %(number)s") % {"number": test.number}
        context = self.context_for(request, test, title=title, form=form, zone=zone)
        return TemplateResponse(request, "clinical/admin/lab_schedule.html", context)

    def _scheduled(self, request: HttpRequest, test: LabTest, form: ScheduleForm) -> bool:
        by: Any = request.user
        try:
            services.change_lab_test(test.pk, by=by, scheduled_at=form.cleaned_data["scheduled_at"])
        except REFUSALS as error:
            refusal = self._refusal(error)
            for text in refusal.errors.get("scheduled_at", [refusal.text]):
                form.add_error("scheduled_at", str(text))
            return False
        messages.success(request, _("The sample is planned, and the patient is told."))
        return True

    def result_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Values and report in, their flags looked at, then stored."""
        test: Any = self._movable(request, object_id)
        refusal = self.workflow.why_not_move(test.status, LabTestStatus.RESULT_READY, request.user.role)  # type: ignore[union-attr]
        if refusal:
            messages.error(request, refusal.text)
            return HttpResponseRedirect(self.page_of(test.pk))
        page = lab_results.ResultPage(request, test, self._refusal)
        if page.is_stored:
            messages.success(request, _("The result is stored, and the doctor is told."))
            return HttpResponseRedirect(self.page_of(test.pk))
        return TemplateResponse(
            request, "clinical/admin/lab_result_form.html", self.context_for(request, test, **page.context())
        )

    def file_view(self, request: HttpRequest, object_id: str, version: int) -> HttpResponse:
        """On to the report, by a link of a few minutes; that it was opened is logged before."""
        test = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        if test is None or not self.has_view_permission(request, test):
            raise Http404
        by: Any = request.user
        try:
            _test, file = selectors.result_file(test.pk, version, reader=by)
            link = links.private_link(file)
        except DomainError as refusal:
            messages.error(request, refusal.text)
            return HttpResponseRedirect(self.page_of(test.pk))
        self.log_reading(request, [test.pk], ReadEntry.Act.DOWNLOADED)
        return HttpResponseRedirect(links.on_this_site(link))

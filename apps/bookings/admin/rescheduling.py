"""Moving an appointment to another time in the admin: a button beside the moves, and a page with the free times."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.bookings import rules, services, slots
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.common import wall_time
from apps.common.admin.base import REFUSALS
from apps.common.admin.transitions import MAX_NOTE, Move
from apps.common.exceptions import DomainError

from . import picker


class RescheduleForm(forms.Form):
    """Another time by the hospital's clock, why, and the version that whoever moves it has seen."""

    starts_at = picker.StartField(
        label=gettext_lazy("New time"),
        help_text=gettext_lazy("By the hospital's clock: one of the free times, or typed."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note (optional)"),
        required=False,
        max_length=MAX_NOTE,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReschedulingMixin:
    """For the pages of appointments, before `TransitionAdmin`."""

    admin_site: Any
    opts: Any
    media: Any

    def moves(self, obj: Appointment, user: Any) -> list[Move]:
        """The declared moves, and moving it to another time."""
        declared: list[Move] = super().moves(obj, user)  # type: ignore[misc]
        if obj.status not in {*rules.OPEN, AppointmentStatus.LAPSED}:
            return declared
        refusal = self._why_not_reschedule(obj, user)
        url = reverse(f"{self.admin_site.name}:bookings_appointment_reschedule", args=(obj.pk,))
        verb = _("Move to another time")
        return [*declared, Move("", verb, url, is_danger=False, reason=refusal.text if refusal else "")]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("free-times/", view(picker.free_times), name="bookings_appointment_free"),
            path("<path:object_id>/reschedule/", view(self.reschedule_view), name="bookings_appointment_reschedule"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _why_not_reschedule(self, obj: Appointment, user: Any) -> DomainError | None:
        """What was paid and has no time is given one here too."""
        if obj.status == AppointmentStatus.LAPSED:
            is_paid = Appointment.objects.visible_to(user).paid_without_time().filter(pk=obj.pk).exists()
            return rules.why_not_take_up(obj.status, role=user.role, is_paid=is_paid)
        return rules.why_not_reschedule(
            obj.status, obj.starts_at, times_moved=obj.times_moved, role=user.role, now=timezone.now()
        )

    def reschedule_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose, then do. A refusal stays on the page with what was typed, and with fresh free times."""
        pages: Any = self
        obj = pages.get_object(request, unquote(object_id))
        if obj is None:
            return pages._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not pages.has_change_permission(request, obj):
            raise PermissionDenied
        refusal = self._why_not_reschedule(obj, request.user)
        if refusal is not None:
            messages.error(request, refusal.text)
            return HttpResponseRedirect(pages.page_of(obj.pk))
        is_pressed = picker.is_pressed(request)
        given: Any = request.POST if request.method == "POST" else request.GET
        initial = picker.initial(request.user, given.dict() | {"hospital": str(obj.hospital_id)})  # type: ignore[arg-type]
        initial |= {"seen": given.get("seen") or obj.version, "note": given.get("note", "")}
        form = RescheduleForm(request.POST if request.method == "POST" and not is_pressed else None, initial=initial)
        refused: DomainError | None = None
        if form.is_bound and form.is_valid():
            refused = self._moved(request, obj, form)
            if refused is None:
                return HttpResponseRedirect(pages.page_of(obj.pk))
        its_day = slots.day_of(obj.starts_at, obj.hospital.time_zone).isoformat()
        day = given.get(picker.LOOK) or given.get("starts_at_0") or its_day
        return self._choosing(request, obj, form, day, refused)

    def _moved(self, request: HttpRequest, obj: Appointment, form: RescheduleForm) -> DomainError | None:
        """None when the appointment is at its new time, which a message says; else what stands against it."""
        pages, given, user = self, form.cleaned_data, request.user
        starts_at = given["starts_at"].at(obj.hospital.time_zone)
        try:
            moved = services.reschedule_appointment(
                obj.pk,
                by=user,
                starts_at=starts_at,
                note=given["note"].strip(),
                version=given["seen"],  # type: ignore[arg-type]
            )
        except REFUSALS as error:
            refusal: DomainError = pages._refusal(error)  # type: ignore[attr-defined]
            form.add_error("starts_at", refusal.text)
            form.data = form.data.copy()
            form.data["seen"] = obj.version  # the page shows it as it is now
            return refusal
        at = wall_time.read(moved.starts_at, obj.hospital.time_zone, get_language() or "en")
        messages.success(request, _("%(number)s is now on %(time)s.") % {"number": obj.number, "time": at})
        return None

    def _choosing(
        self, request: HttpRequest, obj: Appointment, form: RescheduleForm, day: str, refused: DomainError | None
    ) -> HttpResponse:
        widget: Any = form.fields["starts_at"].widget
        widget.given = {"doctor": obj.doctor_id, "hospital": obj.hospital_id, "patient": obj.patient_id}
        widget.free_times = picker.show(
            request.user,  # type: ignore[arg-type]
            widget.given | {"day": day},
            refused=picker.alternatives_of(refused),
        )
        language = get_language() or "en"
        zones = dict.fromkeys((obj.hospital.time_zone, obj.patient.user.time_zone))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Move %(number)s to another time") % {"number": obj.number},
            "appointment": obj,
            "original": obj,
            "opts": self.opts,
            "clocks": [wall_time.read(obj.starts_at, zone, language) for zone in zones],
            "form": form,
            "back": self.page_of(obj.pk),  # type: ignore[attr-defined]
            "media": self.media + form.media,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/bookings/reschedule.html", context)

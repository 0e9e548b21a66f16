"""Appointments: the day's list, the moves as buttons, and booking for a patient on the phone."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules, selectors, services, slots
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import APPOINTMENT, AppointmentStatus
from apps.clinical.models import Patient
from apps.common import money, wall_time
from apps.common.admin import TransitionAdmin
from apps.common.admin.transitions import Event
from apps.common.exceptions import DomainError, Text

from . import picker, refunds, rescheduling

#: The days that a quick filter shows, from today: (first, last).
PERIODS: dict[str, tuple[int, int]] = {"today": (0, 0), "tomorrow": (1, 1), "week": (0, 6)}
#: What waits for somebody: its name, and which rows it is.
QUEUES: dict[str, tuple[Text, Callable[[Any, datetime], QuerySet]]] = {
    "requests": (
        _("Requests"),
        lambda rows, now: rows.filter(status=AppointmentStatus.REQUESTED, starts_at__gt=now),
    ),
    "unresolved": (_("Unresolved"), lambda rows, now: rows.unresolved(now)),
    "unplaced": (_("Paid without a time"), lambda rows, now: rows.paid_without_time()),
    "unlicensed": (_("Licence lapsed"), lambda rows, now: rows.unlicensed(now)),
}


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


#: What an empty list says, by its quick filter: that this is well, or what to do.
EMPTY: dict[str, Text] = {
    "requests": _("No request waits for an answer. New ones appear here and on the first page."),
    "unresolved": _("Of every appointment that is over somebody has said what became of it."),
    "unplaced": _(
        "Every payment has its time. One that comes too late for its hold appears here: move the appointment to a free "
        "time, or give the money back."
    ),
    "unlicensed": _("No appointment to come lies after the last day of its doctor's licence."),
    "today": _("No appointments today. Free times stand on the calendars."),
    "tomorrow": _("No appointments tomorrow. Free times stand on the calendars."),
}


class WhenFilter(admin.SimpleListFilter):
    """What one comes for in the morning. Days are those of the reader's own clock."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", _("Today")),
            ("tomorrow", _("Tomorrow")),
            ("week", _("Coming seven days")),
            *((name, title) for name, (title, _rows) in QUEUES.items()),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in QUEUES:
            return QUEUES[str(self.value())][1](queryset, timezone.now())
        if self.value() not in PERIODS:
            # A hold that came to nothing is noise, unless one asks for it.
            is_asked_for = {"q", "status__exact", "patient"} & set(request.GET)
            return queryset if is_asked_for else queryset.exclude(status=AppointmentStatus.LAPSED)
        zone = _user(request).time_zone
        today: date = slots.day_of(timezone.now(), zone)
        first, last = PERIODS[str(self.value())]
        start, end = slots.day_bounds(today + timedelta(days=first), today + timedelta(days=last), zone)
        return queryset.filter(starts_at__gte=start, starts_at__lt=end)


class BookingForm(forms.ModelForm):
    """A patient on the phone: whom, with whom, where, and when by the hospital's clock, with the free times at hand."""

    request: HttpRequest
    refusal: DomainError | None

    starts_at = picker.StartField(
        label=_("Starts at"), help_text=_("By the hospital's clock: one of the free times, or typed.")
    )

    class Meta:
        model = Appointment
        fields: ClassVar = ["patient", "doctor", "hospital", "starts_at", "kind", "complaint"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["starts_at"].widget
        widget.free_times = picker.show(
            _user(self.request),
            {name: self._given(name) for name in ("doctor", "hospital", "patient")} | {"day": self._day()},
            refused=picker.alternatives_of(getattr(self, "refusal", None)),
        )

    def _given(self, name: str) -> Any:
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    def _day(self) -> Any:
        if self.is_bound:
            return self.data.get("starts_at_0")
        return self.initial.get("day") or (self.initial.get("starts_at") or [None])[0]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("starts_at"):
            zone = given["hospital"].time_zone if given.get("hospital") else "UTC"
            given["starts_at"] = given["starts_at"].at(zone)
        return given


@admin.register(Appointment)
class AppointmentAdmin(rescheduling.ReschedulingMixin, TransitionAdmin):
    """All appointments of whom one works for. Moves and texts go through the services, as over the API."""

    workflow = APPOINTMENT
    note_required_for = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.REJECTED})
    danger_statuses = frozenset(
        {
            AppointmentStatus.CANCELLED,
            AppointmentStatus.REJECTED,
            AppointmentStatus.NO_SHOW,
            AppointmentStatus.DOCTOR_ABSENT,
        }
    )
    status_colours: ClassVar = {
        AppointmentStatus.REQUESTED: "warning",
        AppointmentStatus.CONFIRMED: "success",
        AppointmentStatus.AWAITING: "info",
        AppointmentStatus.IN_PROGRESS: "info",
        AppointmentStatus.PRESCRIBED: "info",
        AppointmentStatus.FOLLOW_UP: "info",
        AppointmentStatus.COMPLETED: "primary",
        AppointmentStatus.REJECTED: "danger",
        AppointmentStatus.CANCELLED: "danger",
        AppointmentStatus.NO_SHOW: "danger",
        AppointmentStatus.DOCTOR_ABSENT: "danger",
    }
    list_display = ("number", "hospital_time", "patient_time", "patient", "doctor", "hospital", "status_badge")
    list_select_related = ("patient__user", "doctor__user", "hospital")
    list_filter = (WhenFilter, "status", "hospital", "doctor", "kind")
    extra_lookups = frozenset({"patient"})
    search_fields = ("number",)
    search_help_text = _("An appointment's number, or the beginning of a patient's last name or e-mail address.")
    ordering = ("-starts_at", "id")
    fieldsets = (
        (None, {"fields": (("number", "kind"), ("patient", "doctor", "hospital"))}),
        (_("Time"), {"fields": (("hospital_time", "patient_time"), ("length", "times_moved"))}),
        (_("Consultation"), {"fields": ("complaint", "notes", "price")}),
        (_("Booking"), {"fields": (("booked_by", "created_at"),)}),
    )
    cancellation_fieldset = (
        _("Cancellation"),
        {"fields": (("cancelled_by", "cancelled_at"), "cancellation_reason")},
    )
    displaced_fieldset = (_("Displaced"), {"fields": ("displaced",)})
    video_fieldset = (_("By video"), {"fields": ("video_room",)})
    add_fieldsets = ((None, {"fields": ("patient", ("doctor", "hospital"), "starts_at", "kind", "complaint")}),)

    # --- the list ---

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        found: Any = super().get_changelist_instance(request)
        found.empty_note = EMPTY.get(request.GET.get("when", "")) if not found.query else None
        return found

    @admin.display(description=_("time at the hospital"), ordering="starts_at")
    def hospital_time(self, appointment: Appointment) -> str:
        return wall_time.stamp(appointment.starts_at, appointment.hospital.time_zone)

    @admin.display(description=_("time at the patient's"))
    def patient_time(self, appointment: Appointment) -> str:
        return wall_time.stamp(appointment.starts_at, appointment.patient.user.time_zone)

    @admin.display(description=_("minutes"))
    def length(self, appointment: Appointment) -> int:
        return (appointment.ends_at - appointment.starts_at) // timedelta(minutes=1)

    @admin.display(description=_("times moved"))
    def times_moved(self, appointment: Appointment) -> int:
        return appointment.times_moved

    @admin.display(description=_("what becomes of it"))
    def displaced(self, appointment: Appointment) -> str:
        last = appointment.displacements.latest("version")
        page = reverse(f"{self.admin_site.name}:bookings_displacement_change", args=[last.pk])
        link = '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>'
        return format_html(link, page, last.get_status_display())

    @admin.display(description=_("room"))
    def video_room(self, appointment: Appointment) -> str:
        return selectors.video_room_state(appointment, zone=appointment.hospital.time_zone)

    @admin.display(description=_("fee"), empty_value="–")
    def price(self, appointment: Appointment) -> str | None:
        if appointment.fee is None:
            return None
        return money.Money(appointment.fee, appointment.currency).format(translation.get_language() or "en")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """A number is found by its index; a name among the people, and then by the patient's index."""
        for word in search_term.split():
            names = Q(last_name__istartswith=word)
            if request.user.has_perm("accounts.view_user"):  # an answer would tell others how an address begins
                names |= Q(email__startswith=word.lower())
            people = User.objects.filter(names)
            patients = Patient.objects.filter(user__in=people)
            queryset = queryset.filter(Q(number=word.upper()) | Q(patient__in=patients.values("pk")))
        return queryset, False

    # --- the page ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            bases = (self.form, BookingForm)
            kwargs["form"] = type("GuardedBookingForm", bases, {"Meta": BookingForm.Meta})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the calendar fills in; what was typed before a button of the picker was pressed."""
        return picker.initial(_user(request), request.GET)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id is None and picker.is_pressed(request):
            # A button of the picker without JavaScript: the form as typed, nothing saved, nothing in the address.
            request.method, request.GET = "GET", request.POST  # type: ignore[assignment]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        hidden = self._hidden_from(_user(request).role)
        shown = self.fieldsets
        if obj.status == AppointmentStatus.CANCELLED:
            shown = (*shown, self.cancellation_fieldset)
        if obj.displacements.exists():
            shown = (*shown, self.displaced_fieldset)
        if obj.kind == Appointment.Kind.TELECONSULT:
            shown = (*shown, self.video_fieldset)
        return [
            (title, {**options, "fields": [field for field in options["fields"] if field not in hidden]})
            for title, options in shown
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Only the complaint is written here, while that is still open; all else has its own verb."""
        if obj is None:
            return []
        names = [field.name for field in self.opts.fields]
        if rules.why_not_edit(obj.status, ["complaint"], role=_user(request).role) is None:
            names.remove("complaint")
        return [*names, "hospital_time", "patient_time", "length", "times_moved", "price", "displaced", "video_room"]

    def _hidden_from(self, role: str) -> set[str]:
        hidden = set() if rules.may_read_complaint(role) else {"complaint", "cancellation_reason"}
        return hidden if rules.may_read_notes(role) else hidden | {"notes"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request) and rules.may_book(_user(request).role))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Appointments are cancelled; their history stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Appointment, form: Any, change: bool) -> None:
        if change:
            if "complaint" in form.changed_data:
                services.edit_appointment(obj.pk, by=_user(request), complaint=obj.complaint)
            return
        given = form.cleaned_data
        booked = services.book_appointment(
            by=_user(request),
            patient_id=given["patient"].pk,
            doctor_id=given["doctor"].pk,
            hospital_id=given["hospital"].pk,
            starts_at=given["starts_at"],
            kind=given["kind"],
            complaint=given["complaint"],
        )
        obj.pk, obj.number, obj._state.adding = booked.pk, booked.number, False

    # --- the moves ---

    def why_not(self, obj: Appointment, to_status: str, user: Any) -> DomainError | None:
        is_displaced = to_status == AppointmentStatus.CONFIRMED and services.is_waiting(obj.pk)
        return rules.why_not_move(
            obj.status, to_status, obj.starts_at, role=user.role, now=timezone.now(), is_displaced=is_displaced
        )

    def perform(self, obj: Appointment, to_status: str, user: Any, note: str) -> None:
        services.move_appointment(obj.pk, to_status, by=user, note=note, version=obj.version)

    def preview(self, obj: Appointment, to_status: str, user: Any) -> Sequence[Text]:
        """Who is told, and what goes back of what was paid."""
        told = {
            AppointmentStatus.CONFIRMED: [_("The patient and the doctor are told.")],
            AppointmentStatus.REJECTED: [_("The patient is told. The time is free again.")],
            AppointmentStatus.CANCELLED: [_("The patient and the doctor are told. The time is free again.")],
            AppointmentStatus.DOCTOR_ABSENT: [_("The patient, the doctor and the coordinators are told.")],
        }
        return [*told.get(AppointmentStatus(to_status), []), *refunds.sentences(obj, to_status, user)]

    def events(self, obj: Appointment, user: Any) -> list[Event]:
        """As every history, and the times before and after where the appointment was moved to another time."""
        language = translation.get_language() or "en"
        rows = AppointmentEvent.objects.visible_to(user).filter(appointment=obj).select_related("by")
        return [
            Event(
                at=row.at,
                by=str(row.by) if row.by else str(_("The system")),
                from_label=self._event_label(row.from_status, row.moved_from_at, obj, language),
                to_label=self._event_label(row.to_status, row.moved_to_at, obj, language),
                note=row.note if rules.may_read_complaint(user.role) else "",
            )
            for row in rows.order_by("at", "id")
        ]

    def _event_label(self, status: str, at: datetime | None, obj: Appointment, language: str) -> str:
        return str(wall_time.read(at, obj.hospital.time_zone, language)) if at else self.label_of(status)

"""When doctors take appointments: consulting hours at each hospital, single days beside them, and leave."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules, services, slots
from apps.bookings.models import DoctorSchedule, ExtraHours, TimeOff, WeeklyHours
from apps.common.admin import BaseModelAdmin, ScopedTabularInline
from apps.common.exceptions import DomainError, Invalid, NotFound

from .displacing import DisplacingForm


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


class WeeklyHoursFormSet(forms.BaseInlineFormSet):
    """The week as a whole: no two openings of it overlap."""

    def openings(self) -> list[slots.Opening]:
        """The openings that are to be, as given on the page."""
        names = ("weekday", "starts", "ends", "effective_from", "effective_until")
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        return [slots.Opening(**{name: given[name] for name in names}) for given in kept]

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        refusal = rules.why_not_hours(self.openings())
        if refusal:
            raise forms.ValidationError(refusal.text)


class WeeklyHoursInline(ScopedTabularInline):
    model = WeeklyHours
    formset = WeeklyHoursFormSet
    hide_title = True
    fields = ("weekday", "starts", "ends", "effective_from", "effective_until")
    extra = 1


class ExtraHoursFormSet(forms.BaseInlineFormSet):
    """Openings of single days. One that is changed is taken away and added anew."""

    def added(self) -> list[slots.ExtraOpening]:
        given = [form.cleaned_data for form in self._touched() if not form.cleaned_data.get("DELETE")]
        return [slots.ExtraOpening(each["day"], each["starts"], each["ends"]) for each in given]

    def removed(self) -> list[Any]:
        return [form.instance.pk for form in self._touched() if not form.instance._state.adding]

    def _touched(self) -> Iterable[Any]:
        return (form for form in self.forms if form.has_changed() and form.cleaned_data)


class ExtraHoursInline(ScopedTabularInline):
    """Those of today and to come; the others are over."""

    model = ExtraHours
    formset = ExtraHoursFormSet
    hide_title = True
    fields = ("day", "starts", "ends")
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(day__gte=timezone.now().date() - slots.ONE_DAY)


@admin.register(DoctorSchedule)
class DoctorScheduleAdmin(BaseModelAdmin):
    """A doctor's hours at one hospital, in wall time of the hospital. Saved as one act, as over the API."""

    list_display = ("doctor", "hospital", "slot_minutes", "buffer_minutes", "daily_cap", "horizon_days")
    list_select_related = ("doctor__user", "hospital")
    list_filter = ("hospital", "doctor")
    ordering = ("hospital_id", "id")
    fieldsets = (
        (None, {"fields": (("doctor", "hospital"),)}),
        (
            _("Booking"),
            {
                "fields": (
                    ("slot_minutes", "buffer_minutes", "daily_cap"),
                    ("minimum_notice_minutes", "horizon_days"),
                    "works_on_holidays",
                )
            },
        ),
    )
    inlines: ClassVar = [WeeklyHoursInline, ExtraHoursInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("doctor", "hospital")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A schedule without hours offers nothing; its settings may stay."""
        return False

    def save_model(self, request: HttpRequest, obj: DoctorSchedule, form: Any, change: bool) -> None:
        settings = {name: getattr(obj, name) for name in rules.SCHEDULE_SETTINGS}
        try:
            schedule = services.set_availability(obj.doctor_id, obj.hospital_id, by=_user(request), settings=settings)
        except NotFound as error:
            where = _("The doctor does not practise at this hospital, and is not proposed for it.")
            raise Invalid(errors={"hospital": [where]}) from error
        obj.pk, obj._state.adding = schedule.pk, False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The week and the single days at once: what replaces one another may not be refused for a moment between."""
        given: dict[str, Any] = {}
        for formset in formsets:
            if not formset.has_changed():
                continue
            if isinstance(formset, WeeklyHoursFormSet):
                given["weekly_hours"] = formset.openings()
            else:
                given |= {"extra_hours": formset.added(), "remove_extra_hours": formset.removed()}
        if given:
            services.set_availability(form.instance.doctor_id, form.instance.hospital_id, by=_user(request), **given)
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []


class TimeOffForm(DisplacingForm):
    def why_not(self) -> DomainError | None:
        return rules.why_not_leave(*self.period())

    def period(self) -> slots.Interval:
        return self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]


@admin.register(TimeOff)
class TimeOffAdmin(BaseModelAdmin):
    """When a doctor is away from every hospital. Times are shown and typed by the reader's own clock."""

    form = TimeOffForm
    change_form_before_template = "admin/bookings/displacing.html"
    list_display = ("doctor", "starts_at", "ends_at", "reason")
    list_select_related = ("doctor__user",)
    list_filter = ("doctor",)
    ordering = ("-starts_at", "id")
    fieldsets = (
        (
            None,
            {
                "description": _(
                    "Times are by your own clock. You are told how many appointments are in the way before anything is "
                    "saved."
                ),
                "fields": ("doctor", ("starts_at", "ends_at"), "reason"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("doctor",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        reads_reason = rules.may_read_leave_reason(_user(request).role)
        return self.list_display if reads_reason else tuple(name for name in self.list_display if name != "reason")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if rules.may_read_leave_reason(_user(request).role) else ("reason",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        (name, options), *_rest = super().get_fieldsets(request, obj)
        hidden = self.get_exclude(request, obj)
        return ((name, options | {"fields": tuple(field for field in options["fields"] if field not in hidden)}),)

    def save_model(self, request: HttpRequest, obj: TimeOff, form: Any, change: bool) -> None:
        given = {"starts_at": obj.starts_at, "ends_at": obj.ends_at, "reason": obj.reason}
        if change:
            services.change_time_off(obj.doctor_id, obj.pk, by=_user(request), **given)
            return
        added = services.add_time_off(obj.doctor_id, by=_user(request), **given)
        obj.pk, obj._state.adding = added.pk, False

    def delete_model(self, request: HttpRequest, obj: TimeOff) -> None:
        services.end_time_off(obj.doctor_id, obj.pk, by=_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for time_off in queryset:
            self.delete_model(request, time_off)

"""Days that differ from the week for everybody: closures of a hospital or of a doctor there, and public holidays."""

from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings import public_holidays, rules, selectors, services, slots
from apps.bookings.models import Closure, PublicHoliday
from apps.common.admin import BaseModelAdmin
from apps.common.exceptions import DomainError
from apps.hospitals.models import Hospital

from .displacing import DisplacingForm


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


class ClosureForm(DisplacingForm):
    def why_not(self) -> DomainError | None:
        return rules.why_not_closure(self.cleaned_data["starts_on"], self.cleaned_data["ends_on"])

    def period(self) -> slots.Interval:
        days = self.cleaned_data["starts_on"], self.cleaned_data["ends_on"]
        return selectors.closed_period(self.given("hospital"), *days)


class WhenFilter(admin.SimpleListFilter):
    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("coming", _("Now and to come")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.now().date()
        if self.value() == "coming":
            return queryset.filter(ends_on__gte=today)
        return queryset.filter(ends_on__lt=today) if self.value() == "over" else queryset


@admin.register(Closure)
class ClosureAdmin(BaseModelAdmin):
    """On which days nobody is seen. Days are those of the hospital's own calendar."""

    form = ClosureForm
    change_form_before_template = "admin/bookings/displacing.html"
    list_display = ("hospital", "doctor", "starts_on", "ends_on", "reason")
    list_select_related = ("hospital", "doctor__user")
    list_filter = (WhenFilter, "hospital", "doctor")
    ordering = ("-starts_on", "id")
    fieldsets = (
        (
            None,
            {
                "description": _(
                    "Days are the hospital's. Nothing is offered on them, extra hours included. You are told how many "
                    "appointments are in the way before anything is saved."
                ),
                "fields": ("hospital", "doctor", ("starts_on", "ends_on"), "reason"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("hospital", "doctor")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Staff of one hospital need not choose it."""
        initial = super().get_changeform_initial_data(request)
        if _user(request).role == Role.HOSPITAL_ADMIN:
            own = list(Hospital.objects.visible_to(request.user).values_list("pk", flat=True)[:2])
            initial |= {"hospital": own[0]} if len(own) == 1 else {}
        return initial

    def save_model(self, request: HttpRequest, obj: Closure, form: Any, change: bool) -> None:
        given: dict[str, Any] = {"starts_on": obj.starts_on, "ends_on": obj.ends_on, "reason": obj.reason}
        if change:
            services.change_closure(obj.pk, by=_user(request), **given)
            return
        added = services.add_closure(obj.hospital_id, by=_user(request), doctor_id=obj.doctor_id, **given)
        obj.pk, obj._state.adding = added.pk, False

    def delete_model(self, request: HttpRequest, obj: Closure) -> None:
        services.remove_closure(obj.pk, by=_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for closure in queryset:
            self.delete_model(request, closure)


class CountryFilter(admin.SimpleListFilter):
    """The countries that have holidays here: those of the hospitals."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = PublicHoliday.objects.visible_to(request.user).order_by("country").distinct("country").only("country")
        return sorted(((row.country.code, row.country.name) for row in rows), key=lambda choice: str(choice[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(country=self.value()) if self.value() else queryset


class YearFilter(admin.SimpleListFilter):
    title = _("year")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        this_year = timezone.now().year
        return [(str(year), str(year)) for year in range(this_year - 1, this_year + public_holidays.YEARS_AHEAD + 1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        year = int(self.value())
        return queryset.filter(day__range=(date(year, 1, 1), date(year, 12, 31)))


@admin.register(PublicHoliday)
class PublicHolidayAdmin(BaseModelAdmin):
    """Filled by a job for the countries of the hospitals. What is corrected here the job leaves alone."""

    list_display = ("day", "country", "name", "is_observed", "is_corrected")
    list_display_links = ("day",)
    list_editable = ("is_observed",)
    list_filter = (CountryFilter, YearFilter, "is_observed", "is_corrected")
    ordering = ("country", "day")
    fieldsets = (
        (
            None,
            {
                "description": _(
                    "Doctors of the country offer no time on an observed day, but for extra hours, unless their "
                    "schedule says that they work on public holidays. Appointments that exist already stay as they "
                    "are. Where a day has moved, switch the wrong one off and add the right one."
                ),
                "fields": (("country", "day"), "name", "is_observed"),
            },
        ),
    )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Not removed by the dozen: most would come back."""
        return {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("country", "day")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that is worked out for the country is switched off instead."""
        computed = obj is not None and public_holidays.is_computed(str(obj.country), obj.day)
        return super().has_delete_permission(request, obj) and not computed

    def save_model(self, request: HttpRequest, obj: PublicHoliday, form: Any, change: bool) -> None:
        given: dict[str, Any] = {"name": obj.name, "is_observed": obj.is_observed}
        if change:
            services.correct_holiday(obj.pk, by=_user(request), **given)
            return
        added = services.enter_holiday(by=_user(request), country=str(obj.country), day=obj.day, **given)
        obj.pk, obj._state.adding = added.pk, False

    def delete_model(self, request: HttpRequest, obj: PublicHoliday) -> None:
        services.remove_holiday(obj.pk, by=_user(request))

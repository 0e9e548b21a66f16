"""What lists of appointments can be narrowed by."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from apps.clinical.models import Patient
from apps.common import wall_time
from apps.common.api.filters import ChoicesFilter

from . import rules, slots
from .models import Appointment, Booking
from .workflow import AppointmentStatus, BookingStatus


class _DayFormField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"input_formats": ["%Y-%m-%d"], "localize": False})

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day and not rules.FIRST_DAY <= day <= rules.LAST_DAY:
            raise forms.ValidationError(rules.OUT_OF_RANGE)
        return day


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """A calendar day in a query."""

    field_class = _DayFormField


class AppointmentFilter(django_filters.FilterSet):
    """Days are read by the clock in `tz`: the caller's own zone, when it is not given."""

    status = ChoicesFilter(AppointmentStatus.choices)
    patient_id = django_filters.UUIDFilter(field_name="patient")
    doctor_id = django_filters.UUIDFilter(field_name="doctor")
    hospital_id = django_filters.UUIDFilter(field_name="hospital")
    date = DayFilter(method="keep", label=_("The day on which it starts."))
    date_from = DayFilter(method="keep", label=_("The first day."))
    date_to = DayFilter(method="keep", label=_("The last day, inclusive."))
    tz = django_filters.CharFilter(
        method="keep", validators=[wall_time.validate_zone], label=_("Time zone of the days, such as Asia/Kolkata.")
    )

    class Meta:
        model = Appointment
        fields: list[str] = []

    def keep(self, queryset: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Days and zone are read together, below."""
        return queryset

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        if not asked["status"]:
            queryset = queryset.exclude(status=AppointmentStatus.LAPSED)
        zone = asked["tz"] or self.request.user.time_zone
        for first, last in ((asked["date"], asked["date"]), (asked["date_from"], asked["date_to"])):
            start, end = slots.day_bounds(first or rules.FIRST_DAY, last or rules.LAST_DAY, zone)
            if first:
                queryset = queryset.filter(starts_at__gte=start)
            if last:
                queryset = queryset.filter(starts_at__lt=end)
        return queryset


class PatientInCareFilter(django_filters.FilterSet):
    """`search` finds people by the beginnings of their names, every word of it."""

    search = django_filters.CharFilter(method="with_name", max_length=100, label=_("Beginnings of names."))

    class Meta:
        model = Patient
        fields: list[str] = []

    def with_name(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        for word in value.split()[:6]:
            queryset = queryset.filter(Q(user__first_name__istartswith=word) | Q(user__last_name__istartswith=word))
        return queryset


class BookingFilter(django_filters.FilterSet):
    status = ChoicesFilter(BookingStatus.choices)
    patient_id = django_filters.UUIDFilter(field_name="patient")
    hospital_id = django_filters.UUIDFilter(field_name="hospital")

    class Meta:
        model = Booking
        fields: list[str] = []

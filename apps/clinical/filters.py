"""What lists of clinical can be narrowed by."""

import operator
from datetime import UTC, date, datetime, time
from functools import partial, reduce
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common import search, texts
from apps.common.api.filters import ChoicesFilter, TrueFalseFilter
from apps.common.exceptions import Invalid
from apps.hospitals.filters import parameters

from .models import (
    ConsentGrant,
    InsuranceVerification,
    LabResult,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
    ReadEntry,
    RecordType,
)
from .selectors import finding
from .workflow import LabTestStatus, PrescriptionStatus


class PrescriptionFilter(django_filters.FilterSet):
    status = ChoicesFilter(PrescriptionStatus.choices)
    patient_id = django_filters.UUIDFilter(field_name="patient")
    doctor_id = django_filters.UUIDFilter(field_name="doctor")
    appointment_id = django_filters.UUIDFilter(method="of_appointment")

    class Meta:
        model = Prescription
        fields: list[str] = []

    def of_appointment(self, queryset: QuerySet, _name: str, value: UUID) -> QuerySet:
        return queryset.filter(subject_type="appointment", subject_id=value)


class _DayFormField(forms.DateField):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs | {"input_formats": ["%Y-%m-%d"], "localize": False})  # type: ignore[arg-type]


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """A calendar day in a query."""

    field_class = _DayFormField


class PatientFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="by_words", max_length=100, label=_("Words of the name or the e-mail address, or their beginnings.")
    )
    country = ChoicesFilter(choices=list(countries), label=_("ISO 3166 code."))
    is_active = TrueFalseFilter(field_name="user__is_active", label=_("Open accounts, or closed ones."))
    is_onboarded = TrueFalseFilter(method="onboarded", label=_("Whether the medical information was given."))
    created_from = DayFilter(method="since", label=_("The first day (UTC)."))
    created_to = DayFilter(method="until", label=_("The last day (UTC), inclusive."))

    class Meta:
        model = Patient
        fields: list[str] = []

    def by_words(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Doctors, who read no addresses, find by names alone: the answer would tell them how an address begins."""
        if self.request.user.role == Role.DOCTOR:
            called = finding.patients_called(value, reader=self.request.user)
            return queryset.filter(pk__in=called.order_by().values("pk"))
        return queryset.filter(user__in=User.objects.search(value).order_by().values("pk"))

    def since(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=datetime.combine(value, time.min, UTC))

    def until(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__lte=datetime.combine(value, time.max, UTC))

    def onboarded(self, queryset: QuerySet, _name: str, value: bool) -> QuerySet:
        return queryset.filter(onboarded_at__isnull=not value)


class RecordFilter(django_filters.FilterSet):
    """Current versions, unless `status` asks for others."""

    patient_id = django_filters.UUIDFilter(field_name="patient")
    record_type = ChoicesFilter(RecordType.choices, field_name="type")
    status = ChoicesFilter(MedicalRecord.Status.choices, method="keep", label=_("`current`, when it is not said."))
    date_from = DayFilter(field_name="recorded_on", lookup_expr="gte", label=_("The first day of examination."))
    date_to = DayFilter(field_name="recorded_on", lookup_expr="lte", label=_("The last day, inclusive."))
    search = django_filters.CharFilter(
        method="in_title", max_length=100, label=_("Part of the title, of one patient's records.")
    )

    class Meta:
        model = MedicalRecord
        fields: list[str] = []

    def keep(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Read below, as it counts when it is not given too."""
        return queryset

    def in_title(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Among everybody's, every title would have to be read."""
        is_of_one = self.form.cleaned_data["patient_id"] or self.request.user.role == Role.PATIENT
        if not (is_of_one or self.request.parser_context["kwargs"]):
            raise Invalid(errors={"search": [_("Say whose records to search: give `patient_id` as well.")]})
        return queryset.filter(title__icontains=value)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        status = self.form.cleaned_data["status"] or MedicalRecord.Status.CURRENT
        return super().filter_queryset(queryset).filter(status=status)


class LabTestFilter(django_filters.FilterSet):
    status = ChoicesFilter(LabTestStatus.choices)
    priority = ChoicesFilter(LabTest.Priority.choices)
    patient_id = django_filters.UUIDFilter(field_name="patient")
    doctor_id = django_filters.UUIDFilter(field_name="doctor")
    laboratory_id = django_filters.UUIDFilter(field_name="laboratory")
    needs_acknowledgement = TrueFalseFilter(
        method="unacknowledged", label=_("Critical, and no doctor has acknowledged it.")
    )
    date_from = DayFilter(method="since", label=_("The first day on which it was asked for (UTC)."))
    date_to = DayFilter(method="until", label=_("The last day, inclusive."))

    class Meta:
        model = LabTest
        fields: list[str] = []

    def unacknowledged(self, queryset: QuerySet, _name: str, value: bool) -> QuerySet:
        """As far as the caller may read results: otherwise the list would tell of one that is withheld."""
        waiting = LabResult.objects.visible_to(self.request.user).unacknowledged().order_by().values("lab_test")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)

    def since(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=datetime.combine(value, time.min, UTC))

    def until(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__lte=datetime.combine(value, time.max, UTC))


def _in_any_language(field: str, lookup: str, value: object) -> Q:
    return reduce(operator.or_, (Q(**{f"{field}_{code}__{lookup}": value}) for code in texts.LANGUAGES))


def _in_city(rows: QuerySet, value: str) -> QuerySet:
    """There are some hundred laboratories: every one may be looked at."""
    folded = {f"city_in_{code}": search.Fold(f"city_{code}") for code in texts.LANGUAGES}
    wanted = search.Fold(Value(value, TextField()))
    return rows.alias(**folded).filter(reduce(operator.or_, (Q(**{name: wanted}) for name in folded)))


def _with_words(rows: QuerySet, value: str) -> QuerySet:
    for word in value.split()[: search.MAX_WORDS]:
        found = _in_any_language("name", "icontains", word) | _in_any_language("city", "icontains", word)
        rows = rows.filter(found | _in_any_language("hospital__name", "icontains", word))
    return rows


LABORATORY_PARAMETERS = {
    "country": parameters.Parameter(
        parameters.country, partial(parameters.by, "country"), "ISO 3166 code of the country.", parameters.COUNTRY
    ),
    "city": parameters.Parameter(parameters.text, _in_city, "The city's whole name in any of the languages."),
    "hospital_id": parameters.Parameter(
        parameters.uuid, partial(parameters.by, "hospital"), "Of this hospital.", parameters.ID
    ),
    "search": parameters.Parameter(
        parameters.text, _with_words, "Words in its name, its city or the hospital's name. Each must be found."
    ),
}


def _insurers_with_words(rows: QuerySet, value: str) -> QuerySet:
    for word in value.split()[: search.MAX_WORDS]:
        rows = rows.filter(_in_any_language("name", "icontains", word))
    return rows


INSURER_PARAMETERS = {
    "country": LABORATORY_PARAMETERS["country"],
    "search": parameters.Parameter(
        parameters.text, _insurers_with_words, "Words in its name in any language. Each must be found."
    ),
}


class InsuranceVerificationFilter(django_filters.FilterSet):
    policy_id = django_filters.UUIDFilter(field_name="policy")
    status = ChoicesFilter(InsuranceVerification.Status.choices)

    class Meta:
        model = InsuranceVerification
        fields: list[str] = []


class ConsentFilter(django_filters.FilterSet):
    is_live = TrueFalseFilter(label=_("Whether it opens anything now."))
    grantee = ChoicesFilter(ConsentGrant.Grantee.choices)
    doctor_id = django_filters.UUIDFilter(field_name="doctor")
    hospital_id = django_filters.UUIDFilter(field_name="hospital")

    class Meta:
        model = ConsentGrant
        fields: list[str] = []


class ReadingFilter(django_filters.FilterSet):
    """Other people's readings, unless `include_own` asks for the patient's as well."""

    include_own = TrueFalseFilter(method="keep", label=_("The patient's own readings as well."))
    act = ChoicesFilter(ReadEntry.Act.choices)
    ground = ChoicesFilter(ReadEntry.Ground.choices)
    date_from = DayFilter(method="since", label=_("The first day (UTC)."))
    date_to = DayFilter(method="until", label=_("The last day (UTC), inclusive."))

    class Meta:
        model = ReadEntry
        fields: list[str] = []

    def keep(self, queryset: QuerySet, _name: str, _value: bool) -> QuerySet:
        """Read below, as it counts when it is not given too."""
        return queryset

    def since(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(at__gte=datetime.combine(value, time.min, UTC))

    def until(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(at__lte=datetime.combine(value, time.max, UTC))

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        if asked["include_own"] or asked["ground"] == ReadEntry.Ground.OWN:
            return rows
        return rows.exclude(ground=ReadEntry.Ground.OWN)

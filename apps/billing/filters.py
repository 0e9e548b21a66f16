"""What lists of money can be narrowed by."""

from datetime import UTC, date, datetime, time

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from apps.common.api.filters import ChoicesFilter, TrueFalseFilter

from .models import Bill, Coupon, GatewayCode, Invoice, InvoiceKind, Payment
from .workflow import OWING, BillStatus, PaymentStatus


class _DayFormField(forms.DateField):
    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs | {"input_formats": ["%Y-%m-%d"], "localize": False})  # type: ignore[arg-type]


@extend_schema_field(OpenApiTypes.DATE)
class DayFilter(django_filters.Filter):
    """A calendar day in a query."""

    field_class = _DayFormField


class BillFilter(django_filters.FilterSet):
    status = ChoicesFilter(choices=BillStatus.choices, label="Status.")
    is_owing = TrueFalseFilter(method="by_owing", label="Something is still owed, or nothing.")
    subject_id = django_filters.UUIDFilter(label="What the bill is for: the id of an appointment, a booking.")

    class Meta:
        model = Bill
        fields: tuple[str, ...] = ()

    def by_owing(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(status__in=OWING) if value else queryset.exclude(status__in=OWING)


class CouponFilter(django_filters.FilterSet):
    is_active = TrueFalseFilter(label="Active ones, or those that were ended.")
    kind = ChoicesFilter(choices=Coupon.Kind.choices, label="Percent, or a fixed amount.")
    search = django_filters.CharFilter(method="by_code", max_length=32, label="The beginning of a code.")

    class Meta:
        model = Coupon
        fields: tuple[str, ...] = ()

    def by_code(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(code__startswith=value.strip().upper())


class PaymentFilter(django_filters.FilterSet):
    status = ChoicesFilter(PaymentStatus.choices)
    gateway = ChoicesFilter(GatewayCode.choices)
    bill = django_filters.UUIDFilter(label=_("The bill's id."))
    to = DayFilter(method="until", label=_("The last day (UTC), inclusive."))
    vars()["from"] = DayFilter(method="since", label=_("The first day (UTC)."))

    class Meta:
        model = Payment
        fields: list[str] = []

    def since(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__gte=datetime.combine(value, time.min, UTC))

    def until(self, queryset: QuerySet, _name: str, value: date) -> QuerySet:
        return queryset.filter(created_at__lte=datetime.combine(value, time.max, UTC))


class InvoiceFilter(django_filters.FilterSet):
    kind = ChoicesFilter(InvoiceKind.choices)
    year = django_filters.NumberFilter(
        decimal_places=0, validators=[MinValueValidator(2000), MaxValueValidator(9999)], label=_("Year of its number.")
    )
    bill = django_filters.UUIDFilter(label=_("The bill's id."))
    to = DayFilter(field_name="issued_on", lookup_expr="lte", label=_("The last day, inclusive."))
    vars()["from"] = DayFilter(field_name="issued_on", lookup_expr="gte", label=_("The first day."))

    class Meta:
        model = Invoice
        fields: list[str] = []

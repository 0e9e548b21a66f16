"""What lists of money are narrowed by."""

import django_filters
from django.db.models import QuerySet

from apps.common.api.filters import ChoicesFilter, TrueFalseFilter

from .models import Bill, Coupon, GatewayCode, Invoice, InvoiceKind, Payment
from .workflow import OWING, BillStatus, PaymentStatus


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


class InvoiceFilter(django_filters.FilterSet):
    kind = ChoicesFilter(choices=InvoiceKind.choices, label="Invoice, receipt of an advance payment, credit note.")
    bill_id = django_filters.UUIDFilter(field_name="bill", label="The bill's id.")

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()


class PaymentFilter(django_filters.FilterSet):
    status = ChoicesFilter(choices=PaymentStatus.choices, label="Status.")
    gateway = ChoicesFilter(choices=GatewayCode.choices, label="By which way it is paid.")
    bill_id = django_filters.UUIDFilter(field_name="bill", label="The bill's id.")

    class Meta:
        model = Payment
        fields: tuple[str, ...] = ()

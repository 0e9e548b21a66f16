"""What lists of clinical can be narrowed by."""

from uuid import UUID

import django_filters
from django.db.models import QuerySet

from apps.common.api.filters import ChoicesFilter

from .models import Prescription
from .workflow import PrescriptionStatus


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

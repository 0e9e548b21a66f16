"""Row scopes of hours and appointments, and the questions asked of them most."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import F, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import translation

from apps.accounts.roles import Role
from apps.clinical.models import Patient
from apps.common.querysets import ScopedQuerySet
from apps.hospitals.models import Doctor
from apps.hospitals.querysets import PracticeQuerySet

from .workflow import OCCUPYING

#: No appointment lasts longer (the database holds it), so what overlaps an instant began within a day before it.
LONGEST = timedelta(days=1)
#: What one appointment's answer is made of: read as plain rows, as lists of them are hot.
ROW = (
    "id", "number", "status", "kind", "starts_at", "ends_at", "version", "complaint", "notes", "fee", "currency",
    "cancelled_by", "cancelled_at", "cancellation_reason", "created_at", "updated_at",
    "patient_id", "patient__user__first_name", "patient__user__last_name",
    "doctor_id", "doctor__first_name", "doctor__last_name",
    "hospital_id", "hospital__time_zone",
)  # fmt: skip


def in_language(path: str) -> Any:
    """A translated column in the language that is active now, in English where that is missing."""
    language = translation.get_language() or "en"
    if language == "en":
        return F(f"{path}_en")
    return Coalesce(NullIf(F(f"{path}_{language}"), Value("")), F(f"{path}_en"), output_field=TextField())


class ScheduleQuerySet(PracticeQuerySet):
    """Consulting hours: the platform's staff see all, hospital staff their hospital's, a doctor their own."""


class OfScheduleQuerySet(ScopedQuerySet):
    """Rows of a schedule are seen by whoever sees the schedule."""

    def visible_to(self, user: Any) -> Self:
        schedules = self.model._meta.get_field("schedule").related_model.objects
        return self.filter(schedule__in=schedules.visible_to(user))


class TimeOffQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A doctor's leave is seen by the doctor, the staff of the doctor's hospitals and the platform's staff."""
        doctors = self.model._meta.get_field("doctor").related_model.objects
        return self.filter(doctor__in=doctors.visible_to(user))


class AppointmentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform staff see all; a patient, a doctor and a hospital's staff see the appointments they are party to."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        # The one id by a subquery of its own, so that the rows are read by the index of (whose, starts_at) at any size.
        if user.role == Role.PATIENT:
            return self.filter(patient=Subquery(Patient.objects.filter(user=user).values("pk")[:1]))
        if user.role == Role.DOCTOR:
            return self.filter(doctor=Subquery(Doctor.objects.filter(user=user).values("pk")[:1]))
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()

    def occupying(self) -> Self:
        return self.filter(status__in=OCCUPYING)

    def as_rows(self) -> QuerySet[Any, dict[str, Any]]:
        """Plain rows with all that an answer shows, names in the active language; one query."""
        return self.values(
            *ROW,
            doctor_title=in_language("doctor__title"),
            hospital_name=in_language("hospital__name"),
            hospital_city=in_language("hospital__city"),
        )

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Rows whose half-open interval meets [starts_at, ends_at); those long past are not even looked at."""
        return self.filter(starts_at__gt=starts_at - LONGEST, starts_at__lt=ends_at, ends_at__gt=starts_at)


class AppointmentEventQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        appointments = self.model._meta.get_field("appointment").related_model.objects
        return self.filter(appointment__in=appointments.visible_to(user))

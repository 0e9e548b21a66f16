"""Row scopes of hours and appointments, and the questions asked of them most."""

from datetime import datetime
from typing import Any, Self

from django.db.models import Q

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet
from apps.hospitals.querysets import OfHospitalQuerySet

from .workflow import OCCUPYING


class ScheduleQuerySet(OfHospitalQuerySet):
    """Consulting hours: the platform's staff see all, hospital staff their hospital's, a doctor their own."""


class OfScheduleQuerySet(ScopedQuerySet):
    """Rows of a schedule are seen by whoever sees the schedule."""

    def visible_to(self, user: Any) -> Self:
        schedules = self.model._meta.get_field("schedule").related_model.objects
        return self.filter(schedule__in=schedules.visible_to(user))


class TimeOffQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A doctor's leave is seen by the doctor, by staff of the hospitals where the doctor practises, by the platform's staff."""
        doctors = self.model._meta.get_field("doctor").related_model.objects
        return self.filter(doctor__in=doctors.visible_to(user))


class AppointmentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform staff see all; a patient, a doctor and a hospital's staff see the appointments they are party to."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        if user.role == Role.PATIENT:
            return self.filter(patient__user=user)
        if user.role == Role.DOCTOR:
            return self.filter(doctor__user=user)
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__staff_links__user=user)
        return self.none()

    def occupying(self) -> Self:
        return self.filter(status__in=OCCUPYING)

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Rows whose half-open interval meets [starts_at, ends_at)."""
        return self.filter(Q(starts_at__lt=ends_at) & Q(ends_at__gt=starts_at))


class AppointmentEventQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        appointments = self.model._meta.get_field("appointment").related_model.objects
        return self.filter(appointment__in=appointments.visible_to(user))

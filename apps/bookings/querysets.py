"""Row scopes of hours, appointments and reviews, and the questions asked of them most."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db.models import (
    DateField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import translation

from apps.accounts.roles import Role
from apps.billing import selectors as billing_selectors
from apps.clinical.models import Patient
from apps.common.querysets import ScopedQuerySet
from apps.hospitals.models import Doctor
from apps.hospitals.querysets import PracticeQuerySet

from .workflow import OCCUPYING, UNASKED, UNENDED, AppointmentStatus, DisplacementStatus

#: No appointment lasts longer (the database holds it), so what overlaps an instant began within a day before it.
LONGEST = timedelta(days=1)
#: An appointment whose end is longer past than this should have been brought to an end by somebody.
UNRESOLVED_AFTER = timedelta(hours=2)
#: How billing's rows name an appointment.
PAID_AS = "appointment"
#: What one appointment's answer is made of: read as plain rows, as lists of them are hot.
ROW = (
    "id", "number", "status", "kind", "starts_at", "ends_at", "held_until", "version", "complaint", "notes", "fee",
    "currency", "cancelled_by", "cancelled_at", "cancellation_reason", "created_at", "updated_at",
    "excused_moves", "replaces_id", "patient_id", "patient__user__first_name", "patient__user__last_name",
    "doctor_id", "doctor__first_name", "doctor__last_name",
    "hospital_id", "hospital__time_zone",
)  # fmt: skip


def in_language(path: str) -> Any:
    """A translated column in the language that is active now, in English where that is missing."""
    language = translation.get_language() or "en"
    if language == "en":
        return F(f"{path}_en")
    return Coalesce(NullIf(F(f"{path}_{language}"), Value("")), F(f"{path}_en"), output_field=TextField())


def local_day(path: Any = "starts_at", zone: str = "hospital__time_zone") -> Any:
    """The day of an instant (a column or an expression) on the hospital's calendar."""
    at = F(path) if isinstance(path, str) else path
    return Cast(Func(F(zone), at, function="timezone", output_field=DateTimeField()), DateField())


class ScheduleQuerySet(PracticeQuerySet):
    """Consulting hours: the platform's staff see all, hospital staff their hospital's, a doctor their own."""


class OfScheduleQuerySet(ScopedQuerySet):
    """Rows of a schedule are seen by whoever sees the schedule."""

    def visible_to(self, user: Any) -> Self:
        schedules = self.model._meta.get_field("schedule").related_model.objects
        return self.filter(schedule__in=schedules.visible_to(user))


class OfAppointmentQuerySet(ScopedQuerySet):
    """Rows of an appointment are seen by whoever sees the appointment."""

    def visible_to(self, user: Any) -> Self:
        appointments = self.model._meta.get_field("appointment").related_model.objects
        return self.filter(appointment__in=appointments.visible_to(user))


class ClosureQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Closures are seen by the platform's and the hospital's staff, and the doctors whom they keep from working."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        if user.role == Role.DOCTOR:
            own = Doctor.objects.filter(user=user)
            return self.filter(Q(doctor__in=own) | Q(doctor=None, hospital__schedules__doctor__in=own)).distinct()
        return self.none()


class PublicHolidayQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Public holidays are no secret of anybody's who works here."""
        staff = {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.HOSPITAL_ADMIN, Role.DOCTOR}
        return self if user.is_authenticated and user.role in staff else self.none()


class CalendarFeedQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A feed is the doctor's own; platform admins see that there is one."""
        if not user.is_authenticated:
            return self.none()
        if user.role == Role.ADMIN:
            return self
        return self.filter(doctor__user=user) if user.role == Role.DOCTOR else self.none()


class TimeOffQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """A doctor's leave is seen by the doctor, the staff of the doctor's hospitals and the platform's staff."""
        doctors = self.model._meta.get_field("doctor").related_model.objects
        return self.filter(doctor__in=doctors.visible_to(user))


class AppointmentQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform staff see all; a patient, a doctor and a hospital's staff see the appointments they are party to,
        the latter two once somebody has asked for them."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        # The one id by a subquery of its own, so that the rows are read by the index of (whose, starts_at) at any size.
        if user.role == Role.PATIENT:
            return self.filter(patient=Subquery(Patient.objects.filter(user=user).values("pk")[:1]))
        if user.role == Role.DOCTOR:
            asked = self.exclude(status__in=UNASKED)
            return asked.filter(doctor=Subquery(Doctor.objects.filter(user=user).values("pk")[:1]))
        if user.role == Role.HOSPITAL_ADMIN:
            return self.exclude(status__in=UNASKED).filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()

    def occupying(self, now: datetime | None = None) -> Self:
        """Those that take their time. The database counts what is held until its hold has lapsed; whoever gives `now`
        counts it no longer once the hold is over."""
        rows = self.filter(status__in=OCCUPYING)
        return rows.exclude(status=AppointmentStatus.HELD, held_until__lte=now) if now else rows

    def paid_without_time(self) -> Self:
        """Holds that lapsed before their payment arrived, when their time was taken: each is to be given another time,
        or its money back."""
        paid = billing_selectors.paid_subjects(PAID_AS)
        return self.filter(status=AppointmentStatus.LAPSED, pk__in=paid)

    def unlicensed(self, now: datetime) -> Self:
        """Those still to come that begin after the last day of the doctor's licence, by the hospital's calendar."""
        after_it = Q(doctor__licensed_until=None) | Q(doctor__licensed_until__lt=local_day())
        coming = [AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED]
        return self.filter(after_it, status__in=coming, starts_at__gt=now)

    def meeting(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Rows whose half-open interval, without the doctor's buffer, meets [starts_at, ends_at)."""
        return self.filter(starts_at__gt=starts_at - LONGEST, starts_at__lt=ends_at, ends_at__gt=starts_at)

    def to_come(self, now: datetime) -> Self:
        """Those asked for or agreed on that have not begun."""
        return self.filter(status__in=[AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED], starts_at__gt=now)

    def unresolved(self, now: datetime) -> Self:
        """Those whose end is more than two hours past, and of which nobody has said what became of them: requests that
        were never answered too."""
        until = now - UNRESOLVED_AFTER
        # The start is bounded as well, for the index of (status, start).
        return self.filter(status__in=UNENDED, starts_at__lt=until, ends_at__lt=until)

    def as_rows(self) -> QuerySet[Any, dict[str, Any]]:
        """Plain rows with all that an answer shows, names in the active language; one query."""
        return self.values(
            *ROW,
            doctor_title=in_language("doctor__title"),
            hospital_name=in_language("hospital__name"),
            hospital_city=in_language("hospital__city"),
            is_displaced=self._is_displaced(),
            is_paid=self._is_paid(),
        )

    def _is_displaced(self) -> Exists:
        displacements = self.model._meta.get_field("displacements").related_model.objects
        return Exists(displacements.filter(appointment=OuterRef("pk"), status=DisplacementStatus.OPEN))

    def _is_paid(self) -> Exists:
        """By the first of those in whose place it is: that one's money is its own."""
        paid = billing_selectors.paid_subjects(PAID_AS)
        return Exists(paid.filter(subject_id=Coalesce(OuterRef("origin"), OuterRef("pk"))))

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Rows whose half-open interval, the doctor's buffer included, meets [starts_at, ends_at); those long past are
        not even looked at."""
        return self.filter(starts_at__gt=starts_at - LONGEST, starts_at__lt=ends_at, busy_until__gt=starts_at)


class AppointmentEventQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        appointments = self.model._meta.get_field("appointment").related_model.objects
        return self.filter(appointment__in=appointments.visible_to(user))


class BookingQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Coordinators and admins see all; a patient their own, a hospital's staff what was asked of their hospital."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR}:
            return self
        if user.role == Role.PATIENT:
            return self.filter(patient=Subquery(Patient.objects.filter(user=user).values("pk")[:1]))
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()

    def as_rows(self) -> QuerySet[Any, dict[str, Any]]:
        """Plain rows with all that an answer shows, names in the active language; one query."""
        return self.values(
            "id", "number", "type", "status", "preferred_from", "preferred_until", "companions", "message",
            "created_at", "updated_at", "patient_id", "patient__user__first_name", "patient__user__last_name",
            "hospital_id", "treatment_id", "package_id",
            hospital_name=in_language("hospital__name"),
            hospital_city=in_language("hospital__city"),
            treatment_name=in_language("treatment__name"),
            package_name=in_language("package__name"),
        )  # fmt: skip


class BookingEventQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        bookings = self.model._meta.get_field("booking").related_model.objects
        return self.filter(booking__in=bookings.visible_to(user))


class ReviewQuerySet(ScopedQuerySet):
    def published(self) -> Self:
        """What the public reads, and ratings count."""
        return self.filter(status="published")

    def visible_to(self, user: Any) -> Self:
        """Platform staff see all, a patient their own; a doctor and a hospital's staff what was published of them."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}:
            return self
        if user.role == Role.PATIENT:
            return self.filter(patient__user=user)
        if user.role == Role.DOCTOR:
            return self.published().filter(doctor__user=user)
        if user.role == Role.HOSPITAL_ADMIN:
            return self.published().filter(hospital__staff_links__user=user)
        return self.none()

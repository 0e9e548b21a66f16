"""Consulting hours, leave, appointments and their history."""

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.clinical.models import Patient
from apps.common import audit, ids, money, ranges
from apps.common.models import BaseModel
from apps.common.workflow import Movable
from apps.hospitals.models import Doctor, Hospital

from . import querysets, workflow
from .workflow import AppointmentStatus


class DoctorSchedule(BaseModel):
    """How one doctor takes appointments at one hospital. Lengths are in minutes, the horizon in days."""

    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="schedules")
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="schedules"
    )
    slot_minutes = models.PositiveSmallIntegerField(
        _("slot length (minutes)"), default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    minimum_notice_minutes = models.PositiveIntegerField(
        _("minimum notice (minutes)"), default=120, validators=[MaxValueValidator(60 * 24 * 60)]
    )
    horizon_days = models.PositiveSmallIntegerField(
        _("bookable ahead (days)"), default=60, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )

    objects = querysets.ScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("consulting schedule")
        verbose_name_plural = _("consulting schedules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["doctor", "hospital"], name="schedule_once_per_doctor_and_hospital"),
            models.CheckConstraint(
                condition=models.Q(slot_minutes__gte=5, slot_minutes__lte=240), name="schedule_slot_length"
            ),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return f"{self.doctor} · {self.hospital}"


class Weekday(models.IntegerChoices):
    """As Python counts: Monday is 0."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WeeklyHours(BaseModel):
    """One opening a week, in wall time of the hospital, the end exclusive.

    An end before its start is the next day's.
    """

    schedule = models.ForeignKey(
        DoctorSchedule, verbose_name=_("schedule"), on_delete=models.CASCADE, related_name="weekly_hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    effective_until = models.DateField(_("effective until"), null=True, blank=True)

    objects = querysets.OfScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering: ClassVar = ["weekday", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekly_hours_weekday"),
            models.CheckConstraint(condition=~models.Q(starts=models.F("ends")), name="weekly_hours_not_empty"),
            models.CheckConstraint(
                condition=models.Q(effective_from=None)
                | models.Q(effective_until=None)
                | models.Q(effective_until__gte=models.F("effective_from")),
                name="weekly_hours_effective_in_order",
            ),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class TimeOff(BaseModel):
    """A doctor takes no appointments anywhere from `starts_at` to `ends_at` (UTC, end exclusive)."""

    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="time_off", db_index=False
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Seen by staff only."))

    objects = querysets.TimeOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="time_off_ends_after_it_starts"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["doctor", "ends_at"], name="time_off_by_doctor")]
        triggers: ClassVar = [audit.tracked(masked=["reason"])]

    def __str__(self) -> str:
        return f"{self.doctor}: {self.starts_at:%Y-%m-%d}–{self.ends_at:%Y-%m-%d}"


_PERIOD = models.Func(
    models.F("starts_at"),
    models.F("ends_at"),
    models.Value("[)"),
    function="tstzrange",
    output_field=DateTimeRangeField(),
)


def new_number() -> str:
    """An appointment's number as people read it out.

    It is random, so that bookings wait for no counter and nobody guesses another's.
    """
    return f"AP-{ids.random_code(8)}"


class Appointment(Movable, BaseModel):
    """A patient sees a doctor of a hospital from `starts_at` to `ends_at` (UTC). The database refuses overlaps."""

    class Kind(models.TextChoices):
        IN_PERSON = "in_person", _("At the hospital")
        TELECONSULT = "teleconsult", _("By video")

    class CancelledBy(models.TextChoices):
        PATIENT = "patient", _("Patient")
        DOCTOR = "doctor", _("Doctor")
        HOSPITAL = "hospital", _("Hospital")
        PLATFORM = "platform", _("Medivoy")

    workflow = workflow.APPOINTMENT

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    # Each has its index together with the start, below.
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.IN_PERSON)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    status = models.CharField(
        _("status"), max_length=30, choices=AppointmentStatus.choices, default=AppointmentStatus.REQUESTED
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    complaint = models.TextField(_("complaint"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    fee = models.DecimalField(
        _("fee"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("booked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cancelled_by = models.CharField(_("cancelled by"), max_length=10, choices=CancelledBy.choices, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancellation_reason = models.TextField(_("reason for cancelling"), blank=True)

    objects = querysets.AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering: ClassVar = ["-starts_at", "id"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="appointment_no_doctor_overlap",
                expressions=[(ranges.itself("doctor"), RangeOperators.OVERLAPS), (_PERIOD, RangeOperators.OVERLAPS)],
                condition=models.Q(status__in=workflow.OCCUPYING),
                violation_error_message=_("The doctor has another appointment at this time."),
            ),
            ExclusionConstraint(
                name="appointment_no_patient_overlap",
                expressions=[(ranges.itself("patient"), RangeOperators.OVERLAPS), (_PERIOD, RangeOperators.OVERLAPS)],
                condition=models.Q(status__in=workflow.OCCUPYING),
                violation_error_message=_("The patient has another appointment at this time."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__lte=models.F("starts_at") + querysets.LONGEST),
                name="appointment_lasts_a_day_at_most",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AppointmentStatus.values), name="appointment_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="cancelled", cancelled_at__isnull=False) & ~models.Q(cancelled_by="")
                | ~models.Q(status="cancelled") & models.Q(cancelled_at=None, cancelled_by=""),
                name="appointment_cancellation_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(fee=None) | ~models.Q(currency=""), name="appointment_fee_has_a_currency"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["doctor", "starts_at"], name="appointment_by_doctor"),
            models.Index(fields=["patient", "-starts_at"], name="appointment_by_patient"),
            models.Index(fields=["hospital", "-starts_at"], name="appointment_by_hospital"),
            models.Index(fields=["status", "starts_at"], name="appointment_by_status"),
            models.Index(fields=["-starts_at"], name="appointment_latest"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["complaint", "notes", "cancellation_reason"])]

    def __str__(self) -> str:
        return self.number

    @property
    def times_moved(self) -> int:
        """How often its time was changed: `version` counts the agreed times, from 1."""
        return self.version - 1

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        AppointmentEvent.objects.create(
            appointment=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )

    def move_time(self, starts_at: datetime, ends_at: datetime, *, by: Any, at: datetime, note: str = "") -> None:
        """Agree on another time: a new version, and an event that keeps the old time and the new."""
        before = self.starts_at
        self.starts_at, self.ends_at, self.version = starts_at, ends_at, self.version + 1
        self.save(update_fields=["starts_at", "ends_at", "version", "updated_at"])
        AppointmentEvent.objects.create(
            appointment=self, from_status=self.status, to_status=self.status, by=by, at=at, note=note,
            moved_from_at=before, moved_to_at=starts_at,
        )  # fmt: skip


class AppointmentEvent(BaseModel):
    """One move of an appointment, to another status or to another time: who, when, why. Append-only."""

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("appointment"), on_delete=models.CASCADE, related_name="events", db_index=False
    )
    from_status = models.CharField(_("from"), max_length=30, choices=AppointmentStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=30, choices=AppointmentStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("note"), blank=True)
    moved_from_at = models.DateTimeField(_("moved from"), null=True, blank=True)
    moved_to_at = models.DateTimeField(_("moved to"), null=True, blank=True)

    objects = querysets.AppointmentEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment event")
        verbose_name_plural = _("appointment events")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(moved_from_at=None, moved_to_at=None)
                | models.Q(moved_from_at__isnull=False, moved_to_at__isnull=False),
                name="appointment_event_moved_from_and_to",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["appointment", "at"], name="appointment_event_by_time")]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"

"""Consulting hours and leave."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets
from apps.common import audit
from apps.common.models import BaseModel
from apps.hospitals.models import Doctor, Hospital

from . import checks


class DoctorSchedule(BaseModel):
    """How one doctor takes appointments at one hospital. Lengths are in minutes, the horizon in days; the buffer is
    kept free after each appointment; at most `daily_cap` are taken on one local day of the hospital."""

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
    buffer_minutes = models.PositiveSmallIntegerField(
        _("kept free after each (minutes)"), default=0, validators=[MaxValueValidator(120)]
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("at most a day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text=_("Appointments on one day; empty: no limit."),
    )  # fmt: skip
    works_on_holidays = models.BooleanField(
        _("works on public holidays"), default=False, help_text=_("Those of the hospital's country.")
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
            models.CheckConstraint(condition=models.Q(buffer_minutes__lte=120), name="schedule_buffer"),
            models.CheckConstraint(
                condition=models.Q(daily_cap=None) | models.Q(daily_cap__gte=1), name="schedule_daily_cap"
            ),
        ]
        triggers: ClassVar = [audit.tracked(), checks.wanted()]

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
        triggers: ClassVar = [audit.tracked(), checks.wanted_by_schedule()]

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
        indexes: ClassVar = [
            models.Index(fields=["doctor", "ends_at"], name="time_off_by_doctor"),
            models.Index(fields=["-starts_at", "id"], name="time_off_latest"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["reason"]), checks.wanted()]

    def __str__(self) -> str:
        return f"{self.doctor}: {self.starts_at:%Y-%m-%d}–{self.ends_at:%Y-%m-%d}"

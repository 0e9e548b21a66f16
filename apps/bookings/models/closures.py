"""Days that differ from the week: extra hours, closures of a hospital or of a doctor there, and public holidays."""

from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.bookings import querysets
from apps.common import audit
from apps.common.models import BaseModel
from apps.hospitals.models import Doctor, Hospital

from . import checks
from .calendars import DoctorSchedule


class ExtraHours(BaseModel):
    """One opening on one day beside the week's, in wall time of the hospital, the end exclusive; an end that is not
    after its start is the next day's. It holds on public holidays too: whoever enters it means that day."""

    schedule = models.ForeignKey(
        DoctorSchedule, verbose_name=_("schedule"), on_delete=models.CASCADE, related_name="extra_hours"
    )
    day = models.DateField(_("day"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    objects = querysets.OfScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = _("extra hours")
        verbose_name_plural = _("extra hours")
        ordering: ClassVar = ["day", "starts"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(starts=models.F("ends")), name="extra_hours_not_empty"),
            models.UniqueConstraint(fields=["schedule", "day", "starts"], name="extra_hours_once"),
        ]
        triggers: ClassVar = [audit.tracked(), checks.wanted_by_schedule()]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Closure(BaseModel):
    """From the first to the last of these local days a hospital takes no appointments, or one of its doctors there."""

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="closures", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), null=True, blank=True, on_delete=models.CASCADE, related_name="closures",
        help_text=_("Empty: the whole hospital is closed."),
    )  # fmt: skip
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Seen by staff only."))

    objects = querysets.ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering: ClassVar = ["-starts_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="closure_ends_after_it_starts"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["hospital", "ends_on"], name="closure_by_hospital"),
            models.Index(fields=["-starts_on", "id"], name="closed_days_latest"),
        ]
        triggers: ClassVar = [audit.tracked(), checks.wanted_by_closure()]

    def __str__(self) -> str:
        return f"{self.hospital}: {self.starts_on:%Y-%m-%d}–{self.ends_on:%Y-%m-%d}"


class PublicHoliday(BaseModel):
    """A public holiday of a country. The job fills in those that are computed for the coming years; staff correct them
    (a day that follows the moon is announced late), and what they corrected the job leaves alone."""

    country = CountryField(_("country"))
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=200, validators=[MaxLengthValidator(200)])
    is_observed = models.BooleanField(_("observed"), default=True, help_text=_("Off: doctors work as on other days."))
    is_corrected = models.BooleanField(_("entered by staff"), default=False, editable=False)

    objects = querysets.PublicHolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        ordering: ClassVar = ["country", "day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["country", "day"], name="public_holiday_once_a_day"),
        ]
        triggers: ClassVar = [audit.tracked(), checks.wanted_by_holiday()]

    def __str__(self) -> str:
        return f"{self.country} {self.day:%Y-%m-%d}: {self.name}"

"""Bookings of treatments abroad, and their history. So far they are requested and withdrawn; the journey follows."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.bookings import querysets, workflow
from apps.bookings.workflow import BookingStatus
from apps.clinical.models import Patient
from apps.common import audit, ids
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Hospital, Package, Treatment


def new_number() -> str:
    """A booking's number as people read it out: random, so that nobody guesses another's."""
    return f"BK-{ids.random_code(8)}"


class Booking(Movable, BaseModel):
    """A patient asks a hospital for a treatment, or for a package of several. Care begins with the request: the
    hospital must look at what the patient lets it see, to say whether it can treat."""

    class Type(models.TextChoices):
        TREATMENT = "treatment", pgettext_lazy("booking", "Treatment")
        PACKAGE = "package", pgettext_lazy("booking", "Package")

    workflow = workflow.BOOKING
    MOST_COMPANIONS = 9

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_number, editable=False)
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    treatment = models.ForeignKey(
        Treatment, verbose_name=_("treatment"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    package = models.ForeignKey(
        Package, verbose_name=_("package"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    preferred_from = models.DateField(_("would like to come from"), null=True, blank=True)
    preferred_until = models.DateField(_("until"), null=True, blank=True)
    companions = models.PositiveSmallIntegerField(
        _("companions"), default=0, validators=[MaxValueValidator(MOST_COMPANIONS)]
    )
    message = models.TextField(_("what the patient writes"), max_length=5000, blank=True)
    status = models.CharField(
        _("status"), max_length=30, choices=BookingStatus.choices, default=BookingStatus.REQUESTED
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("booked by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = querysets.BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment booking")
        verbose_name_plural = _("treatment bookings")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=BookingStatus.values), name="booking_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(type="treatment", treatment__isnull=False, package=None)
                | models.Q(type="package", package__isnull=False, treatment=None),
                name="booking_is_for_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(preferred_from=None)
                | models.Q(preferred_until=None)
                | models.Q(preferred_until__gte=models.F("preferred_from")),
                name="booking_dates_are_ordered",
            ),
            # A second click asks for nothing new.
            models.UniqueConstraint(
                fields=["patient", "hospital", "treatment"], name="booking_one_open_for_a_treatment",
                condition=models.Q(status="requested"),
            ),
            models.UniqueConstraint(
                fields=["patient", "hospital", "package"], name="booking_one_open_for_a_package",
                condition=models.Q(status="requested"),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["patient", "-created_at", "-id"], name="booking_by_patient"),
            models.Index(fields=["hospital", "-created_at", "-id"], name="booking_by_hospital"),
            models.Index(fields=["status", "-created_at", "-id"], name="booking_by_status"),
            models.Index(fields=["-created_at", "-id"], name="booking_latest"),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked(masked=["treatment_id", "package_id", "message"])]

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        BookingEvent.objects.create(booking=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note)


class BookingEvent(MoveEvent):
    """One move of a booking: who, when, why. Append-only."""

    booking = models.ForeignKey(
        Booking, verbose_name=_("treatment booking"), on_delete=models.CASCADE, related_name="events", db_index=False
    )
    from_status = models.CharField(_("from"), max_length=30, choices=BookingStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=30, choices=BookingStatus.choices)

    objects = querysets.BookingEventQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a treatment booking")
        verbose_name_plural = _("moves of treatment bookings")
        indexes: ClassVar = [models.Index(fields=["booking", "at"], name="booking_event_by_time")]

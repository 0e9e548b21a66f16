"""Appointments and their history."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets, workflow
from apps.bookings.workflow import AppointmentStatus
from apps.clinical.models import Patient
from apps.common import audit, ids, money, ranges
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Doctor, Hospital

from . import checks


def _period(until: str) -> models.Func:
    """From the start to `until`, the end exclusive."""
    return models.Func(
        models.F("starts_at"),
        models.F(until),
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
    """A patient sees a doctor of a hospital from `starts_at` to `ends_at` (UTC). The database refuses overlaps.

    The doctor's time is taken until `busy_until`: the end and the buffer that the schedule had when it was booked.
    While it is `held`, until `held_until`, nobody has asked for it yet: the patient is about to pay. One that took the
    place of another names it in `replaces`, and keeps its payment.
    """

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
    busy_until = models.DateTimeField(_("doctor busy until"))
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=30, choices=AppointmentStatus.choices, default=AppointmentStatus.REQUESTED
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    excused_moves = models.PositiveSmallIntegerField(_("moves that the patient did not cause"), default=0)
    agreed_at = models.DateTimeField(_("time agreed on at"), default=timezone.now)
    replaces = models.OneToOneField(
        "self", verbose_name=_("in place of"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="replaced_by",
    )  # fmt: skip
    #: The first of those in whose place it is; bills and payments are for that one.
    origin = models.ForeignKey(
        "self", verbose_name=_("first in place of"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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
                expressions=[
                    (ranges.itself("doctor"), RangeOperators.OVERLAPS),
                    (_period("busy_until"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(status__in=workflow.OCCUPYING),
                violation_error_message=_("The doctor has another appointment at this time."),
            ),
            ExclusionConstraint(
                name="appointment_no_patient_overlap",
                expressions=[
                    (ranges.itself("patient"), RangeOperators.OVERLAPS),
                    (_period("ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(status__in=workflow.OCCUPYING),
                violation_error_message=_("The patient has another appointment at this time."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    busy_until__gte=models.F("ends_at"), busy_until__lte=models.F("starts_at") + querysets.LONGEST
                ),
                name="appointment_lasts_a_day_at_most",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="held") | models.Q(held_until__isnull=False),
                name="appointment_hold_says_until_when",
            ),
            models.UniqueConstraint(
                fields=["patient"], name="appointment_one_hold_of_a_patient", condition=models.Q(status="held")
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
            models.Index(fields=["held_until"], name="appointment_hold_due", condition=models.Q(status="held")),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["complaint", "notes", "cancellation_reason"]),
            checks.wanted("doctor_id", "starts_at", "busy_until", "status"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def billed_as(self) -> UUID:
        """The id by which bills and payments know it."""
        return self.origin_id or self.pk

    @property
    def times_moved(self) -> int:
        """How often its time was changed: `version` counts the agreed times, from 1. What leave made necessary is not
        the patient's doing, and does not count."""
        return self.version - 1 - self.excused_moves

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        AppointmentEvent.objects.create(
            appointment=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )

    @classmethod
    def move_each(cls, ids: Collection[UUID], *, from_status: str, to: str, by: Any, at: datetime) -> None:
        """As `move_to`, for rows that the caller has locked in `from_status`: two statements, however many.

        Raises MoveNotAllowed."""
        if refusal := cls.workflow.why_not_move(from_status, to):
            raise refusal
        cls.objects.filter(pk__in=ids).update(status=to, updated_at=at)
        AppointmentEvent.objects.bulk_create(
            AppointmentEvent(appointment_id=pk, from_status=from_status, to_status=to, by=by, at=at) for pk in ids
        )

    def move_time(
        self,
        starts_at: datetime,
        ends_at: datetime,
        busy_until: datetime,
        *,
        by: Any,
        at: datetime,
        note: str = "",
        is_excused: bool = False,
    ) -> None:
        """Agree on another time: a new version, and an event that keeps the old time and the new."""
        before = self.starts_at
        self.starts_at, self.ends_at, self.busy_until = starts_at, ends_at, busy_until
        self.version, self.agreed_at = self.version + 1, at
        self.excused_moves += is_excused
        changed = ["starts_at", "ends_at", "busy_until", "version", "excused_moves", "agreed_at", "updated_at"]
        self.save(update_fields=changed)
        AppointmentEvent.objects.create(
            appointment=self, from_status=self.status, to_status=self.status, by=by, at=at, note=note,
            moved_from_at=before, moved_to_at=starts_at,
        )  # fmt: skip


class AppointmentEvent(MoveEvent):
    """One move of an appointment, to another status or to another time: who, when, why. Append-only."""

    appointment = models.ForeignKey(
        Appointment, verbose_name=_("appointment"), on_delete=models.CASCADE, related_name="events", db_index=False
    )
    from_status = models.CharField(_("from"), max_length=30, choices=AppointmentStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=30, choices=AppointmentStatus.choices)
    moved_from_at = models.DateTimeField(_("moved from"), null=True, blank=True)
    moved_to_at = models.DateTimeField(_("moved to"), null=True, blank=True)

    objects = querysets.AppointmentEventQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("appointment event")
        verbose_name_plural = _("appointment events")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(moved_from_at=None, moved_to_at=None)
                | models.Q(moved_from_at__isnull=False, moved_to_at__isnull=False),
                name="appointment_event_moved_from_and_to",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["appointment", "at"], name="appointment_event_by_time")]

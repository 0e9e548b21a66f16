"""What patients say of consultations."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets, workflow
from apps.bookings.workflow import ReviewStatus
from apps.clinical.models import Patient
from apps.common import audit
from apps.common.models import BaseModel
from apps.common.workflow import Movable
from apps.hospitals.models import Doctor, Hospital

from .appointments import Appointment


class Review(Movable, BaseModel):
    """What the patient of a completed appointment says of its doctor and hospital, once. Public once it was verified;
    ratings count published ones only."""

    workflow = workflow.REVIEW

    appointment = models.OneToOneField(
        Appointment, verbose_name=_("appointment"), on_delete=models.PROTECT, related_name="review"
    )
    # Each of the three is the appointment's, repeated for lists and ratings; each has its index below.
    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    rating = models.PositiveSmallIntegerField(_("rating"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    status = models.CharField(_("status"), max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.PENDING)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    rejection_reason = models.TextField(_("reason for rejection"), blank=True)
    reply = models.TextField(_("reply"), blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("replied by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    replied_at = models.DateTimeField(_("replied at"), null=True, blank=True)

    objects = querysets.ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering: ClassVar = ["-created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(rating__gte=1, rating__lte=5), name="review_rating_is_1_to_5"),
            models.CheckConstraint(condition=models.Q(status__in=ReviewStatus.values), name="review_status_is_known"),
            models.CheckConstraint(
                condition=models.Q(status="published", published_at__isnull=False)
                | ~models.Q(status="published") & models.Q(published_at=None),
                name="review_published_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="rejected") | ~models.Q(rejection_reason=""),
                name="review_rejection_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(reply="", replied_at=None, replied_by=None)
                | ~models.Q(reply="") & models.Q(replied_at__isnull=False, replied_by__isnull=False),
                name="review_reply_says_who_and_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["doctor", "-published_at", "-id"], name="review_of_doctor_newest",
                         condition=models.Q(status="published"), include=["rating"]),
            models.Index(fields=["hospital", "-published_at", "-id"], name="review_of_hospital_newest",
                         condition=models.Q(status="published"), include=["rating"]),
            models.Index(fields=["status", "-created_at"], name="review_by_status"),
            models.Index(fields=["doctor"], name="review_by_doctor"),
            models.Index(fields=["hospital"], name="review_by_hospital"),
            models.Index(fields=["patient", "-created_at"], name="review_by_patient"),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked(masked=["patient_id", "appointment_id", "text", "rejection_reason"])]

    def __str__(self) -> str:
        return f"{self.doctor}: {self.rating}/5"

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        """The audit trail's entry of the changed row says who, when and from what to what; nothing else is kept."""

"""What patients say: a review is written, verified, published, and answered. Ratings follow in the same transaction."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment, Review
from apps.bookings.workflow import ReviewStatus
from apps.common.exceptions import NotFound, raise_if
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Doctor, Hospital


@transaction.atomic
def submit_review(
    appointment_id: UUID, *, by: User, rating: int, text: str = "", language: str = "", now: datetime | None = None
) -> Review:
    """The patient's review of the consultation waits to be verified; nothing public changes yet.

    `language` is that of the text, the writer's own unless said. Raises NotFound, Forbidden, NotCompleted,
    AlreadyReviewed, Invalid.
    """
    now = now or timezone.now()
    try:
        appointment = Appointment.objects.visible_to(by).lock(appointment_id)
    except Appointment.DoesNotExist:
        raise NotFound() from None
    is_reviewed = Review.objects.filter(appointment=appointment).exists()
    raise_if(rules.why_not_review(appointment.status, role=by.role, is_reviewed=is_reviewed))
    raise_if(rules.why_wrong_review(rating, text))
    return Review.objects.create(
        appointment=appointment,
        patient_id=appointment.patient_id,
        doctor_id=appointment.doctor_id,
        hospital_id=appointment.hospital_id,
        rating=rating,
        text=text.strip(),
        language=language or by.language,
    )


@transaction.atomic
def moderate_review(
    review_id: UUID, status: str, *, by: User | None, reason: str = "", now: datetime | None = None
) -> Review:
    """The review is published and counts, or is rejected with a reason and counts no more; the ratings of its doctor
    and hospital say so at once. Raises NotFound, MoveNotAllowed, Forbidden, ReviewReasonRequired."""
    now = now or timezone.now()
    review = _locked_with_rated(review_id, by)
    raise_if(rules.why_not_moderate(review.status, status, reason=reason, role=by.role if by else None))
    is_published = status == ReviewStatus.PUBLISHED
    review.published_at = now if is_published else None
    review.rejection_reason = "" if is_published else reason.strip()
    review.move_to(status, by=by, at=now, note=reason, fields=("published_at", "rejection_reason"))
    _rate(review)
    return review


@transaction.atomic
def reply_to_review(review_id: UUID, *, by: User, text: str, now: datetime | None = None) -> Review:
    """The reviewed doctor, or the hospital, has answered below the review. Raises NotFound, Forbidden, NotPublished,
    AlreadyReplied, Invalid."""
    now = now or timezone.now()
    try:
        review = Review.objects.visible_to(by).lock(review_id)
    except Review.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_reply(review.status, text, role=by.role, is_answered=bool(review.reply)))
    review.reply, review.replied_by, review.replied_at = text.strip(), by, now
    review.save(update_fields=["reply", "replied_by", "replied_at", "updated_at"])
    return review


def recount_ratings() -> dict[str, int]:
    """Every doctor's and hospital's rating is that of the published reviews; how many of each said something else."""
    return {"doctors": _mend(Doctor, "doctor"), "hospitals": _mend(Hospital, "hospital")}


def _locked_with_rated(review_id: UUID, by: User | None) -> Review:
    """The review, and before it those whose ratings it counts in, in the order of all locks: hospital, doctor. So two
    reviews of one doctor are counted one after the other, the second with the first."""
    reviews = Review.objects.visible_to(by) if by else Review.objects
    seen = reviews.filter(pk=review_id).values("doctor", "hospital").first()
    if seen is None:
        raise NotFound()
    Hospital.objects.lock(seen["hospital"])
    Doctor.objects.lock(seen["doctor"])
    review: Review = Review.objects.lock(review_id)
    return review


def _rate(review: Review) -> None:
    """The caller holds the locks of both."""
    hospital_services.set_rating(Doctor, review.doctor_id, *_figures(doctor=review.doctor_id))
    hospital_services.set_rating(Hospital, review.hospital_id, *_figures(hospital=review.hospital_id))


def _figures(**whose: UUID) -> tuple[Decimal, int]:
    """The average with two places, half a hundredth up, and the number of what was published."""
    found = Review.objects.published().filter(**whose).aggregate(total=Sum("rating"), number=Count("*"))
    if not found["number"]:
        return Decimal(0), 0
    average = Decimal(found["total"]) / found["number"]
    return average.quantize(Decimal("0.01"), ROUND_HALF_UP), found["number"]


def _mend(model: type[Doctor] | type[Hospital], name: str) -> int:
    published = Review.objects.published().filter(**{name: OuterRef("pk")}).order_by().values(name)
    exact: Any = DecimalField(max_digits=12, decimal_places=6)
    average = published.annotate(value=Round(Avg("rating", output_field=exact), precision=2))
    wrong = (
        model.objects.annotate(
            counted=Coalesce(Subquery(published.annotate(number=Count("*")).values("number")), Value(0)),
            averaged=Coalesce(Subquery(average.values("value")), Value(Decimal(0)), output_field=exact),
        )
        .filter(~Q(counted=F("rating_count")) | ~Q(averaged=F("rating")))
        .order_by("pk")
    )
    ids = list(wrong.values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            model.objects.lock(pk)
            hospital_services.set_rating(model, pk, *_figures(**{name: pk}))
    return len(ids)

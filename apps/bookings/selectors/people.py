"""What hangs on a doctor: the patients in their care, and what patients say of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from apps.accounts.models import User
from apps.bookings.models import Review
from apps.bookings.workflow import OCCUPYING, UNASKED
from apps.clinical.models import Patient
from apps.common.exceptions import NotFound
from apps.hospitals.models import Doctor

_ASKED = [status for status in OCCUPYING if status not in UNASKED]


def patients_of(doctor_id: UUID, *, reader: User, now: datetime) -> QuerySet:
    """The people with an appointment with the doctor that was asked for, neither declined nor cancelled, and that the
    doctor did not miss, as plain rows: when last, when next, how often. Nothing medical. Of a doctor whom the reader
    keeps."""
    doctors = Doctor.objects.visible_to(reader).order_by().filter(pk=doctor_id)
    return (
        Patient.objects.filter(appointments__doctor__in=doctors.values("pk"), appointments__status__in=_ASKED)
        .annotate(
            last_at=Max("appointments__starts_at", filter=Q(appointments__starts_at__lt=now)),
            next_at=Min("appointments__starts_at", filter=Q(appointments__starts_at__gte=now)),
            count=Count("appointments"),
        )
        .values("id", "user__first_name", "user__last_name", "country", "last_at", "next_at", "count")
    )


def reviews_of(doctor_id: UUID, *, reader: User | Any, now: datetime) -> QuerySet:
    """What was published of a doctor whom the reader may look at, as plain rows: of who wrote it, the country only."""
    doctors = Doctor.objects.readable_by(reader, now.date()).order_by().filter(pk=doctor_id)
    return (
        Review.objects.published()
        .filter(doctor__in=doctors.values("pk"))
        .values("id", "rating", "text", "language", "published_at", "reply", "replied_at", "patient__country")
    )


def raise_unless_readable(doctor_id: UUID, *, reader: User | Any, now: datetime) -> None:
    """Whether an empty list is of somebody. One query. Raises NotFound."""
    if not Doctor.objects.readable_by(reader, now.date()).filter(pk=doctor_id).exists():
        raise NotFound()

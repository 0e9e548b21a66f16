"""What a licence that lapses or shrinks does to appointments that are still to come."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from apps.bookings import notifications
from apps.bookings.models import Appointment
from apps.hospitals.models import Doctor


def tell_of_unlicensed(doctor_ids: Collection[UUID], *, now: datetime) -> None:
    """Coordinators are told, once for each doctor and last day of the licence, how many appointments lie after it. The
    appointments stay: what becomes of each is decided by a person."""
    affected = Appointment.objects.unlicensed(now).filter(doctor__in=doctor_ids).order_by()
    numbers = dict(affected.values_list("doctor").annotate(number=Count("*")))
    if not numbers:
        return
    doctors = Doctor.objects.filter(pk__in=numbers).order_by("pk")
    notifications.licences_do_not_cover({doctor: numbers[doctor.pk] for doctor in doctors})

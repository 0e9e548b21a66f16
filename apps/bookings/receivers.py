"""What the directory and clinical announce, as far as hours and appointments are concerned."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from apps.clinical.models import Patient
from apps.clinical.signals import patient_closing
from apps.hospitals.signals import practice_changed

from . import services


@receiver(practice_changed, dispatch_uid="bookings.refresh_bookable")
def refresh_bookable(sender: Any, *, doctor_ids: Collection[UUID], **kwargs: Any) -> None:
    services.refresh_bookable(doctor_ids)


@receiver(patient_closing, dispatch_uid="bookings.refuse_to_close")
def refuse_to_close(sender: Any, *, patient: Patient, now: datetime, **kwargs: Any) -> None:
    """Raises AppointmentsToCome."""
    services.refuse_while_appointments_to_come(patient, now=now)

"""What the directory announces, as far as consulting hours are concerned."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from apps.hospitals.signals import practice_changed

from . import services


@receiver(practice_changed, dispatch_uid="bookings.refresh_bookable")
def refresh_bookable(sender: Any, *, doctor_ids: Collection[UUID], **kwargs: Any) -> None:
    services.refresh_bookable(doctor_ids)

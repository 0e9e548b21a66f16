"""What accounts announces, as far as patients are concerned."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.signals import user_registered

from . import services
from .models import Patient


@receiver(user_registered, dispatch_uid="clinical.create_patient")
def create_patient(
    sender: Any, *, user: User, details: Mapping[str, Any] | None = None, **kwargs: Any
) -> Patient | None:
    """Of what registration was given, the patient's own fields are kept. Returned, so that accounts knows of it."""
    if user.role != Role.PATIENT:
        return None
    given = {name: value for name, value in (details or {}).items() if name in services.FIELDS and value != ""}
    return services.create_patient(user, by=user, **given)

"""What accounts announces, as far as doctors are concerned."""

from typing import Any

from django.dispatch import receiver

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.signals import user_registered

from . import services
from .models import Doctor


@receiver(user_registered, dispatch_uid="hospitals.open_doctor_profile")
def open_doctor_profile(sender: Any, *, user: User, **kwargs: Any) -> Doctor | None:
    """The profile is returned, so that accounts knows that there is one."""
    return services.open_profile(user) if user.role == Role.DOCTOR else None

"""What accounts announces, as far as doctors and the staff of hospitals are concerned; and new exchange rates."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.signals import user_registered
from apps.common.exceptions import Invalid
from apps.common.exchange.signals import rates_changed

from . import services
from .models import Doctor, Hospital, HospitalStaff


@receiver(user_registered, dispatch_uid="hospitals.open_doctor_profile")
def open_doctor_profile(sender: Any, *, user: User, **kwargs: Any) -> Doctor | None:
    """The profile is returned, so that accounts knows that there is one."""
    return services.open_profile(user) if user.role == Role.DOCTOR else None


@receiver(user_registered, dispatch_uid="hospitals.link_staff")
def link_staff(
    sender: Any, *, user: User, details: Mapping[str, Any] | None = None, **kwargs: Any
) -> HospitalStaff | None:
    """Hospital staff work for the hospital that `details` name. Raises Invalid when they name none that there is."""
    if user.role != Role.HOSPITAL_ADMIN:
        return None
    given = (details or {}).get("hospital_id")
    if not given:
        raise Invalid(errors={"hospital_id": [_("Hospital staff need a hospital: please choose it.")]})
    try:
        hospital = Hospital.objects.filter(pk=UUID(str(given))).first()
    except ValueError:
        hospital = None
    if hospital is None:
        raise Invalid(errors={"hospital_id": [_("There is no such hospital.")]})
    return services.add_staff(hospital, user, by=None)


@receiver(rates_changed, dispatch_uid="hospitals.reprice")
def reprice(sender: Any, **kwargs: Any) -> None:
    """Prices are compared by the new rates as soon as these are stored. Should it fail, the nightly job does it."""
    transaction.on_commit(services.reprice, robust=True)

"""For whom somebody books."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings import rules
from apps.clinical.models import Patient
from apps.common.exceptions import Forbidden, Invalid, NotFound


def patient_for(by: User, patient_id: UUID | None) -> Patient:
    """A patient books for themself; coordinators and admins say for whom. Nobody books for somebody whose account is
    closed. Raises Forbidden, Invalid, NotFound."""
    if not rules.may_book(by.role):
        raise Forbidden()
    patients = Patient.objects.visible_to(by).filter(user__is_active=True).select_related("user")
    if patient_id is not None:
        patients = patients.filter(pk=patient_id)
    elif by.role != Role.PATIENT:
        raise Invalid(errors={"patient_id": [_("Say for which patient.")]})
    patient = patients.first()
    if patient is None:
        raise NotFound()
    return patient

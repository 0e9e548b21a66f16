"""Reads of clinical for the apps above."""

from apps.accounts.models import User
from apps.clinical.models import Patient


def patient_of(user: User) -> Patient | None:
    """The patient that this person is; None for anyone else."""
    return Patient.objects.filter(user=user).first()

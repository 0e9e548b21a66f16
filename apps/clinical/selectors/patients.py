"""Reads of patients: the register, and one patient's page as its reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.clinical import querysets, services
from apps.clinical.models import Patient
from apps.common.exceptions import NotFound

#: What a list of patients is made of.
ROW = (
    "id", "user__first_name", "user__last_name", "user__email", "user__is_active", "gender", "birth_date", "country",
    "city", "onboarded_at", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class PatientPage:
    """One patient, with `ground` and `ground_id` of the medical information, and the entries that the reader sees, by
    kind: those of a kind that is not theirs to see are missing."""

    patient: Any
    entries: Mapping[str, Sequence[Any]]
    is_kept: bool

    @property
    def is_opened(self) -> bool:
        """Whether the reader sees the medical information."""
        return bool(self.patient.ground)


def patient_of(user: User) -> Patient | None:
    """The patient that this person is; None for anyone else."""
    return Patient.objects.filter(user=user).first()


def patient_rows(reader: User) -> QuerySet[Any, dict[str, Any]]:
    """The patients whom the reader finds, as plain rows without anything medical."""
    return Patient.objects.visible_to(reader).values(*ROW)


def patient_page(patient_id: UUID, *, reader: User) -> PatientPage:
    """A patient whom the reader finds. A query, and one for each list that they see. Raises NotFound."""
    found = Patient.objects.visible_to(reader).with_ground(reader).select_related("user")
    patient: Any = found.filter(pk=patient_id).first()
    if patient is None:
        raise NotFound()
    is_kept = reader.role in querysets.REGISTER or patient.user_id == reader.pk
    entries = {
        name: _standing(kind.model, patient)
        for name, kind in services.KINDS.items()
        if (patient.ground if kind.is_medical else is_kept)
    }
    return PatientPage(patient=patient, entries=entries, is_kept=is_kept)


def _standing(model: Any, patient: Patient) -> Sequence[Any]:
    found = list(model.objects.standing().filter(patient=patient).order_by("created_at", "pk"))
    for row in found:
        row.patient = patient
    return found

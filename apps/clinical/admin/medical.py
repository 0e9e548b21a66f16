"""The medical information of a patient's page: shown to whom it is open, and logged; to others, how it is asked for."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.clinical import rules
from apps.clinical.models import Patient, ReadEntry
from apps.common.exceptions import Text

from . import reading


@dataclass(frozen=True)
class Information:
    """What the page shows. Without sight of it only `is_open` is said."""

    is_open: bool
    is_given: bool = False
    measures: tuple[tuple[Text, str], ...] = ()
    allergies: tuple[Any, ...] = ()
    conditions: tuple[Any, ...] = ()
    medications: tuple[Any, ...] = ()


def information(request: HttpRequest, patient: Patient) -> Information:
    """Blood group, measures, allergies, conditions and medicines, if the reader has sight of them; that they were read
    is in the log when this returns."""
    user: Any = request.user
    row = Patient.objects.visible_to(user).with_ground(user).filter(pk=patient.pk).first()
    if row is None or not row.ground:
        return Information(is_open=False)
    reading.log([row], reader=user, act=ReadEntry.Act.OPENED)
    return Information(
        is_open=True,
        is_given=row.onboarded_at is not None,
        measures=_measures(row),
        allergies=_standing(row.allergies, user),
        conditions=_standing(row.conditions, user),
        medications=_standing(row.current_medications, user),
    )


def _standing(related: Any, user: Any) -> tuple[Any, ...]:
    return tuple(related.get_queryset().visible_to(user).standing().order_by("created_at"))


def _measures(patient: Patient) -> tuple[tuple[Text, str], ...]:
    index = rules.bmi(patient.height_cm, patient.weight_kg)
    age = patient.age_on(timezone.now().date())
    found: list[tuple[Text, Any, str]] = [
        (_("Age"), age, ""),
        (_("Blood group"), patient.blood_group, ""),
        (_("Height"), patient.height_cm, "cm"),
        (_("Weight"), patient.weight_kg, "kg"),
        (_("Body mass index"), index, "kg/m²"),
    ]
    return tuple((label, f"{value} {unit}".strip()) for label, value, unit in found if value not in (None, ""))

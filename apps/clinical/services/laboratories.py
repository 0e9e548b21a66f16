"""Verbs on laboratories."""

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.clinical import rules
from apps.clinical.models import Laboratory
from apps.common import texts
from apps.common.exceptions import NotFound, raise_if
from apps.hospitals.models import Hospital

TEXTS = frozenset({"name", "city", "description"})
PLAIN = frozenset({"country", "address", "phone", "email", "is_active"})


@transaction.atomic
def create_laboratory(
    *, by: User | None, hospital_id: UUID, name: texts.Texts, city: texts.Texts, country: str, **details: Any
) -> Laboratory:
    """The hospital has one more laboratory, and tests can be asked of it. Raises NotFound, Forbidden, Invalid."""
    hospital = _hospital(hospital_id, by)
    raise_if(rules.why_not_keep_laboratory(by=by, is_own=_works_for(hospital.pk, by)))
    laboratory = Laboratory(hospital=hospital)
    _write(laboratory, {"name": name, "city": city, "country": country, **details})
    laboratory.save()
    return laboratory


@transaction.atomic
def update_laboratory(laboratory: Laboratory, *, by: User | None, **changes: Any) -> Laboratory:
    """The laboratory's page says what `changes` say; the rest stays. Raises Forbidden, Invalid."""
    laboratory = Laboratory.objects.lock(laboratory.pk)
    raise_if(rules.why_not_keep_laboratory(by=by, is_own=_works_for(laboratory.hospital_id, by)))
    _write(laboratory, changes)
    laboratory.save()
    return laboratory


@transaction.atomic
def deactivate_laboratory(laboratory: Laboratory, *, by: User | None) -> Laboratory:
    """The laboratory is off the list and gets no new tests; those that it has go on. Once more changes nothing."""
    laboratory = Laboratory.objects.lock(laboratory.pk)
    raise_if(rules.why_not_keep_laboratory(by=by, is_own=_works_for(laboratory.hospital_id, by)))
    if laboratory.is_active:
        laboratory.is_active = False
        laboratory.save(update_fields=["is_active", "updated_at"])
    return laboratory


def _hospital(hospital_id: UUID, by: User | None) -> Hospital:
    hospitals = Hospital.objects.all() if by is None else Hospital.objects.visible_to(by)
    hospital = hospitals.filter(pk=hospital_id).first()
    if hospital is None:
        raise NotFound()
    return hospital


def _works_for(hospital_id: UUID, by: User | None) -> bool:
    return by is not None and Hospital.objects.staffed_by(by).filter(pk=hospital_id).exists()


def _write(laboratory: Laboratory, changes: dict[str, Any]) -> None:
    texts.write(laboratory, changes, texts=TEXTS, plain=PLAIN)
    texts.require_english(laboratory, ["name", "city"])

"""What each side's patient has asked of their data: a copy that is gone, a closure that was undone, a hold that was
lifted.
"""

from datetime import datetime, timedelta
from typing import Any

from apps.interop.models import Closure, DataExport, LegalHold, SealedIdentity
from tests.factories.clinical import PatientFactory


def build_shared(world: Any, *, platform: frozenset[str]) -> None:
    """Of somebody who was forgotten, whose record is kept."""
    texts = world.texts(SealedIdentity, platform)
    world.rows["sealed_identity"] = SealedIdentity.objects.create(patient=PatientFactory(), **texts)


def build_side(world: Any, side: str, *, platform: frozenset[str], now: datetime) -> None:
    patient, admin = world.rows[f"patient_{side}"], world.actors["admin"]
    past = now - timedelta(days=9)
    export = DataExport.objects.create(patient=patient, asked_by=patient.user, status="expired", ready_at=past)
    DataExport.objects.filter(pk=export.pk).update(created_at=past)
    world.rows[f"data_export_{side}"] = export
    world.rows[f"closure_{side}"] = Closure.objects.create(
        patient=patient, status="reopened", erase_at=now, reopened_at=now, reopened_by=admin,
        **world.texts(Closure, platform),
    )  # fmt: skip
    world.rows[f"legal_hold_{side}"] = LegalHold.objects.create(
        patient=patient, placed_by=admin, lifted_at=now, lifted_by=admin, **world.texts(LegalHold, platform)
    )

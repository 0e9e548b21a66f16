"""The log of readings: who read what of whose record, on what ground, from where."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from apps.accounts.models import User
from apps.clinical.models import Patient, ReadEntry
from apps.common import audit
from apps.common.exceptions import NotFound

#: Rows of one INSERT: more than any page shows; an export may have more.
_BATCH = 1000


def log_readings(
    rows: Iterable[Any],
    *,
    reader: User,
    act: str,
    place: str,
    model: type[models.Model] | None = None,
    now: datetime | None = None,
) -> int:
    """The log says that `reader` reads these rows now; how many entries that makes. Write it first, answer afterwards.

    Rows come from `.with_ground(reader)`, as instances or as `.values()` with `id`, `patient_id` (of patients `id`
    alone), `ground` and `ground_id`; `model` is needed with `.values()`. `act` is a `ReadEntry.Act`, `place` is api,
    admin or job. A patient of whom only the register is shown (`ground` is empty) makes no entry.

    Raises NotFound for a row that the reader sees no longer: the ground has gone between reading and logging.
    """
    now = now or timezone.now()
    sender = audit.current()
    entries = []
    for row in rows:
        ground = _of(row, "ground")
        if ground is None:
            raise NotFound()
        if not ground:
            continue
        kind: type[models.Model] = model or type(row)
        entries.append(
            ReadEntry(
                at=now,
                patient_id=_of(row, "id" if kind is Patient else "patient_id"),
                reader=reader,
                reader_role=reader.role,
                object_type=kind._meta.label_lower,
                object_id=_of(row, "id"),
                act=act,
                ground=ground,
                ground_id=_of(row, "ground_id"),
                place=place,
                address=sender["address"],
                user_agent=sender["user_agent"],
                request_id=sender["request_id"],
            )
        )
    ReadEntry.objects.bulk_create(entries, batch_size=_BATCH)
    return len(entries)


def _of(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)

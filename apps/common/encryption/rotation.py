"""Every encrypted value under the newest key, while people go on working."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pgtrigger
from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, F, Func, Value

from apps.common import audit

from . import fields, keys

#: What a sealed value begins with; of what is not sealed, nothing is read as a key's id.
_SEALED = "^([a-z0-9_-]{1,16}):[A-Za-z0-9_=-]{38,}$"


class Column(NamedTuple):
    """An encrypted field with the blind index that goes with it."""

    model: type[models.Model]
    field: fields.EncryptedTextField
    blind_index: fields.BlindIndexField | None

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field.name}"

    @property
    def written(self) -> list[str]:
        return [self.field.name, *([self.blind_index.name] if self.blind_index else [])]

    def rows(self) -> models.QuerySet:
        """All rows with a value, and in `sealed_with` the id of its key; None where it is not encrypted."""
        held = self.model._base_manager.exclude(**{self.field.name: ""}).exclude(**{f"{self.field.name}__isnull": True})
        return held.annotate(
            sealed_with=Func(F(self.field.name), Value(_SEALED), function="substring", output_field=models.CharField())
        )


def columns() -> list[Column]:
    """Every encrypted column of every model."""
    return [
        Column(model, field, fields.index_of(field))
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in fields.encrypted_fields(model)
    ]


def counts(column: Column) -> Mapping[str | None, int]:
    """The number of values by the id of their key."""
    found = column.rows().order_by().values_list("sealed_with").annotate(number=Count("pk"))
    return dict(found.order_by("sealed_with"))


def rotate(column: Column, *, batch: int, is_index_new: bool = False) -> int:
    """Every value that an older key of the ring has written is under the newest one; the number of rows rewritten.

    With `is_index_new` every row is rewritten, as the key of the blind indexes is another one. A batch is a transaction
    of its own: what broke off is gone on with by the next run. Rows are read and written under their lock, so nobody's
    change is lost. Neither `updated_at` nor the audit trail's entry of the row changes: the trail says once that it was
    done. Raises EncryptionError for a value that cannot be read.
    """
    ring = keys.ring()
    due = column.rows().filter(sealed_with__in=ring.ids if is_index_new else set(ring.ids) - {ring.newest})
    done = sum(_batches(column, due, batch))
    if done:
        audit.record("field_keys.rotated", None, column=column.name, key=ring.newest, rows=done)
    return done


def _batches(column: Column, due: models.QuerySet, batch: int) -> Iterator[int]:
    last: Any = None
    while True:
        with transaction.atomic(), _unseen_by_triggers(column.model):
            ahead = due if last is None else due.filter(pk__gt=last)
            rows = list(
                ahead.only("pk", *column.written).order_by("pk").select_for_update(of=("self",), no_key=True)[:batch]
            )
            if not rows:
                return
            column.model._base_manager.bulk_update(rows, column.written)
        last = rows[-1].pk
        yield len(rows)


@contextlib.contextmanager
def _unseen_by_triggers(model: type[models.Model]) -> Iterator[None]:
    """No trigger takes another way of writing the same value for a change, or refuses it."""
    uris = [f"{model._meta.label}:{trigger.name}" for trigger in getattr(model._meta, "triggers", [])]
    with pgtrigger.ignore(*uris) if uris else contextlib.nullcontext():
        yield

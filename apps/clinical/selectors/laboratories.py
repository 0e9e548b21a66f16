"""Laboratories as the public and their keepers read them: one query a page."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.clinical.models import Laboratory
from apps.hospitals import models as hospital_models
from apps.hospitals.selectors import rows as directory_rows

_PLAIN = ("id", "hospital_id", "country", "phone", "email", "address")
_TEXTS = ("name", "city", "hospital__name")


def laboratory_rows(language: str) -> QuerySet[Any, dict[str, Any]]:
    """The public list, as rows."""
    rows: Any = Laboratory.objects.alias(sort_name=hospital_models.sort_name(language)).raw_values(
        *_PLAIN, *directory_rows.columns(*_TEXTS, language=language)
    )
    return rows.annotate(**directory_rows.text_statuses("", "hospital__", language=language)).listed()


def laboratory_row(pk: UUID, *, user: Any, language: str) -> dict[str, Any]:
    """One laboratory as `user` may read it. Raises DoesNotExist."""
    rows: Any = Laboratory.objects.raw_values(*_PLAIN, *directory_rows.all_columns(*_TEXTS, "description"))
    statuses = directory_rows.text_statuses("", "hospital__", language=None)
    return rows.annotate(**statuses).readable_by(user).get(pk=pk)


def managed_laboratory(pk: UUID, user: Any) -> Laboratory | None:
    """The laboratory as its keepers see it; None for everyone else."""
    return Laboratory.objects.visible_to(user).filter(pk=pk).first() if user.is_authenticated else None
